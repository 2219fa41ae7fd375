// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/KeyText.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace countersign {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCheckBytes = 4;
constexpr std::size_t kBytes = kWrittenKeyBytes + kCheckBytes;
constexpr std::size_t kCharacters = 32;
constexpr unsigned kBitsEach = 5;

void addChecksum(std::span<std::uint8_t> bytes) {
  std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes.data(), kWrittenKeyBytes, nullptr, 0);
  std::copy_n(hash.begin(), kCheckBytes, bytes.begin() + kWrittenKeyBytes);
}

}  // namespace

std::string keyText(const Secret& key) {
  Secret all(kBytes);
  std::copy_n(key.bytes().begin(), kWrittenKeyBytes, all.bytes().begin());
  addChecksum(all.bytes());
  std::string text;
  text.reserve(kCharacters + kCharacters / 4);
  for (std::size_t i = 0; i < kCharacters; ++i) {
    if (i > 0 && i % 4 == 0) text += '-';
    unsigned digit = 0;
    for (unsigned b = 0; b < kBitsEach; ++b) {
      const auto bit = i * kBitsEach + b;
      digit = (digit << 1U) | ((all.bytes()[bit / 8] >> (7 - bit % 8)) & 1U);
    }
    text += kDigits[digit];
  }
  return text;
}

std::optional<Secret> keyFromText(std::string_view text) {
  Secret all(kBytes);
  std::size_t read = 0;
  for (const char given : text) {
    if (given == '-' || std::isspace(static_cast<unsigned char>(given)) != 0) continue;
    char c = static_cast<char>(std::toupper(static_cast<unsigned char>(given)));
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos || read == kCharacters) return std::nullopt;
    for (unsigned b = 0; b < kBitsEach; ++b) {
      const auto bit = read * kBitsEach + b;
      const auto value = (digit >> (kBitsEach - 1 - b)) & 1U;
      all.bytes()[bit / 8] |= static_cast<std::uint8_t>(value << (7 - bit % 8));
    }
    ++read;
  }
  if (read != kCharacters) return std::nullopt;
  Secret expected = Secret::of(all.bytes());
  addChecksum(expected.bytes());
  if (sodium_memcmp(expected.bytes().data(), all.bytes().data(), kBytes) != 0) return std::nullopt;
  return Secret::of(all.part(0, kWrittenKeyBytes));
}

}  // namespace countersign
