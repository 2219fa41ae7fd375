// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/Embedding.h"

#include <algorithm>
#include <cassert>
#include <cmath>

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

}  // namespace countersign
