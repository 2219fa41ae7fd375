// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include "core/metric/Embedding.h"

namespace countersign {

/// What comes out of a branch: one embedding a sample, and a dense descriptor map from branches
/// that have one.
struct BranchOutput {
  at::Tensor embeddings;  ///< float32 [batch, embeddingSize], rows of unit length.
  at::Tensor maps;        ///< Undefined, or float32 [batch, channels, rows, columns].
};

/// What decides the parameters of a PairScore.
struct PairScoreShape {
  ScoreKind kind = ScoreKind::Cosine;
  int embeddingSize = 0;
  bool hasMap = false;
};

/// Scores of many pairs at once, for training; sampleScore() is the same for one pair. Symmetric:
/// between(a, b) is the transposed of between(b, a).
class PairScore final : public torch::nn::Module {
 public:
  explicit PairScore(const PairScoreShape& shape);

  /// @return  float32 [a, b]: every sample of `a` against every one of `b`.
  at::Tensor between(const BranchOutput& a, const BranchOutput& b) const;

  ScoreKind kind() const { return m_shape.kind; }
  /// Share of the local comparison, in [0, 1]; 0 without a map.
  double localShare() const;
  /// sigmoid(Σ w |a − b| + c) of two embeddings, for ScoreKind::LearnedHead alone.
  double headScore(const std::vector<float>& a, const std::vector<float>& b) const;

 private:
  at::Tensor whole(const at::Tensor& a, const at::Tensor& b) const;

  PairScoreShape m_shape;
  at::Tensor m_localMix;    // logit of the local share; undefined without a map
  at::Tensor m_headWeight;  // [embeddingSize]; undefined but for a learned head
  at::Tensor m_headOffset;
};

/// Mean local agreement of every map of `a` with every one of `b`, both directions averaged:
/// cosines of cells, the best of 3 × 3 places, weighted by the lengths of the first's descriptors.
at::Tensor localScores(const at::Tensor& a, const at::Tensor& b);

}  // namespace countersign
