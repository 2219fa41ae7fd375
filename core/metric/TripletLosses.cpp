// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <limits>

#include "core/metric/internal/Losses.h"
#include "core/metric/internal/Miners.h"

namespace countersign {

namespace {

class TripletLoss final : public Loss {
 public:
  TripletLoss(double margin, std::string miner) : m_margin(margin), m_miner(std::move(miner)) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto triplets = tripletsOf(batch);
    const auto cost = (triplets.gap + m_margin).clamp_min(0);
    return meanOver(cost, mine(m_miner, triplets, batch, m_margin) & (cost > 0));
  }

 private:
  double m_margin;
  std::string m_miner;
};

/// Mean squared error of softmax(d(A,P), d(A,N)) to (0, 1): both errors are the same number, the
/// share of the positive.
class TripletNetworkLoss final : public Loss {
 public:
  TripletNetworkLoss(double margin, std::string miner, std::string form)
      : m_margin(margin), m_miner(std::move(miner)), m_form(std::move(form)) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto distances = distancesOf(batch);
    const auto triplets = tripletsOf(batch);
    if (m_form == "twoNegatives") return againstTheTwoClosest(batch, distances, triplets);
    const auto picked = mine(m_miner, triplets, batch, m_margin);
    const auto positive = distances.unsqueeze(2);
    auto error = at::sigmoid(positive - distances.unsqueeze(1)).square();
    if (m_form == "twoPositives")
      error = 0.5 * (error + at::sigmoid(positive - distances.unsqueeze(0)).square());
    return meanOver(error, picked);
  }

 private:
  /// One term for every anchor and positive.
  static at::Tensor againstTheTwoClosest(const LabelledBatch& batch, const at::Tensor& distances,
                                         const Triplets& triplets) {
    if (batch.scores.size(0) < 2) return distances.sum() * 0;
    const auto isPositive = triplets.valid.any(2);
    const auto isNegative = triplets.valid.any(1);
    const auto candidates =
        distances.masked_fill(~isNegative, std::numeric_limits<float>::infinity());
    const auto closest = std::get<1>(candidates.detach().topk(2, 1, /*largest=*/false));
    const auto two = distances.gather(1, closest);
    const auto hasTwo = isNegative.sum(1) >= 2;
    const auto size = distances.size(0);
    const auto all = at::cat({distances.unsqueeze(2), two.unsqueeze(1).expand({size, size, 2})}, 2);
    const auto error = (all.softmax(2) - torch::tensor({0.0F, 0.5F, 0.5F})).square().mean(2);
    return meanOver(error, isPositive & hasTwo.unsqueeze(1));
  }

  double m_margin;
  std::string m_miner;
  std::string m_form;
};

}  // namespace

std::shared_ptr<Loss> makeTripletLoss(const LossSpec& spec) {
  if (spec.kind == "triplet") return std::make_shared<TripletLoss>(spec.margin, spec.miner);
  if (spec.kind == "tripletNetwork")
    return std::make_shared<TripletNetworkLoss>(spec.margin, spec.miner, spec.form);
  return nullptr;
}

}  // namespace countersign
