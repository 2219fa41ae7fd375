// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// One term of the training loss. Which pairs are compared is the same for all kinds: two genuine
/// samples of one person are mated; a forgery against its victim's genuine sample, and anything
/// against another person's genuine sample, are non-mated; two forgeries are never compared.
struct LossSpec {
  /// contrastive, triplet, pairwiseLogistic or supervisedContrastive.
  std::string kind = "contrastive";
  /// Factor of the term in the sum.
  double weight = 1;
  /// contrastive: distance beyond which a non-mated pair costs nothing, in (0, 2];
  /// triplet: α, by which the positive must be ahead, in (0, 2].
  double margin = 0.5;
  /// supervisedContrastive: T, by which cosines are divided, > 0.
  double temperature = 0.1;
  /// triplet: all, semiHard or hard.
  std::string miner = "all";
  /// pairwiseLogistic: share of the pairs of different people that count, the hardest, in (0, 1].
  double hardestShare = 0.05;

  Status check() const;
};

}  // namespace countersign
