// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "core/corpus/BatchSampler.h"
#include "core/metric/Embedding.h"

namespace countersign {

/// A batch as losses see it.
struct LabelledBatch {
  at::Tensor embeddings;  ///< float32 [batch, size], rows of unit length.
  at::Tensor scores;      ///< float32 [batch, batch], symmetric: every sample against every other.
  ScoreKind scoreKind = ScoreKind::Cosine;
  /// int64 [batch]: as whose genuine sample it counts; negative for a forgery, which has no mates.
  at::Tensor subjects;
  /// int64 [batch]: whose signature it imitates; negative when it imitates nobody. A
  /// pseudo-writer's sample has both: mates of its own, and a victim.
  at::Tensor victims;
  /// bool [batch, batch], symmetric: the pairs that the sampler drew; undefined: all of them.
  at::Tensor compared;
  BatchLayout layout = BatchLayout::Subjects;
  /// Key of the random choices of miners, so that a resumed run makes the same ones.
  std::uint64_t key = 0;
};

/// Which pairs of a batch stand for what: bool [batch, batch], symmetric, false on the diagonal.
struct PairMasks {
  at::Tensor mated;    ///< Two genuine samples of one person.
  at::Tensor skilled;  ///< A genuine sample of a person and an imitation of it.
  at::Tensor random;   ///< Samples of or after two people, at least one of them genuine.
};
PairMasks pairMasks(const LabelledBatch& batch);

/// float32 [batch, batch] >= 0: distances that belong to the scores: √(2 − 2s) for a cosine (the L2
/// distance of unit vectors), −s for −L2 and −L1, −ln s for exp(−L1).
at::Tensor distancesOf(const LabelledBatch& batch);

/// [batch] -> pairs of rows that were sampled together, as LabelledBatch::compared wants them.
/// Undefined for BatchLayout::Subjects.
at::Tensor comparedPairs(BatchLayout layout, std::int64_t size);

}  // namespace countersign
