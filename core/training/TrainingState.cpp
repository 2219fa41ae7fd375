// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/TrainingState.h"

#include <torch/torch.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/metric/internal/TensorConversion.h"
#include "core/training/Checkpoint.h"

namespace countersign {

namespace {

NamedRawTensors withPrefix(const SafetensorsFile& file, const std::string& prefix) {
  NamedRawTensors found;
  for (const auto& [name, raw] : file.tensors) {
    if (name.starts_with(prefix)) found[name.substr(prefix.size())] = raw;
  }
  return found;
}

}  // namespace

NamedRawTensors rawTensors(const torch::nn::Module& module) {
  NamedRawTensors raw;
  for (const auto& [name, tensor] : namedTensors(module)) raw[name] = toRaw(tensor);
  return raw;
}

TrainingState makeTrainingState(const TrainingOptions& options, std::int64_t people) {
  torch::manual_seed(options.seed);
  TrainingState state;
  const auto score = options.score;
  state.branch = makeBranch(options.architecture, score);
  state.average = makeBranch(options.architecture, score);
  std::vector<at::Tensor> parameters = state.branch->parameters();
  const LossContext context{options.architecture.embeddingSize, people};
  for (const auto& spec : options.losses) {
    state.losses.emplace_back(makeLoss(spec, context), spec.weight);
    const auto own = state.losses.back().first->parameters();
    parameters.insert(parameters.end(), own.begin(), own.end());
  }
  state.optimiser = std::make_unique<Optimiser>(parameters, options.weightDecay);
  const torch::NoGradGuard noGrad;
  auto from = namedTensors(*state.branch);
  for (auto& [name, tensor] : namedTensors(*state.average)) tensor.detach().copy_(from.at(name));
  return state;
}

Status startFrom(TrainingState& state, const NetworkFile& network) {
  if (auto status = loadWeights(*state.branch, network.weights); !status) return status;
  return loadWeights(*state.average, network.weights);
}

void updateAverage(TrainingState& state, double decay) {
  // Early on the mean would be dominated by the first, random weights; so the decay grows with
  // time.
  const torch::NoGradGuard noGrad;
  const double grown = std::min(
      decay, (1.0 + static_cast<double>(state.step)) / (10.0 + static_cast<double>(state.step)));
  const auto now = namedTensors(*state.branch);
  for (auto& [name, tensor] : namedTensors(*state.average)) tensor.lerp_(now.at(name), 1 - grown);
}

SafetensorsFile checkpointOf(const TrainingState& state, const std::string& runKey) {
  SafetensorsFile file;
  const auto put = [&](const std::string& prefix, const auto& tensors) {
    for (const auto& [name, raw] : tensors) file.tensors[prefix + name] = raw;
  };
  put("branch.", rawTensors(*state.branch));
  put("average.", rawTensors(*state.average));
  put("best.", state.bestWeights);
  for (std::size_t i = 0; i < state.losses.size(); ++i)
    put("loss." + std::to_string(i) + ".", rawTensors(*state.losses[i].first));
  put("optimiser.", state.optimiser->state());
  nlohmann::json best = {{"step", state.bestStep},
                         {"epochsSince", state.epochsSinceBest},
                         {"due", state.isJudgementDue},
                         {"threshold", state.best.threshold}};
  if (state.best.skilledEer) best["skilledEer"] = *state.best.skilledEer;
  if (state.best.randomEer) best["randomEer"] = *state.best.randomEer;
  file.metadata = {{"step", std::to_string(state.step)}, {"run", runKey}, {"best", best.dump()}};
  return file;
}

Status restoreState(TrainingState& state, const SafetensorsFile& file,
                    const std::string& runKey) try {
  if (file.metadata.at("run") != runKey)
    return Error{ErrorCode::OptionOutOfRange,
                 "The checkpoint was made with other options or another corpus; choose another "
                 "run folder with --run.",
                 ""};
  if (auto status = loadWeights(*state.branch, withPrefix(file, "branch.")); !status) return status;
  if (auto status = loadWeights(*state.average, withPrefix(file, "average.")); !status)
    return status;
  for (std::size_t i = 0; i < state.losses.size(); ++i) {
    const auto prefix = "loss." + std::to_string(i) + ".";
    if (auto status = loadWeights(*state.losses[i].first, withPrefix(file, prefix)); !status)
      return status;
  }
  if (auto status = state.optimiser->restore(withPrefix(file, "optimiser.")); !status)
    return status;
  state.bestWeights = withPrefix(file, "best.");
  const auto best = nlohmann::json::parse(file.metadata.at("best"));
  state.step = stepOf(file);
  state.bestStep = best.at("step");
  state.epochsSinceBest = best.at("epochsSince");
  state.isJudgementDue = best.at("due");
  state.best = {};
  state.best.threshold = best.at("threshold");
  if (best.contains("skilledEer")) state.best.skilledEer = best["skilledEer"].get<double>();
  if (best.contains("randomEer")) state.best.randomEer = best["randomEer"].get<double>();
  return ok();
} catch (const std::exception& e) {
  return Error{ErrorCode::FileMalformed,
               "The checkpoint is not complete; choose another run folder with --run.", e.what()};
}

}  // namespace countersign
