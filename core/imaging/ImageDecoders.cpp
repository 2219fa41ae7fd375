// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/internal/ImageDecoders.h"

#include <png.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/imaging/internal/ByteReader.h"

namespace countersign {

namespace {

cv::Mat matFor(const ImageHeader& header) {
  cv::Mat pixels;
  pixels.create(static_cast<int>(header.height), static_cast<int>(header.width),
                CV_8UC(header.channels));
  return pixels;
}

/// A PNG with the parts that decide its pixels only: libpng would inflate and keep every text that
/// a file holds, up to 8 MB each. The caller has walked all parts already.
std::vector<std::uint8_t> essentialPng(std::span<const std::uint8_t> file) {
  constexpr std::size_t kSignature = 8;
  constexpr std::size_t kOverhead = 12;  // length, name, checksum
  constexpr std::array<std::string_view, 9> kEssential{"IHDR", "PLTE", "tRNS", "gAMA", "sRGB",
                                                       "cHRM", "sBIT", "IDAT", "IEND"};
  const ByteReader reader(file);
  std::vector<std::uint8_t> kept(file.begin(), file.begin() + kSignature);
  for (std::size_t at = kSignature; reader.has(at, kOverhead);) {
    const auto part = reader.slice(at, kOverhead + reader.u32(at));
    const bool isEssential =
        std::any_of(kEssential.begin(), kEssential.end(),
                    [&](std::string_view name) { return reader.matches(at + 4, name); });
    if (isEssential) kept.insert(kept.end(), part.begin(), part.end());
    at += kOverhead + reader.u32(at);
  }
  return kept;
}

/// CMYK as Adobe's programs write it into JPEG: inverted, so that multiplying by K gives RGB.
cv::Mat bgrOfInvertedCmyk(const cv::Mat& cmyk) {
  cv::Mat bgr(cmyk.size(), CV_8UC3);
  for (int y = 0; y < cmyk.rows; ++y) {
    const auto* in = cmyk.ptr<cv::Vec4b>(y);
    auto* out = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < cmyk.cols; ++x) {
      const auto scaled = [&](int c) { return static_cast<uchar>(in[x][c] * in[x][3] / 255); };
      out[x] = {scaled(2), scaled(1), scaled(0)};
    }
  }
  return bgr;
}

}  // namespace

Error notDecodable(ImageFormat format, std::string detail) {
  return {
      ErrorCode::ImageNotDecodable,
      "The " + std::string(imageFormatName(format)) + " image is damaged and cannot be decoded.",
      std::move(detail)};
}

Result<cv::Mat> decodePng(std::span<const std::uint8_t> file, const ImageHeader& header) {
  const auto bytes = essentialPng(file);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> cleanUp(&image, &png_image_free);
  const auto failure = [&] { return notDecodable(ImageFormat::Png, image.message); };
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return failure();
  // Without it, 16-bit samples of files without a gamma chunk are taken for linear light.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image.format = header.channels == 1   ? PNG_FORMAT_GRAY
                 : header.channels == 3 ? PNG_FORMAT_BGR
                                        : PNG_FORMAT_BGRA;
  cv::Mat pixels = matFor(header);
  if (png_image_finish_read(&image, nullptr, pixels.data, static_cast<int>(pixels.step[0]),
                            nullptr) == 0)
    return failure();
  return pixels;
}

Result<cv::Mat> decodeJpeg(std::span<const std::uint8_t> bytes, const ImageHeader& header) {
  const std::unique_ptr<void, decltype(&tjDestroy)> decoder(tjInitDecompress(), &tjDestroy);
  const auto failure = [&] {
    return notDecodable(ImageFormat::Jpeg, tjGetErrorStr2(decoder.get()));
  };
  if (!decoder) return notDecodable(ImageFormat::Jpeg, "no decoder");
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colourSpace = 0;
  if (tjDecompressHeader3(decoder.get(), bytes.data(), bytes.size(), &width, &height, &subsampling,
                          &colourSpace) != 0 ||
      width != header.width || height != header.height)
    return failure();
  const int format = header.channels == 1 ? TJPF_GRAY : header.channels == 3 ? TJPF_BGR : TJPF_CMYK;
  cv::Mat pixels = matFor(header);
  const int status =
      tjDecompress2(decoder.get(), bytes.data(), bytes.size(), pixels.data, width,
                    static_cast<int>(pixels.step[0]), height, format, TJFLAG_LIMITSCANS);
  if (status != 0) {
    // Stray bytes before the end harm nothing and are common; all other warnings mean that part of
    // the picture was made up. Only the first warning is told, so it must be one that comes last.
    const std::string said = tjGetErrorStr2(decoder.get());
    if (tjGetErrorCode(decoder.get()) != TJERR_WARNING ||
        said.find("extraneous bytes before marker 0xd9") == std::string::npos)
      return failure();
  }
  return header.channels == 4 ? bgrOfInvertedCmyk(pixels) : pixels;
}

Result<cv::Mat> decodeBmp(std::span<const std::uint8_t> bytes, const ImageHeader&) try {
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8UC1,
                       const_cast<std::uint8_t*>(bytes.data()));
  // The fourth byte of 32-bit BMP files is mostly unset, so it is not taken for transparency.
  cv::Mat pixels = cv::imdecode(buffer, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  if (pixels.empty()) return notDecodable(ImageFormat::Bmp, "imdecode gave nothing");
  return pixels;
} catch (const cv::Exception& e) { return notDecodable(ImageFormat::Bmp, e.what()); }

Result<cv::Mat> decodeWebP(std::span<const std::uint8_t> bytes, const ImageHeader& header) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK ||
      features.width != header.width || features.height != header.height)
    return notDecodable(ImageFormat::WebP, "features");
  if (features.has_animation != 0)
    return Error{ErrorCode::ImageNotDecodable,
                 "This WebP file is an animation; save one of its pictures as an image.", ""};
  cv::Mat pixels(features.height, features.width, CV_8UC(features.has_alpha != 0 ? 4 : 3));
  const auto size = pixels.total() * pixels.elemSize();
  const auto decode = features.has_alpha != 0 ? &WebPDecodeBGRAInto : &WebPDecodeBGRInto;
  if (decode(bytes.data(), bytes.size(), pixels.data, size, static_cast<int>(pixels.step[0])) ==
      nullptr)
    return notDecodable(ImageFormat::WebP, "decode");
  return pixels;
}

}  // namespace countersign
