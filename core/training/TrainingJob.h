// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/training/TrainingCorpus.h"
#include "core/training/TrainingOptions.h"

namespace countersign {

/// One mini-batch was learned from.
struct BatchFinished {
  std::int64_t step;       ///< 1-based.
  std::int64_t steps;      ///< As asked for in TrainingOptions.
  double loss;             ///< Weighted sum of the loss terms on this batch.
  double imagesPerSecond;  ///< Over this batch.
};

/// The network was judged on the development split.
struct EpochFinished {
  int epoch;                ///< 1-based.
  int epochs;               ///< If training is not stopped early.
  double trainingLoss;      ///< Mean over the epoch's batches.
  double easyTriplets;      ///< Share of the last batch's triplets, in [0, 1].
  double semiHardTriplets;  ///< Same.
  double hardTriplets;      ///< Same.
  std::optional<double>
      developmentEer;               ///< Against skilled forgeries, in [0, 1]; unset without any.
  std::optional<double> randomEer;  ///< Against other people's signatures, in [0, 1].
  bool isBest;                      ///< No earlier epoch had a lower development error.
  double localShare;                ///< Of the local comparison in the score, in [0, 1].
  double secondsLeft;               ///< At the speed so far.
  std::vector<std::string> advice;  ///< Sentences about what goes wrong (TrainingHealth).
};
using TrainingEvent = std::variant<CorpusProgress, BatchFinished, EpochFinished>;

/// Where a training run reads and writes.
struct TrainingFiles {
  /// Table of the samples; empty: found out from the folder (detectCorpus).
  std::filesystem::path manifest;
  std::filesystem::path root;       ///< Folder that the manifest's paths are relative to.
  std::filesystem::path output;     ///< Network file that is written at the end.
  std::filesystem::path runFolder;  ///< Holds the two checkpoints; made if it is missing.
  /// Network whose weights are fine-tuned; empty: training starts from random ones. Its
  /// architecture and score replace those of the options.
  std::filesystem::path startFrom;
  /// Go on from the newest checkpoint, if there is one; otherwise an existing one is an error.
  bool isResumed = false;
  int stepsPerCheckpoint = 50;
  std::string command;  ///< For the card.
};

struct TrainingReport {
  std::int64_t steps = 0;
  std::int64_t bestStep = 0;
  std::optional<double> developmentEer;  ///< Of the weights that were written.
  std::optional<double> randomEer;
  double threshold = 0;  ///< Default τ: the equal-error threshold.
  std::vector<LeftOutSample> leftOut;
  std::string identity;
};

/// Trains the shared branch until the last step, an early stop, an error, or a stop request, and
/// blocks meanwhile. A stop request ends it within one mini-batch with ErrorCode::Cancelled and a
/// checkpoint on disk; so does the end of a process that was killed, except for the steps since the
/// last checkpoint. A resumed run computes exactly what an unbroken one would have (one thread).
Result<TrainingReport> train(const TrainingOptions& options, const TrainingFiles& files,
                             const JobContext<TrainingEvent>& context);

}  // namespace countersign
