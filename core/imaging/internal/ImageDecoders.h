// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>

#include "core/base/Result.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

/// Decodes the pixels as stored (orientation not applied) into CV_8UC1, CV_8UC3 (BGR) or CV_8UC4
/// (BGRA, colour not multiplied by alpha). The header has been read and found within the limits.
Result<cv::Mat> decodePng(std::span<const std::uint8_t> bytes, const ImageHeader& header);
Result<cv::Mat> decodeJpeg(std::span<const std::uint8_t> bytes, const ImageHeader& header);
Result<cv::Mat> decodeTiff(std::span<const std::uint8_t> bytes, const ImageHeader& header);
Result<cv::Mat> decodeBmp(std::span<const std::uint8_t> bytes, const ImageHeader& header);
Result<cv::Mat> decodeWebP(std::span<const std::uint8_t> bytes, const ImageHeader& header);
Result<cv::Mat> decodePnm(std::span<const std::uint8_t> bytes, const ImageHeader& header);

/// What decodeImage() does, in this process: for the helper that does nothing else, and for
/// fuzzing.
Result<DecodedImage> decodeHere(std::span<const std::uint8_t> bytes, const ImageLimits& limits);

/// The header of a binary PGM or PPM file (P5, P6) that has all its pixels.
Result<ImageHeader> readPnmHeader(std::span<const std::uint8_t> bytes);

/// The sentence for an image that a codec could not decode; `detail` is what the codec said.
Error notDecodable(ImageFormat format, std::string detail);

}  // namespace countersign
