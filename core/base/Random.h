// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <utility>

namespace countersign {

/// A small deterministic generator (SplitMix64; Steele, Lea & Flood, 2014) whose stream is a
/// function of its key alone: Random({seed, step, image}) gives the same numbers on every machine
/// and needs no state in a checkpoint. Distributions are written out, since the standard library's
/// differ between implementations. Not for secrets.
class Random {
 public:
  explicit Random(std::initializer_list<std::uint64_t> key) {
    for (const auto part : key) m_state = mix(m_state ^ mix(part + kGamma));
  }

  std::uint64_t next() { return mix(m_state += kGamma); }

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Uniform in 0 .. count - 1; count must be positive.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }

  /// Standard normal (Box & Muller, 1958).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  double normal(double mean, double deviation) { return mean + deviation * normal(); }

  bool chance(double probability) { return uniform() < probability; }

  /// Fisher-Yates shuffle of anything with size() and operator[].
  template <typename Sequence>
  void shuffle(Sequence& sequence) {
    for (std::size_t i = sequence.size(); i > 1; --i) {
      using std::swap;
      swap(sequence[i - 1], sequence[below(i)]);
    }
  }

 private:
  static constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15ULL;
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t m_state = 0;
};

}  // namespace countersign
