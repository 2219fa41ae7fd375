// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/internal/ImageDecoders.h"
#include "tests/fuzz/Fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign;
  // Small enough to be quick, with room for everything but size.
  constexpr std::int64_t kPixels = 1 << 20;
  constexpr std::int64_t kDecoded = 1 << 23;
  const auto decoded = decodeHere({data, size}, {size, kPixels, kDecoded});
  if (!decoded) return decoded.error().message.empty() ? -1 : 0;
  // Every pixel is there, and of the promised kind.
  if (decoded->pixels.depth() != CV_8U) __builtin_trap();
  if (decoded->pixels.channels() != 1 && decoded->pixels.channels() != 3) __builtin_trap();
  unsigned sum = 0;
  for (int row = 0; row < decoded->pixels.rows; ++row)
    for (std::size_t i = 0; i < decoded->pixels.cols * decoded->pixels.elemSize(); ++i)
      sum += decoded->pixels.ptr(row)[i];
  return sum == 1 ? 1 : 0;
}
