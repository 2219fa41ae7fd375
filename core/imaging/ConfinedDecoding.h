// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>

#include "core/base/Result.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

using DecodeImage =
    std::function<Result<DecodedImage>(std::span<const std::uint8_t> bytes, const ImageLimits&)>;

/// What the helper of an ImageDecoder does, until the program that started it is gone: for each
/// image it forks a process that gives up everything but computing (libseccomp's allow-list; no
/// files, no memory that can be executed, one GB more memory than the helper), decodes
/// into memory that both programs share, and ends.
///
/// @param decode   is called in the process of the image.
/// @param seconds  of the processor that an image may take.
/// @return         exit code of the program.
int serveImages(const DecodeImage& decode, unsigned seconds);

/// serveImages() with the decoders of this program.
int serveImages();

}  // namespace countersign
