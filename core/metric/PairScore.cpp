// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/PairScore.h"

#include <torch/torch.h>

#include <cmath>

namespace countersign {

namespace {

namespace functional = torch::nn::functional;

/// L1 distance of all pairs; cdist has no second derivative, which nothing here needs.
at::Tensor manhattanDistances(const at::Tensor& a, const at::Tensor& b) {
  return (a.unsqueeze(1) - b.unsqueeze(0)).abs().sum(2);
}

/// Maps as [cells, samples, channels], unit length a cell, and lengths as [samples, cells].
struct Cells {
  at::Tensor unit;
  at::Tensor length;
};

/// Keeps the slope of a length finite at zero; far below the smallest length that counts.
constexpr double kSmallestLength = 1e-6;

Cells cellsOf(const at::Tensor& maps) {
  const auto length = (maps.square().sum(1) + kSmallestLength * kSmallestLength).sqrt();
  const auto unit = maps / length.unsqueeze(1);
  return {unit.flatten(2).permute({2, 0, 1}).contiguous(), length.flatten(1)};
}

/// Places of the cells of one map that lie at (dy, dx) from the cells of another, and which exist.
struct Shift {
  at::Tensor place;   ///< int64 [cells]; any valid place where it does not exist.
  at::Tensor exists;  ///< bool [cells]
};

Shift shiftBy(int64_t rows, int64_t columns, int64_t dy, int64_t dx) {
  std::vector<int64_t> places;
  std::vector<int64_t> exists;
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      const auto v = y + dy;
      const auto u = x + dx;
      const bool isThere = v >= 0 && v < rows && u >= 0 && u < columns;
      places.push_back(isThere ? v * columns + u : 0);
      exists.push_back(isThere ? 1 : 0);
    }
  }
  return {torch::tensor(places), torch::tensor(exists).to(at::kBool)};
}

/// [a, b]: how well the cells of a are found in b.
at::Tensor agreement(const Cells& a, const Cells& b, int64_t rows, int64_t columns) {
  at::Tensor best;
  for (int64_t dy = -1; dy <= 1; ++dy) {
    for (int64_t dx = -1; dx <= 1; ++dx) {
      const auto shift = shiftBy(rows, columns, dy, dx);
      const auto found = at::bmm(a.unit, b.unit.index_select(0, shift.place).transpose(1, 2))
                             .masked_fill(~shift.exists.reshape({-1, 1, 1}), -1.0);
      best = best.defined() ? at::maximum(best, found) : found;
    }
  }
  const auto weight = a.length / a.length.sum(1, /*keepdim=*/true);
  return (best * weight.t().unsqueeze(2)).sum(0);
}

}  // namespace

at::Tensor localScores(const at::Tensor& a, const at::Tensor& b) {
  const auto rows = a.size(2);
  const auto columns = a.size(3);
  const auto cellsA = cellsOf(a);
  if (a.is_same(b)) {  // one batch against itself: the other direction is the transposed
    const auto one = agreement(cellsA, cellsA, rows, columns);
    return 0.5 * (one + one.t());
  }
  const auto cellsB = cellsOf(b);
  return 0.5 *
         (agreement(cellsA, cellsB, rows, columns) + agreement(cellsB, cellsA, rows, columns).t());
}

PairScore::PairScore(const PairScoreShape& shape) : m_shape(shape) {
  // The logit of one half: neither comparison leads at the start.
  if (shape.hasMap) m_localMix = register_parameter("localMix", torch::zeros({1}));
  if (shape.kind == ScoreKind::LearnedHead) {
    // Starts as a plain distance: more difference, lower score.
    m_headWeight =
        register_parameter("headWeight", torch::full({int64_t{shape.embeddingSize}}, -1.0));
    m_headOffset = register_parameter(
        "headOffset", torch::full({1}, 0.5 * std::sqrt(static_cast<double>(shape.embeddingSize))));
  }
}

double PairScore::localShare() const {
  return m_localMix.defined() ? m_localMix.sigmoid().item<double>() : 0;
}

at::Tensor PairScore::whole(const at::Tensor& a, const at::Tensor& b) const {
  switch (m_shape.kind) {
    case ScoreKind::Euclidean: {
      constexpr double kFloor = 1e-8;  // keeps the root's slope finite
      return -(2 - 2 * at::mm(a, b.t())).clamp_min(kFloor).sqrt();
    }
    case ScoreKind::Manhattan:
      return -manhattanDistances(a, b);
    case ScoreKind::ExpManhattan:
      return at::exp(-manhattanDistances(a, b));
    case ScoreKind::LearnedHead:
      return at::sigmoid(at::matmul((a.unsqueeze(1) - b.unsqueeze(0)).abs(), m_headWeight) +
                         m_headOffset);
    case ScoreKind::Cosine:
      break;
  }
  return at::mm(a, b.t());
}

at::Tensor PairScore::between(const BranchOutput& a, const BranchOutput& b) const {
  auto score = whole(a.embeddings, b.embeddings);
  if (!m_localMix.defined()) return score;
  const auto share = m_localMix.sigmoid();
  return (1 - share) * score + share * localScores(a.maps, b.maps);
}

double PairScore::headScore(const std::vector<float>& a, const std::vector<float>& b) const {
  const torch::NoGradGuard noGrad;
  const auto row = [](const std::vector<float>& values) {
    return torch::tensor(values).unsqueeze(0);
  };
  return whole(row(a), row(b)).item<double>();
}

}  // namespace countersign
