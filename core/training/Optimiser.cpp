// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/Optimiser.h"

#include <torch/torch.h>

#include <cmath>

#include "core/metric/internal/TensorConversion.h"

namespace countersign {

namespace {

using State = torch::optim::AdamWParamState;

/// Key of a parameter in the optimiser's state: a string up to LibTorch 1.13, a pointer later.
template <typename Key>
Key keyOf(const at::Tensor& parameter) {
  if constexpr (std::is_same_v<Key, std::string>)
    return c10::guts::to_string(parameter.unsafeGetTensorImpl());
  else
    return parameter.unsafeGetTensorImpl();
}

}  // namespace

struct Optimiser::Impl {
  std::vector<at::Tensor> parameters;
  std::unique_ptr<torch::optim::AdamW> adam;

  auto& states() { return adam->state(); }
  auto key(const at::Tensor& parameter) {
    using Key = std::decay_t<decltype(states().begin()->first)>;
    return keyOf<Key>(parameter);
  }
};

Optimiser::Optimiser(const std::vector<at::Tensor>& parameters, double weightDecay)
    : m_impl(std::make_unique<Impl>()) {
  m_impl->parameters = parameters;
  std::vector<at::Tensor> decayed;
  std::vector<at::Tensor> free;
  for (const auto& p : parameters) (p.dim() >= 2 ? decayed : free).push_back(p);
  const auto group = [](std::vector<at::Tensor> members, double decay) {
    torch::optim::OptimizerParamGroup result(std::move(members));
    result.set_options(std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions().weight_decay(decay)));
    return result;
  };
  m_impl->adam = std::make_unique<torch::optim::AdamW>(
      std::vector{group(decayed, weightDecay), group(free, 0)});
}

Optimiser::~Optimiser() = default;

void Optimiser::zeroGradient() { m_impl->adam->zero_grad(); }

const std::vector<at::Tensor>& Optimiser::parameters() const { return m_impl->parameters; }

bool Optimiser::step(double learningRate, double gradientNorm) {
  if (!std::isfinite(torch::nn::utils::clip_grad_norm_(m_impl->parameters, gradientNorm)))
    return false;
  for (auto& group : m_impl->adam->param_groups())
    static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learningRate);
  m_impl->adam->step();
  return true;
}

std::map<std::string, RawTensor> Optimiser::state() const {
  std::map<std::string, RawTensor> stored;
  for (std::size_t i = 0; i < m_impl->parameters.size(); ++i) {
    const auto at = m_impl->states().find(m_impl->key(m_impl->parameters[i]));
    if (at == m_impl->states().end()) continue;
    const auto& state = static_cast<const State&>(*at->second);
    const auto prefix = std::to_string(i) + ".";
    stored[prefix + "mean"] = toRaw(state.exp_avg());
    stored[prefix + "square"] = toRaw(state.exp_avg_sq());
    stored[prefix + "step"] = toRaw(torch::tensor(state.step(), at::kLong));
  }
  return stored;
}

Status Optimiser::restore(const std::map<std::string, RawTensor, std::less<>>& stored) {
  m_impl->states().clear();
  for (std::size_t i = 0; i < m_impl->parameters.size(); ++i) {
    const auto prefix = std::to_string(i) + ".";
    const auto step = stored.find(prefix + "step");
    if (step == stored.end()) continue;
    const auto& parameter = m_impl->parameters[i];
    const auto moment = [&](const char* name) {
      // The layout of the parameter, so that every later step rounds as it would have.
      return torch::empty_like(parameter).copy_(fromRaw(stored.at(prefix + name)));
    };
    auto state = std::make_unique<State>();
    state->step(fromRaw(step->second).item<int64_t>());
    state->exp_avg(moment("mean").detach());
    state->exp_avg_sq(moment("square").detach());
    m_impl->states()[m_impl->key(parameter)] = std::move(state);
  }
  return ok();
}

}  // namespace countersign
