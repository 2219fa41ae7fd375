// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

enum class ImageFormat { Png, Jpeg, Tiff, Bmp, WebP, Pnm };
std::string_view imageFormatName(ImageFormat format);

/// What a file may cost before it is refused.
struct ImageLimits {
  std::uintmax_t fileBytes = std::uintmax_t{64} << 20U;
  std::int64_t pixels = 40'000'000;
  std::int64_t decodedBytes = 128'000'000;
};

/// What the header of an image file says, before anything is decoded.
struct ImageHeader {
  ImageFormat format = ImageFormat::Png;
  std::int64_t width = 0;   ///< Pixels as stored, before the orientation is applied.
  std::int64_t height = 0;  ///< Pixels as stored, before the orientation is applied.
  int channels = 1;         ///< Of the decoded picture: 1 grey, 3 colour, 4 colour with alpha.
  /// What a decoder keeps besides the picture: coefficients of a JPEG in several scans, deep
  /// samples.
  double extraBytesPerPixel = 0;
  int orientation = 1;                ///< EXIF / TIFF orientation, 1 to 8; 1 is upright.
  std::optional<double> dotsPerInch;  ///< Horizontal resolution, when the file has a usable one.

  /// Memory that decoding takes at its height, in bytes; a file may say more than any number holds.
  double decodedBytes() const {
    return static_cast<double>(width) * static_cast<double>(height) *
           (channels + extraBytesPerPixel);
  }
};

/// A picture as a person sees it: upright, opaque, 8 bits.
struct DecodedImage {
  /// CV_8UC1 (grey) or CV_8UC3 (BGR). Where the file has transparency, it lies on white, or on
  /// black when its opaque part is light (white ink on nothing).
  cv::Mat pixels;
  ImageHeader header;
};

/// Reads the header of an image: decides by magic number, never by the file's name, and checks that
/// the file is complete (JPEG end marker, PNG IEND with checksums, RIFF and BMP sizes).
///
/// @return  ImageNotDecodable with one sentence when the format is unknown or the file is damaged.
Result<ImageHeader> readImageHeader(std::span<const std::uint8_t> bytes);

/// Decodes PNG, JPEG, TIFF (first page; G3 and G4 fax too), BMP, WebP and binary PGM and PPM. EXIF
/// orientation is applied; palettes, 1-bit and 16-bit samples become 8 bits a channel.
///
/// Decoders are where files of others do their harm, so each image is decoded in a process of its
/// own that may do nothing but compute (core/imaging/ImageDecoder.h). Any thread may call this.
///
/// @return  ImageNotDecodable with one sentence for anything unknown, damaged, truncated or over
/// the
///          limits, which are checked on the header, before any pixel is allocated.
Result<DecodedImage> decodeImage(std::span<const std::uint8_t> bytes,
                                 const ImageLimits& limits = {});

/// A lossless PNG of a picture, CV_8UC1 or CV_8UC3 (BGR).
std::vector<std::uint8_t> encodePng(const cv::Mat& image);

/// readFile() and decodeImage(); the sentence of a failure names the file.
Result<DecodedImage> readImage(const std::filesystem::path& path, const ImageLimits& limits = {});

}  // namespace countersign
