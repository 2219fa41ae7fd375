// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Secret.h"

#include <sodium.h>

#include <algorithm>
#include <new>

namespace countersign {

Secret::Secret(std::size_t size) : m_size(size) {
  if (sodium_init() < 0) throw std::bad_alloc();
  m_bytes.reset(static_cast<std::uint8_t*>(sodium_malloc(std::max<std::size_t>(size, 1))));
  if (!m_bytes) throw std::bad_alloc();
  sodium_memzero(m_bytes.get(), size);
}

Secret Secret::of(std::span<const std::uint8_t> bytes) {
  Secret secret(bytes.size());
  std::copy(bytes.begin(), bytes.end(), secret.m_bytes.get());
  return secret;
}

Secret Secret::of(std::string_view text) {
  return of({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Secret Secret::random(std::size_t size) {
  Secret secret(size);
  randombytes_buf(secret.m_bytes.get(), size);
  return secret;
}

std::string_view Secret::text() const {
  return {reinterpret_cast<const char*>(m_bytes.get()), m_size};
}

void Secret::Free::operator()(std::uint8_t* bytes) const { sodium_free(bytes); }

void wipe(std::span<std::uint8_t> bytes) { sodium_memzero(bytes.data(), bytes.size()); }

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace countersign
