// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace countersign {

/// Bytes that nobody else is to see: in memory of its own between pages that may not be touched,
/// kept out of swap and core dumps where the system allows it, and wiped when it goes (libsodium's
/// sodium_malloc).
class Secret {
 public:
  /// Zeros.
  explicit Secret(std::size_t size);
  static Secret of(std::string_view text);
  static Secret of(std::span<const std::uint8_t> bytes);
  static Secret random(std::size_t size);

  std::size_t size() const { return m_size; }
  std::span<const std::uint8_t> bytes() const { return {m_bytes.get(), m_size}; }
  std::span<std::uint8_t> bytes() { return {m_bytes.get(), m_size}; }
  /// Valid as long as the secret.
  std::string_view text() const;
  std::span<const std::uint8_t> part(std::size_t from, std::size_t size) const {
    return bytes().subspan(from, size);
  }

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const;
  };
  std::unique_ptr<std::uint8_t[], Free> m_bytes;  // NOLINT(modernize-avoid-c-arrays)
  std::size_t m_size = 0;
};

/// Wipes a buffer that a secret passed through; the compiler does not leave it out.
void wipe(std::span<std::uint8_t> bytes);
/// The same for text, which is then empty.
void wipe(std::string& text);

}  // namespace countersign
