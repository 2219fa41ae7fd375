// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Miners.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>

namespace countersign {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// One negative for every anchor and positive, drawn with probabilities proportional to
/// exp(logWeights): the largest of log-weight + Gumbel noise (Gumbel, 1954).
at::Tensor drawNegatives(const at::Tensor& logWeights, const at::Tensor& valid, std::uint64_t key) {
  const auto generator = at::detail::createCPUGenerator(key);
  constexpr double kSmallest = 1e-12;
  const auto uniform =
      torch::rand(valid.sizes(), generator, torch::TensorOptions()).clamp_min(kSmallest);
  const auto race = (logWeights - (-uniform.log()).log()).masked_fill(~valid, -kInfinity);
  const auto winner = torch::zeros_like(valid).scatter_(2, race.argmax(2, /*keepdim=*/true), true);
  return winner & valid;
}

/// −ln of the density of distances between random points of the unit sphere in `size` dimensions
/// (Wu et al., 2017, equation 3), kept finite below 0.5, where almost no point lies.
at::Tensor inverseDensity(const at::Tensor& distances, double size) {
  constexpr double kNearest = 0.5;
  constexpr double kFarthest = 1.99;
  const auto d = distances.clamp(kNearest, kFarthest);
  const auto logDensity = (size - 2) * d.log() + 0.5 * (size - 3) * (1 - 0.25 * d.square()).log();
  return -logDensity;
}

at::Tensor hardestOfEachAnchor(const Triplets& triplets, const LabelledBatch& batch) {
  const auto isPositive = triplets.valid.any(2);
  const auto isNegative = triplets.valid.any(1);
  const auto positive = batch.scores.masked_fill(~isPositive, kInfinity).argmin(1);
  const auto negative = batch.scores.masked_fill(~isNegative, -kInfinity).argmax(1);
  const auto places = torch::arange(batch.scores.size(0));
  const auto isFarthest = positive.unsqueeze(1) == places;
  const auto isClosest = negative.unsqueeze(1) == places;
  return triplets.valid & isFarthest.unsqueeze(2) & isClosest.unsqueeze(1);
}

}  // namespace

Triplets tripletsOf(const LabelledBatch& batch) {
  const auto masks = pairMasks(batch);
  const auto negative = (masks.skilled | masks.random) & (batch.subjects >= 0).unsqueeze(1);
  return {batch.scores.unsqueeze(1) - batch.scores.unsqueeze(2),
          masks.mated.unsqueeze(2) & negative.unsqueeze(1)};
}

at::Tensor mine(const std::string& miner, const Triplets& triplets, const LabelledBatch& batch,
                double margin) {
  const torch::NoGradGuard noGrad;
  const auto& gap = triplets.gap;
  const auto& valid = triplets.valid;
  if (miner == "easy") return valid & (gap <= -margin);
  if (miner == "semiHard") return valid & (gap > -margin) & (gap < 0);
  if (miner == "hard") return valid & (gap >= 0);
  if (miner == "batchHard") return hardestOfEachAnchor(triplets, batch);
  if (miner == "random") return drawNegatives(torch::zeros({}), valid, batch.key);
  if (miner == "distanceWeighted") {
    const auto weights =
        inverseDensity(distancesOf(batch), static_cast<double>(batch.embeddings.size(1)));
    return drawNegatives(weights.unsqueeze(1), valid, batch.key);
  }
  return valid;
}

TripletMix tripletMix(const LabelledBatch& batch, double margin) {
  const torch::NoGradGuard noGrad;
  const auto triplets = tripletsOf(batch);
  const auto count = [](const at::Tensor& mask) {
    return static_cast<double>(mask.sum().item<int64_t>());
  };
  const auto share = [&](const char* miner) {
    return count(mine(miner, triplets, batch, margin)) / count(triplets.valid);
  };
  if (count(triplets.valid) == 0) return {};
  return {share("easy"), share("semiHard"), share("hard")};
}

}  // namespace countersign
