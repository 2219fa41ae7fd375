// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "core/base/Result.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

/// Decodes images in helper processes (serveImages()). A helper makes a new process for every
/// image, without files, network or processes of its own, so that an image can neither touch the
/// program nor the image after it. Any thread may call; as many helpers run as threads ask at once.
class ImageDecoder {
 public:
  /// @param program  the helper; nothing is started yet.
  explicit ImageDecoder(std::filesystem::path program);
  ~ImageDecoder();
  ImageDecoder(const ImageDecoder&) = delete;
  ImageDecoder& operator=(const ImageDecoder&) = delete;

  /// The one that decodeImage() uses, with the helper that is installed with the program.
  static ImageDecoder& shared();

  /// Starts a helper, unless one waits already: it takes a tenth of a second until it can be used,
  /// in which the caller may do something else.
  void start();

  /// As decodeImage(). A decoder that crashes, or takes longer than ten seconds of the processor,
  /// is ImageNotDecodable with one sentence; the next image finds another.
  Result<DecodedImage> decode(std::span<const std::uint8_t> bytes, const ImageLimits& limits = {});

 private:
  struct Helpers;
  std::unique_ptr<Helpers> m_helpers;
};

}  // namespace countersign
