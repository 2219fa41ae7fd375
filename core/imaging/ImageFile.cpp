// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/ImageFile.h"

#include <opencv2/imgcodecs.hpp>

#include "core/base/File.h"
#include "core/imaging/ImageDecoder.h"

namespace countersign {

Result<DecodedImage> decodeImage(std::span<const std::uint8_t> bytes, const ImageLimits& limits) {
  return ImageDecoder::shared().decode(bytes, limits);
}

std::vector<std::uint8_t> encodePng(const cv::Mat& image) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".png", image, bytes);
  return bytes;
}

Result<DecodedImage> readImage(const std::filesystem::path& path, const ImageLimits& limits) {
  const auto bytes = readFile(path, limits.fileBytes);
  if (!bytes) return bytes.error();
  auto image = decodeImage(*bytes, limits);
  if (!image)
    return Error{image.error().code, quoted(path) + ": " + image.error().message,
                 image.error().detail};
  return image;
}

}  // namespace countersign
