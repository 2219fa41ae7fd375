// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace countersign {

/// SHA-256 (FIPS 180-4) of everything that was added, as 64 lower-case hexadecimal digits.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  Sha256& add(std::span<const std::byte> bytes);
  Sha256& add(std::string_view text);
  /// Ends the computation; nothing may be added afterwards.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace countersign
