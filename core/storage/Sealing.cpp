// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Sealing.h"

#include <sodium.h>

namespace countersign {

namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(kSealBytes == kNonceBytes + crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(kKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Bytes seal(KeySpan key, std::string_view associated, std::span<const std::uint8_t> text) {
  Bytes sealed(text.size() + kSealBytes);
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceBytes, nullptr, text.data(),
                                             text.size(), bytesOf(associated), associated.size(),
                                             nullptr, sealed.data(), key.data());
  return sealed;
}

bool unseal(KeySpan key, std::string_view associated, std::span<const std::uint8_t> sealed,
            std::span<std::uint8_t> text) {
  if (sealed.size() < kSealBytes || text.size() != sealed.size() - kSealBytes) return false;
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             text.data(), nullptr, nullptr, sealed.data() + kNonceBytes,
             sealed.size() - kNonceBytes, bytesOf(associated), associated.size(), sealed.data(),
             key.data()) == 0;
}

std::optional<Bytes> unseal(KeySpan key, std::string_view associated,
                            std::span<const std::uint8_t> sealed) {
  if (sealed.size() < kSealBytes) return std::nullopt;
  Bytes text(sealed.size() - kSealBytes);
  if (!unseal(key, associated, sealed, text)) return std::nullopt;
  return text;
}

void keyedHash(KeySpan key, std::span<const std::uint8_t> text, std::span<std::uint8_t> result) {
  crypto_generichash(result.data(), result.size(), text.data(), text.size(), key.data(),
                     key.size());
}

Bytes messageCode(KeySpan key, std::string_view first, std::span<const std::uint8_t> second) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, bytesOf(first), first.size());
  crypto_auth_hmacsha256_update(&state, second.data(), second.size());
  Bytes code(crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_final(&state, code.data());
  return code;
}

}  // namespace countersign
