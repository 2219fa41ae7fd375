// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/corpus/BatchSampler.h"
#include "core/metric/Embedding.h"

namespace countersign {

/// One term of the training loss. Which pairs are compared is the same for all kinds: two genuine
/// samples of one person are mated; a forgery against its victim's genuine sample, and anything
/// against another person's genuine sample, are non-mated; two forgeries are never compared.
struct LossSpec {
  /// One of lossKinds().
  std::string kind = "contrastive";
  /// Factor of the term in the sum, >= 0.
  double weight = 1;
  /// contrastive: distance beyond which a non-mated pair costs nothing; cosineContrastive: cosine
  /// below which it does; triplet, batchCost: α, by which the positive must be ahead;
  /// multiSimilarity: ε, by which mined pairs may lie apart; cosFace, arcFace: additive margin
  /// (radians for arcFace). In (0, 2].
  double margin = 0.5;
  /// contrastive: distance within which a mated pair costs nothing, in [0, margin); 0 is Hadsell's
  /// loss, more is the double-margin one.
  double innerMargin = 0;
  /// supervisedContrastive: T, by which cosines are divided, > 0.
  double temperature = 0.1;
  /// triplet, tripletNetwork: one of minerKinds().
  std::string miner = "all";
  /// pairwiseLogistic: share of the pairs of different people that count, the hardest, in (0, 1].
  double hardestShare = 0.05;
  /// tripletNetwork: anchorPositiveNegative, twoPositives or twoNegatives.
  std::string form = "anchorPositiveNegative";
  /// batchCost: closest, or closestBelowMate, which leaves out hard negatives.
  std::string negative = "closest";
  /// cosFace, arcFace: s, by which cosines are multiplied before the softmax, > 0.
  double scale = 16;
  /// multiSimilarity: α, β > 0 and λ.
  double positiveScale = 2;
  double negativeScale = 50;
  double base = 0.5;

  /// The first value that is out of its range, or nothing.
  Status check() const;
  /// Whether the loss can be computed on batches of this layout from scores of this kind.
  Status checkFit(BatchLayout layout, ScoreKind score) const;
};

const std::vector<std::string>& lossKinds();
const std::vector<std::string>& minerKinds();

}  // namespace countersign
