// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "core/base/File.h"

namespace countersign::test {

/// A signature of an invented person, dark on white, without tones: CV_8UC1.
cv::Mat signatureDrawing(std::uint64_t number = 1, std::uint64_t index = 0);

/// An image file in memory; `extension` is ".png", ".jpg", ".tiff", ".bmp", ".webp", ".pgm" or
/// ".ppm".
Bytes encoded(const cv::Mat& image, const std::string& extension);

/// A JPEG whose EXIF block gives an orientation (1 to 8) and a resolution.
Bytes jpegWithExif(const cv::Mat& image, int orientation, int dotsPerInch);

/// A fax page: one bit a pixel, CCITT Group 4; `mask` is 0 where there is ink.
Bytes faxTiff(const cv::Mat& mask);

/// A PNG whose header claims another size than its data has; its checksum is right.
Bytes pngClaiming(std::uint32_t width, std::uint32_t height);

/// A PNG text chunk that inflates to `size` bytes.
Bytes pngTextBomb(std::size_t size);

/// A video of frames (CV_8UC3, all of one size); gives `path` back.
std::filesystem::path writeVideo(const std::filesystem::path& path,
                                 const std::vector<cv::Mat>& frames, double perSecond);

/// Writes bytes to a file.
void writeBytes(const std::filesystem::path& path, const Bytes& bytes);

}  // namespace countersign::test
