// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"
#include "core/metric/NetworkFile.h"
#include "core/metric/internal/Branch.h"
#include "core/metric/internal/Losses.h"
#include "core/training/TrainingOptions.h"
#include "core/training/internal/Optimiser.h"

namespace countersign {

using NamedRawTensors = std::map<std::string, RawTensor, std::less<>>;

/// How the averaged weights do on the development split.
struct Judgement {
  std::optional<double> skilledEer;
  std::optional<double> randomEer;
  double threshold = 0.5;
};

/// All that changes while training goes on.
struct TrainingState {
  std::shared_ptr<Branch> branch;
  std::shared_ptr<Branch> average;  ///< Exponential mean of the branch's weights.
  std::vector<std::pair<std::shared_ptr<Loss>, double>> losses;  ///< Each with its weight.
  std::unique_ptr<Optimiser> optimiser;
  std::int64_t step = 0;
  NamedRawTensors bestWeights;
  std::int64_t bestStep = 0;
  Judgement best;
  int epochsSinceBest = 0;
  bool isJudgementDue = false;  ///< The step ended an epoch that has not been judged yet.
};

/// The state before the first step; seeds LibTorch's global generator.
///
/// @param people  LossContext::people.
TrainingState makeTrainingState(const TrainingOptions& options, std::int64_t people);

/// Starts from the weights of a network instead of random ones; call it before the first step.
Status startFrom(TrainingState& state, const NetworkFile& network);

/// Moves the averaged weights towards the current ones.
void updateAverage(TrainingState& state, double decay);

/// Copies of all parameters and buffers.
NamedRawTensors rawTensors(const torch::nn::Module& module);

/// The state as a file. `runKey` stands for options and corpus: a checkpoint of another run is
/// refused by restoreState(), with OptionOutOfRange.
SafetensorsFile checkpointOf(const TrainingState& state, const std::string& runKey);
Status restoreState(TrainingState& state, const SafetensorsFile& file, const std::string& runKey);

}  // namespace countersign
