// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/base/Error.h"

namespace countersign {

/// A value or an Error. Has the observers of C++23 std::expected<T, Error>, so that it
/// can become an alias of it once clang-tidy's clang can parse <expected>.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return m_state.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  const T& value() const& {
    assert(has_value());
    return std::get<0>(m_state);
  }
  T& value() & {
    assert(has_value());
    return std::get<0>(m_state);
  }
  T&& value() && {
    assert(has_value());
    return std::get<0>(std::move(m_state));
  }
  const Error& error() const {
    assert(!has_value());
    return std::get<1>(m_state);
  }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  template <typename F>
  auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
    if (has_value()) return std::forward<F>(next)(std::get<0>(std::move(m_state)));
    return std::get<1>(std::move(m_state));
  }

 private:
  std::variant<T, Error> m_state;
};

/// The result of something that either works or does not.
using Status = Result<std::monostate>;

/// Success, as a Status.
inline Status ok() { return std::monostate{}; }

}  // namespace countersign
