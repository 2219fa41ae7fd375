// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include "core/imaging/ImageFile.h"

namespace countersign {

/// What the process of an image found. Plain numbers: the other side checks each of them.
struct DecoderReply {
  std::uint32_t isDecoded = 0;
  std::int32_t format = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int32_t headerChannels = 0;
  std::int32_t orientation = 0;
  double extraBytesPerPixel = 0;
  double dotsPerInch = 0;  ///< 0: unknown.
  std::int32_t rows = 0;
  std::int32_t columns = 0;
  std::int32_t channels = 0;  ///< Of the picture: 1 or 3.
  std::uint64_t at = 0;       ///< Where in `pixels` it begins; its rows follow closely.
  std::uint64_t used = 0;     ///< Of `pixels`, with what was only needed on the way.
  std::array<char, 512> message = {};
  std::array<char, 512> detail = {};
};

/// The memory that a program and its decoding helper share, for one image at a time. The program
/// fills in the question, and clears all of it before the next one.
struct DecoderArena {
  static constexpr std::size_t kLargestFile = std::size_t{64} << 20U;
  static constexpr std::size_t kLargestPicture = 128'000'000;

  std::uint64_t fileBytes = 0;
  ImageLimits limits;
  DecoderReply reply;

  alignas(4096) std::array<std::uint8_t, kLargestFile> file;
  alignas(4096) std::array<std::uint8_t, kLargestPicture> pixels;
};

/// What a helper says of its processes.
enum class DecoderNews : char {
  Ready = 'r',  ///< A new process waits for an image; there is none from before.
  Crashed = 'c',
  TooSlow = 's',
  Unconfined = 'u'
};

/// Descriptors that the helper is started with. A question (a byte) and its answer (a byte) go
/// between the program and the process of the image; DecoderNews come from the helper, where no
/// image has a hand in it.
constexpr int kDecoderQuestions = 3;
constexpr int kDecoderNews = 4;
constexpr int kDecoderArena = 5;

}  // namespace countersign
