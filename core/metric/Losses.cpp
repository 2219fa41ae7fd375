// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Losses.h"

#include <torch/torch.h>

#include <array>
#include <cmath>

namespace countersign {

namespace {

at::Tensor cosines(const at::Tensor& embeddings) { return at::mm(embeddings, embeddings.t()); }

/// Mean over the pairs of a mask; 0, with a gradient of 0, when there are none.
at::Tensor meanOver(const at::Tensor& values, const at::Tensor& mask) {
  return (values * mask).sum() / mask.sum().clamp_min(1);
}

class ContrastiveLoss final : public Loss {
 public:
  explicit ContrastiveLoss(double margin) : m_margin(margin) {}

  at::Tensor compute(const LabelledEmbeddings& batch) override {
    // d² = 2 − 2 cos for unit vectors; the floor keeps the root's slope finite at d = 0.
    constexpr double kFloor = 1e-8;
    const auto squared = (2 - 2 * cosines(batch.embeddings)).clamp_min(kFloor);
    const auto near = 0.5 * squared;
    const auto far = 0.5 * (m_margin - squared.sqrt()).clamp_min(0).square();
    const auto masks = pairMasks(batch);
    return meanOver(near, masks.mated) + meanOver(far, masks.skilled) + meanOver(far, masks.random);
  }

 private:
  double m_margin;
};

/// Shapes of all triplets of a batch: [anchor, positive, negative].
struct Triplets {
  at::Tensor gap;    ///< cos(A,N) − cos(A,P).
  at::Tensor valid;  ///< bool.
};

Triplets tripletsOf(const LabelledEmbeddings& batch) {
  const auto similarity = cosines(batch.embeddings);
  const auto masks = pairMasks(batch);
  const auto negative = (masks.skilled | masks.random) & batch.isGenuine.unsqueeze(1);
  return {similarity.unsqueeze(1) - similarity.unsqueeze(2),
          masks.mated.unsqueeze(2) & negative.unsqueeze(1)};
}

class TripletLoss final : public Loss {
 public:
  TripletLoss(double margin, std::string miner) : m_margin(margin), m_miner(std::move(miner)) {}

  at::Tensor compute(const LabelledEmbeddings& batch) override {
    const auto [gap, valid] = tripletsOf(batch);
    auto picked = valid & (gap > -m_margin);
    if (m_miner == "semiHard") picked = picked & (gap < 0);
    if (m_miner == "hard") picked = picked & (gap >= 0);
    return meanOver((gap + m_margin).clamp_min(0), picked);
  }

 private:
  double m_margin;
  std::string m_miner;
};

class PairwiseLogisticLoss final : public Loss {
 public:
  explicit PairwiseLogisticLoss(double hardestShare) : m_hardestShare(hardestShare) {
    constexpr double kFirstScale = 10;
    constexpr double kFirstOffset = 0.5;
    m_logScale = register_parameter("logScale", torch::full({}, std::log(kFirstScale)));
    m_offset = register_parameter("offset", torch::full({}, kFirstOffset));
  }

  at::Tensor compute(const LabelledEmbeddings& batch) override {
    const auto logits = m_logScale.exp() * (cosines(batch.embeddings) - m_offset);
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

class SupervisedContrastiveLoss final : public Loss {
 public:
  explicit SupervisedContrastiveLoss(double temperature) : m_temperature(temperature) {}

  at::Tensor compute(const LabelledEmbeddings& batch) override {
    const auto masks = pairMasks(batch);
    const auto compared = masks.mated | masks.skilled | masks.random;
    const auto logits = cosines(batch.embeddings) / m_temperature;
    const auto all = logits.masked_fill(~compared, -std::numeric_limits<float>::infinity());
    // Rows without any pair would give −inf; they have no positive, so any finite number does.
    const auto normaliser = all.logsumexp(1, /*keepdim=*/true).clamp_min(-1e4);
    return meanOver(normaliser - logits, masks.mated);
  }

 private:
  double m_temperature;
};

}  // namespace

Status LossSpec::check() const {
  const auto bad = [](const char* what) { return Error{ErrorCode::OptionOutOfRange, what, ""}; };
  if (kind != "contrastive" && kind != "triplet" && kind != "pairwiseLogistic" &&
      kind != "supervisedContrastive")
    return bad("A loss must be contrastive, triplet, pairwiseLogistic or supervisedContrastive.");
  if (miner != "all" && miner != "semiHard" && miner != "hard")
    return bad("A miner must be all, semiHard or hard.");
  if (!(weight >= 0)) return bad("The weight of a loss must not be negative.");
  if (!(margin > 0 && margin <= 2)) return bad("A margin must be above 0 and at most 2.");
  if (!(temperature > 0)) return bad("A temperature must be above 0.");
  if (!(hardestShare > 0 && hardestShare <= 1))
    return bad("The share of the hardest pairs must be above 0 and at most 1.");
  return ok();
}

PairMasks pairMasks(const LabelledEmbeddings& batch) {
  const auto same = batch.subjects.unsqueeze(0) == batch.subjects.unsqueeze(1);
  const auto a = batch.isGenuine.unsqueeze(0);
  const auto b = batch.isGenuine.unsqueeze(1);
  const auto self = torch::eye(batch.subjects.size(0), at::kBool);
  return {same & a & b & ~self, same & (a ^ b), ~same & (a | b)};
}

std::shared_ptr<Loss> makeLoss(const LossSpec& spec) {
  if (spec.kind == "contrastive") return std::make_shared<ContrastiveLoss>(spec.margin);
  if (spec.kind == "triplet") return std::make_shared<TripletLoss>(spec.margin, spec.miner);
  if (spec.kind == "pairwiseLogistic")
    return std::make_shared<PairwiseLogisticLoss>(spec.hardestShare);
  return std::make_shared<SupervisedContrastiveLoss>(spec.temperature);
}

TripletMix tripletMix(const LabelledEmbeddings& batch, double margin) {
  const torch::NoGradGuard noGrad;
  const auto triplets = tripletsOf(batch);
  const auto& gap = triplets.gap;
  const auto& valid = triplets.valid;
  const auto count = [&](const at::Tensor& mask) {
    return static_cast<double>((mask & valid).sum().item<int64_t>());
  };
  const double total = count(valid);
  if (total == 0) return {};
  return {count(gap <= -margin) / total, count((gap > -margin) & (gap < 0)) / total,
          count(gap >= 0) / total};
}

}  // namespace countersign
