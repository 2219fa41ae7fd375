// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <limits>

#include "core/metric/internal/Losses.h"

namespace countersign {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class BatchCost final : public Loss {
 public:
  BatchCost(double margin, bool isBelowMate) : m_margin(margin), m_isBelowMate(isBelowMate) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto rows = batch.scores.size(0) / 2;
    const auto similarity = batch.scores.slice(0, 0, rows).slice(1, rows);
    const auto diagonal = similarity.diagonal();
    if (rows < 2) return diagonal.sum() * 0;
    const auto isMate = torch::eye(rows, at::kBool);
    const auto mean = similarity.masked_fill(isMate, 0).sum(1) / static_cast<double>(rows - 1);
    auto candidates = similarity.masked_fill(isMate, -kInfinity);
    if (m_isBelowMate)
      candidates = candidates.masked_fill(similarity >= diagonal.unsqueeze(1), -kInfinity);
    const auto closest = candidates.amax(1);  // −∞ without a candidate: costs nothing
    return ((mean - diagonal + m_margin).clamp_min(0) +
            (closest - diagonal + m_margin).clamp_min(0))
        .sum();
  }

 private:
  double m_margin;
  bool m_isBelowMate;
};

class SupervisedContrastiveLoss final : public Loss {
 public:
  explicit SupervisedContrastiveLoss(double temperature) : m_temperature(temperature) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto masks = pairMasks(batch);
    const auto compared = masks.mated | masks.skilled | masks.random;
    const auto logits = batch.scores / m_temperature;
    const auto all = logits.masked_fill(~compared, -kInfinity);
    // Rows without any pair would give −inf; they have no positive, so any finite number does.
    const auto normaliser = all.logsumexp(1, /*keepdim=*/true).clamp_min(-1e4);
    return meanOver(normaliser - logits, masks.mated);
  }

 private:
  double m_temperature;
};

class MultiSimilarityLoss final : public Loss {
 public:
  explicit MultiSimilarityLoss(const LossSpec& spec) : m_spec(spec) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto masks = pairMasks(batch);
    const auto& scores = batch.scores;
    const auto negative = (masks.skilled | masks.random) & (batch.subjects >= 0).unsqueeze(1);
    const auto worstPositive = scores.masked_fill(~masks.mated, kInfinity).amin(1, true);
    const auto bestNegative = scores.masked_fill(~negative, -kInfinity).amax(1, true);
    const auto keptNegative = negative & (scores > worstPositive - m_spec.margin);
    const auto keptPositive = masks.mated & (scores < bestNegative + m_spec.margin);
    const auto soft = [&](double scale, const at::Tensor& kept, double sign) {
      const auto exponents = (sign * scale * (scores - m_spec.base)).masked_fill(~kept, -kInfinity);
      // ln(1 + Σ exp(x)), with a zero for the 1 so that nothing overflows
      const auto one = torch::zeros({scores.size(0), 1});
      return at::cat({one, exponents}, 1).logsumexp(1) / scale;
    };
    const auto cost =
        soft(m_spec.positiveScale, keptPositive, -1) + soft(m_spec.negativeScale, keptNegative, 1);
    return meanOver(cost, (keptPositive | keptNegative).any(1));
  }

 private:
  LossSpec m_spec;
};

}  // namespace

std::shared_ptr<Loss> makeBatchLoss(const LossSpec& spec) {
  if (spec.kind == "batchCost")
    return std::make_shared<BatchCost>(spec.margin, spec.negative == "closestBelowMate");
  if (spec.kind == "supervisedContrastive")
    return std::make_shared<SupervisedContrastiveLoss>(spec.temperature);
  if (spec.kind == "multiSimilarity") return std::make_shared<MultiSimilarityLoss>(spec);
  return nullptr;
}

}  // namespace countersign
