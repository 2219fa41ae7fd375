// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <cmath>

#include "core/metric/internal/Losses.h"

namespace countersign {

namespace {

/// Means over mated, skilled and random pairs, added: none drowns in the number of another.
at::Tensor addedMeans(const at::Tensor& matedCosts, const at::Tensor& nonMatedCosts,
                      const PairMasks& masks) {
  return meanOver(matedCosts, masks.mated) + meanOver(nonMatedCosts, masks.skilled) +
         meanOver(nonMatedCosts, masks.random);
}

class ContrastiveLoss final : public Loss {
 public:
  ContrastiveLoss(double innerMargin, double margin)
      : m_innerMargin(innerMargin), m_margin(margin) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto distances = distancesOf(batch);
    const auto near = 0.5 * (distances - m_innerMargin).clamp_min(0).square();
    const auto far = 0.5 * (m_margin - distances).clamp_min(0).square();
    return addedMeans(near, far, pairMasks(batch));
  }

 private:
  double m_innerMargin;
  double m_margin;
};

class CosineContrastiveLoss final : public Loss {
 public:
  explicit CosineContrastiveLoss(double margin) : m_margin(margin) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    return addedMeans(1 - batch.scores, (batch.scores - m_margin).clamp_min(0), pairMasks(batch));
  }

 private:
  double m_margin;
};

class CrossEntropyLoss final : public Loss {
 public:
  at::Tensor compute(const LabelledBatch& batch) override {
    constexpr double kFloor = 1e-6;  // a score that has been rounded to 0 or 1 costs much, not ∞
    const auto mated = -batch.scores.clamp_min(kFloor).log();
    const auto nonMated = -(1 - batch.scores).clamp_min(kFloor).log();
    return addedMeans(mated, nonMated, pairMasks(batch));
  }
};

class SoftmaxHeadLoss final : public Loss {
 public:
  explicit SoftmaxHeadLoss(int embeddingSize)
      : m_classifier(
            register_module("classifier", torch::nn::Linear(int64_t{2} * embeddingSize, 2))) {}

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto a = batch.embeddings.unsqueeze(1);
    const auto b = batch.embeddings.unsqueeze(0);
    const auto logits = m_classifier(at::cat({(a - b).abs(), a * b}, 2)).log_softmax(2);
    return addedMeans(-logits.select(2, 1), -logits.select(2, 0), pairMasks(batch));
  }

 private:
  torch::nn::Linear m_classifier;
};

class PairwiseLogisticLoss final : public Loss {
 public:
  explicit PairwiseLogisticLoss(double hardestShare) : m_hardestShare(hardestShare) {
    constexpr double kFirstScale = 10;
    constexpr double kFirstOffset = 0.5;
    m_logScale = register_parameter("logScale", torch::full({}, std::log(kFirstScale)));
    m_offset = register_parameter("offset", torch::full({}, kFirstOffset));
  }

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto logits = m_logScale.exp() * (batch.scores - m_offset);
    const auto masks = pairMasks(batch);
    return meanOver(at::softplus(-logits), masks.mated) +
           meanOver(at::softplus(logits), masks.skilled) +
           hardest(at::softplus(logits), masks.random);
  }

 private:
  at::Tensor hardest(const at::Tensor& costs, const at::Tensor& mask) const {
    const auto all = costs.masked_select(mask);
    if (all.numel() == 0) return all.sum();
    const auto count =
        static_cast<int64_t>(std::ceil(m_hardestShare * static_cast<double>(all.numel())));
    return std::get<0>(all.topk(count, 0, /*largest=*/true, /*sorted=*/false)).mean();
  }

  double m_hardestShare;
  at::Tensor m_logScale;
  at::Tensor m_offset;
};

}  // namespace

std::shared_ptr<Loss> makePairLoss(const LossSpec& spec, const LossContext& context) {
  if (spec.kind == "contrastive")
    return std::make_shared<ContrastiveLoss>(spec.innerMargin, spec.margin);
  if (spec.kind == "cosineContrastive") return std::make_shared<CosineContrastiveLoss>(spec.margin);
  if (spec.kind == "crossEntropy") return std::make_shared<CrossEntropyLoss>();
  if (spec.kind == "softmaxHead") return std::make_shared<SoftmaxHeadLoss>(context.embeddingSize);
  if (spec.kind == "pairwiseLogistic")
    return std::make_shared<PairwiseLogisticLoss>(spec.hardestShare);
  return nullptr;
}

}  // namespace countersign
