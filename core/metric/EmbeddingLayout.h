// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"

namespace countersign {

/// A place on a map of embeddings. Distances have no unit.
struct MapPoint {
  float x = 0;
  float y = 0;
};

/// The plane through the embeddings in which they spread most (principal components; Pearson,
/// 1901), with its origin in their mean and scaled to fit in [-1, 1]. The first axis is the one of
/// greatest spread; each points to where its largest loading is positive, so that the same
/// embeddings give the same picture.
///
/// @param embeddings  all of one length; fewer than two lie at the origin.
std::vector<MapPoint> principalPlane(const std::vector<std::vector<float>>& embeddings);

/// Lays embeddings out so that near neighbours stay near: t-SNE with the Barnes-Hut approximation
/// (van der Maaten, 2014), starting from their principal plane. Distances between far groups mean
/// nothing.
///
/// Deterministic.
class NeighbourLayout {
 public:
  struct Options {
    double perplexity = 20;  ///< About how many neighbours a point keeps; less for few points.
    int steps = 600;
    double openness = 0.5;  ///< θ: the larger, the coarser what is far is summed up; 0 is exact.
  };

  /// Finds every point's neighbours, which takes most of the time of a large map.
  ///
  /// @param embeddings  all of one length.
  /// @param context     told the points whose neighbours are known.
  /// @return            Cancelled.
  static Result<NeighbourLayout> prepare(const std::vector<std::vector<float>>& embeddings,
                                         const Options& options, const JobContext<int>& context);

  NeighbourLayout(NeighbourLayout&&) noexcept;
  NeighbourLayout& operator=(NeighbourLayout&&) noexcept;
  ~NeighbourLayout();

  /// Moves all points once; false when all steps are done.
  bool step();
  int stepsDone() const;
  /// Where the points are now, scaled to fit in [-1, 1].
  std::vector<MapPoint> layout() const;
  /// Kullback-Leibler divergence between neighbourhoods there and here, without its approximation:
  /// what the steps bring down. O(n²).
  double divergence() const;

 private:
  struct State;
  explicit NeighbourLayout(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace countersign
