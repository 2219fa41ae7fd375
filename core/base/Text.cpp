// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Text.h"

#include <cstdint>

namespace countersign {

bool isUtf8(std::string_view text) {
  constexpr unsigned kContinuation = 0x80;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    // How many bytes follow, and the smallest character that may be written with so many.
    const int following = lead < 0x80 ? 0 : lead >> 5 == 0x06 ? 1 : lead >> 4 == 0x0E ? 2 : 3;
    if (following == 3 && lead >> 3 != 0x1E) return false;
    constexpr std::uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    if (text.size() - i <= static_cast<std::size_t>(following)) return false;
    std::uint32_t character = following == 0 ? lead : lead & (0x3FU >> following);
    for (int k = 1; k <= following; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((next & 0xC0U) != kContinuation) return false;
      character = character << 6 | (next & 0x3FU);
    }
    const bool isSurrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < kSmallest[following] || character > 0x10FFFF || isSurrogate) return false;
    i += static_cast<std::size_t>(following) + 1;
  }
  return true;
}

}  // namespace countersign
