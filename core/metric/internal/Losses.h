// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "core/metric/LossSpec.h"
#include "core/metric/internal/LabelledBatch.h"

namespace countersign {

/// A term of the training loss; parameters of its own are registered and learned with the branch.
class Loss : public torch::nn::Module {
 public:
  /// @return  scalar >= 0 that depends on the batch's scores or embeddings; 0 when the batch holds
  ///          no fitting pair.
  virtual at::Tensor compute(const LabelledBatch& batch) = 0;
};

/// What losses with parameters of their own must know.
struct LossContext {
  int embeddingSize = 0;
  /// People in training; their numbers in LabelledBatch::subjects are 0 to people − 1, and those of
  /// pseudo-writers lie above.
  std::int64_t people = 0;
};

/// The term that a LossSpec describes; the spec and its fit to layout and score have been checked.
/// s is the score of a pair, d its distance (distancesOf).
///
/// contrastive (Hadsell, Chopra & LeCun, 2006): mated max(0, d − innerMargin)²/2, non-mated
/// max(0, margin − d)²/2; means over mated, skilled and random pairs, added. With an inner margin
/// it is the double-margin form (Lin et al., 2015).
///
/// cosineContrastive, for labels +1 / −1: mated 1 − s, non-mated max(0, s − margin); means as
/// above.
///
/// triplet (Schroff et al., 2015): max(0, s(A,N) − s(A,P) + margin), mean over the triplets that
/// the miner picks and that cost something.
///
/// tripletNetwork (Hoffer & Ailon, 2015): softmax over distances, mean squared error to (0, 1).
/// anchorPositiveNegative: over (d(A,P), d(A,N)). twoPositives: both mates take the anchor's part
/// in turn, (d(A,P), d(A,N)) and (d(P,A), d(P,N)), averaged. twoNegatives: over (d(A,P), d(A,N1),
/// d(A,N2)) with the two closest negatives of the anchor, to (0, ½, ½).
///
/// softmaxHead: cross-entropy of a linear classifier same / different on (|f1 − f2|, f1 · f2 by
/// components); means over mated, skilled and random pairs, added.
///
/// crossEntropy, for scores in (0, 1) (Koch et al., 2015): mated −ln s, non-mated −ln(1 − s); means
/// as above.
///
/// batchCost, on aligned pairs: with diag the mates, max(0, mean_neg − diag + margin) + max(0,
/// closest_neg − diag + margin), summed over rows; means and maxima over the row's off-diagonals,
/// closestBelowMate: the largest that is still below the diagonal (no cost when there is none).
///
/// pairwiseLogistic: ln(1 + exp(∓ a (s − b))) with learned a and b, mean over mated pairs plus
/// mean over skilled pairs plus mean over the hardest random pairs.
///
/// supervisedContrastive (Khosla et al., 2020; NT-Xent), anchors and positives genuine: mean of
/// −ln(exp(s(A,P)/T) / Σ exp(s(A,·)/T)), where the sum leaves out the anchor itself.
///
/// multiSimilarity (Wang et al., 2019): for every anchor, of the pairs that its miner keeps (a
/// negative above the worst positive − margin, a positive below the best negative + margin):
/// ln(1 + Σ exp(−α (s − λ))) / α over positives + ln(1 + Σ exp(β (s − λ))) / β over negatives; mean
/// over anchors that keep any.
///
/// cosFace (Wang et al., 2018), arcFace (Deng et al., 2019): cross-entropy over the training people
/// of scale × cosines to learned class vectors, with cos θ − margin, or cos(θ + margin), for the
/// own class; genuine samples only. Where θ + margin would pass π, cos θ − margin sin(margin) goes
/// on falling, as the reference implementation does.
std::shared_ptr<Loss> makeLoss(const LossSpec& spec, const LossContext& context);

/// Mean over the pairs of a mask; 0, with a gradient of 0, when there are none.
at::Tensor meanOver(const at::Tensor& values, const at::Tensor& mask);

// By family; makeLoss() is the way to get at them. Nothing for kinds of another family.
std::shared_ptr<Loss> makePairLoss(const LossSpec& spec, const LossContext& context);
std::shared_ptr<Loss> makeTripletLoss(const LossSpec& spec);
std::shared_ptr<Loss> makeBatchLoss(const LossSpec& spec);
std::shared_ptr<Loss> makeClassLoss(const LossSpec& spec, const LossContext& context);

}  // namespace countersign
