// SPDX-License-Identifier: GPL-3.0-or-later
#include <opencv2/core.hpp>
#include <string>

#include "core/imaging/internal/ImageDecoders.h"

namespace countersign {

namespace {

std::string megapixels(std::int64_t pixels) { return std::to_string(pixels / 1'000'000); }

Status checkLimits(const ImageHeader& header, const ImageLimits& limits) {
  // Divided rather than multiplied: a header may claim four thousand million pixels a side.
  constexpr std::int64_t kLongestSide = 1'000'000;
  if (header.width > kLongestSide || header.height > kLongestSide ||
      header.width * header.height > limits.pixels)
    return Error{ErrorCode::ImageNotDecodable,
                 "The image is larger than " + megapixels(limits.pixels) +
                     " megapixels, the most that is read; scan it at a lower resolution.",
                 ""};
  if (header.decodedBytes() > static_cast<double>(limits.decodedBytes))
    return Error{ErrorCode::ImageNotDecodable,
                 "The image would take more than " + megapixels(limits.decodedBytes) +
                     " MB once decoded, the most that is read; scan it at a lower resolution.",
                 ""};
  return ok();
}

Result<cv::Mat> decodePixels(std::span<const std::uint8_t> bytes, const ImageHeader& header) {
  switch (header.format) {
    case ImageFormat::Png:
      return decodePng(bytes, header);
    case ImageFormat::Jpeg:
      return decodeJpeg(bytes, header);
    case ImageFormat::Tiff:
      return decodeTiff(bytes, header);
    case ImageFormat::Bmp:
      return decodeBmp(bytes, header);
    case ImageFormat::WebP:
      return decodeWebP(bytes, header);
    case ImageFormat::Pnm:
      return decodePnm(bytes, header);
  }
  return notDecodable(header.format, "no decoder");
}

/// White ink on nothing would vanish on white, so such a picture is laid on black.
int groundFor(const cv::Mat& bgra) {
  double weighted = 0;
  double total = 0;
  for (int y = 0; y < bgra.rows; ++y) {
    const auto* row = bgra.ptr<cv::Vec4b>(y);
    for (int x = 0; x < bgra.cols; ++x) {
      weighted += row[x][3] * (row[x][0] + row[x][1] + row[x][2]) / 3.0;
      total += row[x][3];
    }
  }
  constexpr double kMostlyTransparent = 0.5;
  constexpr double kLight = 160;
  const bool isMostlyTransparent =
      total < kMostlyTransparent * 255.0 * static_cast<double>(bgra.total());
  return isMostlyTransparent && total > 0 && weighted / total > kLight ? 0 : 255;
}

cv::Mat withoutAlpha(const cv::Mat& bgra) {
  const int ground = groundFor(bgra);
  cv::Mat bgr(bgra.size(), CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y) {
    const auto* in = bgra.ptr<cv::Vec4b>(y);
    auto* out = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < bgra.cols; ++x) {
      const int alpha = in[x][3];
      for (int c = 0; c < 3; ++c)
        out[x][c] = static_cast<uchar>((in[x][c] * alpha + ground * (255 - alpha) + 127) / 255);
    }
  }
  return bgr;
}

/// EXIF 2.32, tag 0x0112.
cv::Mat upright(const cv::Mat& pixels, int orientation) {
  if (orientation <= 1) return pixels;
  cv::Mat turned;
  switch (orientation) {
    case 2:
      cv::flip(pixels, turned, 1);
      break;
    case 3:
      cv::rotate(pixels, turned, cv::ROTATE_180);
      break;
    case 4:
      cv::flip(pixels, turned, 0);
      break;
    case 5:
      cv::transpose(pixels, turned);
      break;
    case 6:
      cv::rotate(pixels, turned, cv::ROTATE_90_CLOCKWISE);
      break;
    case 7:
      cv::rotate(pixels, turned, cv::ROTATE_180);
      cv::transpose(turned, turned);
      break;
    case 8:
      cv::rotate(pixels, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
      break;
    default:
      return pixels;
  }
  return turned;
}

}  // namespace

Result<DecodedImage> decodeHere(std::span<const std::uint8_t> bytes,
                                const ImageLimits& limits) try {
  const auto header = readImageHeader(bytes);
  if (!header) return header.error();
  if (auto status = checkLimits(*header, limits); !status) return status.error();
  auto pixels = decodePixels(bytes, *header);
  if (!pixels) return pixels.error();
  if (pixels->channels() == 4) *pixels = withoutAlpha(*pixels);
  return DecodedImage{upright(*pixels, header->orientation), *header};
} catch (const std::exception& e) {  // std::bad_alloc, cv::Exception
  return Error{ErrorCode::ImageNotDecodable, "The image could not be decoded.", e.what()};
}

}  // namespace countersign
