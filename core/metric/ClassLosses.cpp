// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include <cmath>
#include <numbers>

#include "core/metric/internal/Losses.h"

namespace countersign {

namespace {

namespace functional = torch::nn::functional;

/// Cross-entropy over people of scaled cosines to class vectors, the own one with a margin.
class MarginSoftmaxLoss final : public Loss {
 public:
  MarginSoftmaxLoss(const LossSpec& spec, const LossContext& context)
      : m_isAngular(spec.kind == "arcFace"), m_margin(spec.margin), m_scale(spec.scale) {
    m_classes = register_parameter("classes",
                                   torch::randn({context.people, int64_t{context.embeddingSize}}));
  }

  at::Tensor compute(const LabelledBatch& batch) override {
    const auto people = m_classes.size(0);
    const auto isClass = (batch.subjects >= 0) & (batch.subjects < people);
    const auto rows = isClass.nonzero().squeeze(1);
    const auto classes =
        functional::normalize(m_classes, functional::NormalizeFuncOptions().dim(1));
    if (rows.numel() == 0) return classes.sum() * 0;
    const auto cosines = at::mm(batch.embeddings.index_select(0, rows), classes.t());
    const auto own = batch.subjects.index_select(0, rows);
    const auto place = own.unsqueeze(1);
    const auto withMargin = held(cosines.gather(1, place));
    return functional::cross_entropy(m_scale * cosines.scatter(1, place, withMargin), own);
  }

 private:
  at::Tensor held(const at::Tensor& cosine) const {
    if (!m_isAngular) return cosine - m_margin;
    constexpr double kFloor = 1e-7;  // keeps the root's slope finite
    const auto sine = (1 - cosine.square()).clamp_min(kFloor).sqrt();
    const auto turned = cosine * std::cos(m_margin) - sine * std::sin(m_margin);
    const auto isPastPi = cosine <= std::cos(std::numbers::pi - m_margin);
    return at::where(isPastPi, cosine - m_margin * std::sin(m_margin), turned);
  }

  bool m_isAngular;
  double m_margin;
  double m_scale;
  at::Tensor m_classes;
};

}  // namespace

std::shared_ptr<Loss> makeClassLoss(const LossSpec& spec, const LossContext& context) {
  if (spec.kind == "cosFace" || spec.kind == "arcFace")
    return std::make_shared<MarginSoftmaxLoss>(spec, context);
  return nullptr;
}

}  // namespace countersign
