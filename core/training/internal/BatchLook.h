// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/metric/internal/Branch.h"
#include "core/metric/internal/LabelledBatch.h"
#include "core/training/TrainingJob.h"

namespace countersign {

/// Scores of a batch by what its pairs are, and its hardest pairs as pictures.
///
/// @param input  that the scores are of.
BatchSeen lookInto(const LabelledBatch& samples, const BranchInput& input, std::int64_t step);

/// Means since the last point of the curves.
class CurveMeans {
 public:
  void add(double loss, const std::vector<double>& terms, double images, double seconds) {
    m_loss += loss;
    m_terms.resize(terms.size());
    for (std::size_t i = 0; i < terms.size(); ++i) m_terms[i] += terms[i];
    m_images += images;
    m_seconds += seconds;
    ++m_batches;
  }
  bool isEmpty() const { return m_batches == 0; }
  CurvePoint take(std::int64_t step) {
    const double count = std::max(1, m_batches);
    CurvePoint point{.step = step,
                     .loss = m_loss / count,
                     .terms = m_terms,
                     .imagesPerSecond = m_images / std::max(m_seconds, 1e-9)};
    for (auto& term : point.terms) term /= count;
    *this = {};
    return point;
  }

 private:
  double m_loss = 0;
  std::vector<double> m_terms;
  double m_images = 0;
  double m_seconds = 0;
  int m_batches = 0;
};

}  // namespace countersign
