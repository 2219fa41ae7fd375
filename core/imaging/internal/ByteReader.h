// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace countersign {

/// Bounds-checked reads of big- and little-endian numbers; a read past the end
/// gives 0.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes, bool isBigEndian = true)
      : m_bytes(bytes), m_isBigEndian(isBigEndian) {}

  std::uint8_t u8(std::size_t at) const { return static_cast<std::uint8_t>(number(at, 1)); }
  std::uint16_t u16(std::size_t at) const { return static_cast<std::uint16_t>(number(at, 2)); }
  std::uint32_t u24(std::size_t at) const { return number(at, 3); }
  std::uint32_t u32(std::size_t at) const { return number(at, 4); }

  bool has(std::size_t at, std::size_t count) const {
    return at <= m_bytes.size() && count <= m_bytes.size() - at;
  }
  bool matches(std::size_t at, std::string_view text) const {
    return has(at, text.size()) &&
           std::string_view(reinterpret_cast<const char*>(m_bytes.data()) + at, text.size()) ==
               text;
  }
  std::span<const std::uint8_t> slice(std::size_t at, std::size_t count) const {
    return has(at, count) ? m_bytes.subspan(at, count) : std::span<const std::uint8_t>{};
  }
  std::size_t size() const { return m_bytes.size(); }

 private:
  std::uint32_t number(std::size_t at, std::size_t count) const {
    if (!has(at, count)) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto byte = m_bytes[m_isBigEndian ? at + i : at + count - 1 - i];
      value = (value << 8U) | byte;
    }
    return value;
  }

  std::span<const std::uint8_t> m_bytes;
  bool m_isBigEndian;
};

}  // namespace countersign
