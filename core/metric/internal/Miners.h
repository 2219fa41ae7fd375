// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/metric/internal/LabelledBatch.h"

namespace countersign {

/// All triplets of a batch, [anchor, positive, negative]. Anchor and positive are genuine samples
/// of one person; the negative is an imitation of it, or anybody else's sample.
struct Triplets {
  at::Tensor gap;    ///< float32: score(A,N) − score(A,P).
  at::Tensor valid;  ///< bool.
};
Triplets tripletsOf(const LabelledBatch& batch);

/// The triplets that a loss is to be computed from: bool [batch, batch, batch].
///
/// all: every triplet. easy: score(A,N) + α <= score(A,P). semiHard (Schroff et al., 2015):
/// score(A,N) < score(A,P) < score(A,N) + α. hard: score(A,P) <= score(A,N). batchHard (Hermans et
/// al., 2017): the farthest positive and the closest negative of every anchor. random: one negative
/// for every anchor and positive, drawn evenly. distanceWeighted (Wu et al., 2017): one, drawn with
/// the inverse of the chance that a random point of the sphere lies as far away.
///
/// @param margin  α, by which easy, semiHard and hard are told apart.
at::Tensor mine(const std::string& miner, const Triplets& triplets, const LabelledBatch& batch,
                double margin);

/// Triplets of a batch by how hard they are, as shares that add up to 1 (all 0 without triplets).
struct TripletMix {
  double easy = 0;      ///< score(A,N) + margin <= score(A,P): costs nothing.
  double semiHard = 0;  ///< score(A,N) < score(A,P) < score(A,N) + margin.
  double hard = 0;      ///< score(A,P) <= score(A,N).
};
TripletMix tripletMix(const LabelledBatch& batch, double margin);

}  // namespace countersign
