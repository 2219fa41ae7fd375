// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/Embedding.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

namespace countersign {

double cosineSimilarity(const std::vector<float>& a, const std::vector<float>& b) {
  assert(a.size() == b.size());
  double dot = 0;
  double normA = 0;
  double normB = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    normA += double{a[i]} * a[i];
    normB += double{b[i]} * b[i];
  }
  if (normA == 0 || normB == 0) return 0;
  return std::clamp(dot / std::sqrt(normA * normB), -1.0, 1.0);
}

static_assert(std::endian::native == std::endian::little, "stores hold little-endian floats");

Bytes embeddingBytes(const EmbeddedSample& sample) {
  Bytes bytes(sample.embedding.size() * sizeof(float));
  if (!bytes.empty()) std::memcpy(bytes.data(), sample.embedding.data(), bytes.size());
  return bytes;
}

Result<EmbeddedSample> embeddingFrom(const Bytes& bytes) {
  EmbeddedSample sample;
  sample.embedding.resize(bytes.size() / sizeof(float));
  if (!bytes.empty() && bytes.size() % sizeof(float) == 0)
    std::memcpy(sample.embedding.data(), bytes.data(), bytes.size());
  const bool isFinite = std::all_of(sample.embedding.begin(), sample.embedding.end(),
                                    [](float value) { return std::isfinite(value); });
  if (bytes.size() % sizeof(float) != 0 || sample.embedding.empty() || !isFinite)
    return Error{ErrorCode::FileMalformed, "A stored embedding is damaged.", ""};
  return sample;
}

}  // namespace countersign
