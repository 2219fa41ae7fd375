// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/File.h"

namespace countersign {

/// Bytes of every key in here.
inline constexpr std::size_t kKeyBytes = 32;
/// How much longer a sealed text is: nonce and tag.
inline constexpr std::size_t kSealBytes = 24 + 16;

using KeySpan = std::span<const std::uint8_t, kKeyBytes>;

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a random nonce: nonce, ciphertext, tag.
///
/// @param associated  what the ciphertext belongs to; it cannot be unsealed as anything else.
Bytes seal(KeySpan key, std::string_view associated, std::span<const std::uint8_t> text);

/// @param text  room for sealed.size() − kSealBytes bytes.
/// @return      false when it was not sealed with this key for this purpose, or was changed.
bool unseal(KeySpan key, std::string_view associated, std::span<const std::uint8_t> sealed,
            std::span<std::uint8_t> text);
std::optional<Bytes> unseal(KeySpan key, std::string_view associated,
                            std::span<const std::uint8_t> sealed);

/// Keyed BLAKE2b of a text: another key, or a value that tells nothing without the key.
///
/// @param result  16 to 64 bytes.
void keyedHash(KeySpan key, std::span<const std::uint8_t> text, std::span<std::uint8_t> result);

/// HMAC-SHA-256 (RFC 2104) of two texts, one after the other.
Bytes messageCode(KeySpan key, std::string_view first, std::span<const std::uint8_t> second);

}  // namespace countersign
