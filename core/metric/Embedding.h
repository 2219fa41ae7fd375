// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "core/base/File.h"
#include "core/base/Result.h"

namespace countersign {

/// A sample as the network sees it: all that a comparison needs.
struct EmbeddedSample {
  /// Point on the unit sphere.
  std::vector<float> embedding;
  /// Dense descriptors of a branch that has them, [channels, rows, columns]; empty otherwise.
  std::vector<float> map;
  std::array<int, 3> mapShape{};
};

/// Cosine of the angle between two vectors of one length, in [-1, 1]; 0 if one of them is zero.
double cosineSimilarity(const std::vector<float>& a, const std::vector<float>& b);

/// The embedding alone as little-endian 32-bit floats, as stores keep it, and back.
///
/// @return  FileMalformed when the length is no whole number of floats, or a float is not finite.
Bytes embeddingBytes(const EmbeddedSample& sample);
Result<EmbeddedSample> embeddingFrom(const Bytes& bytes);

}  // namespace countersign
