// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/Secret.h"

namespace countersign {

/// Bytes of a key that people write down: 128 random bits.
inline constexpr std::size_t kWrittenKeyBytes = 16;

/// In eight groups of four (base 32 by Crockford: no I, L, O, U), the last 32 bits a checksum.
std::string keyText(const Secret& key);

/// Reads it, in any case, with or without dashes and spaces, O as 0 and I or L as 1; nothing when
/// it was mistyped.
std::optional<Secret> keyFromText(std::string_view text);

}  // namespace countersign
