// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include <map>
#include <memory>
#include <string>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"
#include "core/metric/NetworkCard.h"
#include "core/metric/internal/PairScore.h"

namespace countersign {

/// What goes into a branch: a batch of images, or of padded sequences with their lengths.
struct BranchInput {
  at::Tensor data;     ///< Images: float32 [batch, 1 (ink) or 3 (red, green, blue), rows, cols]
                       ///< in [0, 1]; sequences: float32 [batch, longest, features], zero after
                       ///< each one's length.
  at::Tensor lengths;  ///< Sequences only: int64 [batch]; undefined for images.
  at::Tensor
      kinds;  ///< int64 [batch]: which branch of a pseudo-siamese twin, 0 or 1; undefined: 0.
};

/// The branch that both sides of the twin share: there is one set of weights in memory, whichever
/// side an input belongs to.
class Branch : public torch::nn::Module {
 public:
  virtual BranchOutput embed(const BranchInput& input) = 0;

  /// What each place of the input adds to the embedding before that is brought to length 1: float32
  /// [batch, embeddingSize, rows, columns]. Undefined where the embedding is no sum over places.
  virtual at::Tensor places(const BranchInput& /*input*/) { return {}; }

  /// Folds batch normalisation into the convolutions and turns gradients off; training is over.
  virtual void foldForInference() = 0;

  /// Keeps the weights and normalisation statistics of the first layers through training: of the
  /// stem and `blocks` blocks after it; 0: of none.
  virtual void freeze(int blocks) = 0;

  /// How two outputs of this branch are compared; its parameters are learned with the branch's.
  const PairScore& score() const { return *m_score; }

 protected:
  explicit Branch(const PairScoreShape& shape);

 private:
  std::shared_ptr<PairScore> m_score;
};

/// A branch with random weights (He et al., 2015), drawn from LibTorch's global generator.
std::shared_ptr<Branch> makeBranch(const Architecture& architecture,
                                   ScoreKind score = ScoreKind::Cosine);

/// Parameters and buffers by name, without LibTorch's counters of seen batches.
std::map<std::string, at::Tensor> namedTensors(const torch::nn::Module& module);

/// Copies weights into a module; every name, shape and type must be as the module expects.
Status loadWeights(torch::nn::Module& module,
                   const std::map<std::string, RawTensor, std::less<>>& weights);

}  // namespace countersign
