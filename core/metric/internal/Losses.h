// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "core/metric/LossSpec.h"

namespace countersign {

/// A batch as losses see it.
struct LabelledEmbeddings {
  at::Tensor embeddings;  ///< float32 [batch, size], rows of unit length.
  at::Tensor subjects;    ///< int64 [batch]: whose signature it is, or is meant to be.
  at::Tensor isGenuine;   ///< bool [batch].
};

/// Which pairs of a batch stand for what: bool [batch, batch], symmetric, false on the diagonal.
struct PairMasks {
  at::Tensor mated;    ///< Two genuine samples of one person.
  at::Tensor skilled;  ///< A genuine sample of a person and a forgery of it.
  at::Tensor random;   ///< Samples of two people, at least one of them genuine.
};
PairMasks pairMasks(const LabelledEmbeddings& batch);

/// A term of the training loss; parameters of its own are registered and learned with the branch.
class Loss : public torch::nn::Module {
 public:
  /// @return  scalar >= 0 that depends on the embeddings; 0 when the batch holds no fitting pair.
  virtual at::Tensor compute(const LabelledEmbeddings& batch) = 0;
};

/// The term that a LossSpec describes; the spec has been checked.
///
/// contrastive (Hadsell, Chopra & LeCun, 2006), d = L2 distance: mated d²/2, non-mated
/// max(0, margin − d)²/2; means over mated, skilled and random pairs, added.
///
/// triplet (Schroff et al., 2015), on cosines: max(0, cos(A,N) − cos(A,P) + margin), mean over the
/// triplets that the miner picks and that cost something.
///
/// pairwiseLogistic: log(1 + exp(∓ a (cos − b))) with learned a and b, mean over mated pairs plus
/// mean over skilled pairs plus mean over the hardest random pairs.
///
/// supervisedContrastive (Khosla et al., 2020; NT-Xent), anchors and positives genuine: mean of
/// −log(exp(cos(A,P)/T) / Σ exp(cos(A,·)/T)), where the sum leaves out the anchor itself.
std::shared_ptr<Loss> makeLoss(const LossSpec& spec);

/// Triplets of a batch by how hard they are, as shares that add up to 1 (all 0 without triplets).
struct TripletMix {
  double easy = 0;      ///< cos(A,N) + margin <= cos(A,P): costs nothing.
  double semiHard = 0;  ///< cos(A,N) < cos(A,P) < cos(A,N) + margin.
  double hard = 0;      ///< cos(A,P) <= cos(A,N).
};
TripletMix tripletMix(const LabelledEmbeddings& batch, double margin);

}  // namespace countersign
