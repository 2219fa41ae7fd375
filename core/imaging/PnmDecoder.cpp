// SPDX-License-Identifier: GPL-3.0-or-later
#include <cctype>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/imaging/internal/ByteReader.h"
#include "core/imaging/internal/ImageDecoders.h"

namespace countersign {

namespace {

/// The four words at the head of a file: kind, width, height, greatest value.
struct PnmHead {
  bool isColour = false;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t greatest = 0;
  std::size_t pixels = 0;  ///< Offset of the first one.
};

/// The next number, after spaces and comments; −1 when there is none.
std::int64_t nextNumber(const ByteReader& reader, std::size_t& at) {
  for (bool isComment = false; reader.has(at, 1); ++at) {
    const int c = reader.u8(at);
    if (c == '#') isComment = true;
    if (c == '\n') isComment = false;
    if (!isComment && std::isspace(c) == 0) break;
  }
  constexpr std::int64_t kMost = 1'000'000'000;
  std::int64_t number = -1;
  for (; reader.has(at, 1) && std::isdigit(reader.u8(at)) != 0 && number < kMost; ++at)
    number = std::max<std::int64_t>(number, 0) * 10 + (reader.u8(at) - '0');
  return number;
}

PnmHead headOf(const ByteReader& reader) {
  PnmHead head{.isColour = reader.matches(0, "P6")};
  std::size_t at = 2;
  head.width = nextNumber(reader, at);
  head.height = nextNumber(reader, at);
  head.greatest = nextNumber(reader, at);
  head.pixels = at + 1;
  return head;
}

}  // namespace

Result<ImageHeader> readPnmHeader(std::span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes);
  const auto head = headOf(reader);
  constexpr std::int64_t kGreatest = 255;
  constexpr std::int64_t kLongestSide = 1'000'000;
  if (head.width < 0 || head.height < 0 || head.greatest < 1 || head.width > kLongestSide ||
      head.height > kLongestSide)
    return notDecodable(ImageFormat::Pnm, "its head makes no sense");
  if (head.greatest > kGreatest)
    return Error{ErrorCode::ImageNotDecodable,
                 "PNM files with more than 8 bits a channel are not read; save the image as PNG.",
                 ""};
  const ImageHeader header{.format = ImageFormat::Pnm,
                           .width = head.width,
                           .height = head.height,
                           .channels = head.isColour ? 3 : 1};
  const auto wanted = static_cast<std::size_t>(head.width * head.height * header.channels);
  if (!reader.has(head.pixels, wanted))
    return Error{ErrorCode::ImageNotDecodable,
                 "The PNM image is damaged or cut off: it ends before its last row.", ""};
  return header;
}

Result<cv::Mat> decodePnm(std::span<const std::uint8_t> bytes, const ImageHeader& header) {
  const auto head = headOf(ByteReader(bytes));
  const cv::Mat stored(static_cast<int>(header.height), static_cast<int>(header.width),
                       CV_8UC(header.channels),
                       const_cast<std::uint8_t*>(bytes.data() + head.pixels));
  cv::Mat pixels;
  constexpr double kWhite = 255;
  stored.convertTo(pixels, CV_8U, kWhite / static_cast<double>(head.greatest));
  if (head.isColour) cv::cvtColor(pixels, pixels, cv::COLOR_RGB2BGR);
  return pixels;
}

}  // namespace countersign
