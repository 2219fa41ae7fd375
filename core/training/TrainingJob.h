// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/training/TrainingCorpus.h"
#include "core/training/TrainingNodes.h"
#include "core/training/TrainingOptions.h"

namespace countersign {

/// One mini-batch was learned from.
struct BatchFinished {
  std::int64_t step;       ///< 1-based.
  std::int64_t steps;      ///< As asked for in TrainingOptions.
  double loss;             ///< Weighted sum of the loss terms on this batch.
  double imagesPerSecond;  ///< Over this batch.
  double secondsLeft;      ///< At the speed so far.
};

/// One point of a run's curves: means over the batches since the point before.
struct CurvePoint {
  std::int64_t step = 0;
  double loss = 0;
  std::vector<double> terms;  ///< Weighted loss terms, in the order of TrainingOptions::losses.
  double imagesPerSecond = 0;
  /// At the ends of epochs only, as in EpochFinished:
  std::optional<double> easyTriplets;
  std::optional<double> semiHardTriplets;
  std::optional<double> hardTriplets;
  std::optional<double> developmentEer;
  std::optional<double> randomEer;
};

/// Two images of a batch that the network gets most wrong.
struct HardPair {
  cv::Mat first;  ///< Canvas (CV_8UC1, 255 = ink, or CV_8UC3) as it was augmented.
  cv::Mat second;
  double score = 0;
  bool isMated = false;  ///< Then the score is too low, otherwise too high.
};

/// A look into one batch while it is learned from; every other second at most.
struct BatchSeen {
  std::int64_t step = 0;
  std::vector<float> matedScores;
  std::vector<float> skilledScores;
  std::vector<float> randomScores;
  std::vector<HardPair> hardest;  ///< The worst mated and the worst non-mated; none of pen data.
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
  double dataWait;                  ///< Share of the time that batches were waited for, in [0, 1].
  std::vector<std::string> advice;  ///< Sentences about what goes wrong (TrainingHealth).
};
using TrainingEvent =
    std::variant<CorpusProgress, BatchFinished, CurvePoint, BatchSeen, EpochFinished>;

/// Where a training run reads and writes.
struct TrainingFiles {
  /// Table of the samples; empty: found out from the folder (detectCorpus).
  std::filesystem::path manifest;
  std::filesystem::path root;    ///< Folder that the manifest's paths are relative to.
  std::filesystem::path output;  ///< Network file that is written at the end.
  /// Holds the two checkpoints, the curves and what is known of the run
  /// (core/training/TrainingRun); made if it is missing.
  std::filesystem::path runFolder;
  /// Network whose weights are fine-tuned; empty: training starts from random ones. Its
  /// architecture and score replace those of the options.
  std::filesystem::path startFrom;
  /// Go on from the newest checkpoint, if there is one; otherwise an existing one is an error.
  bool isResumed = false;
  int stepsPerCheckpoint = 50;
  std::string command;  ///< For the card.
  /// Others that train the same network with the same options and samples. The batch is that of
  /// all of them: `subjects` of TrainingOptions is each one's share. Each has files of its own, and
  /// writes the same network; all go on from where the furthest is.
  TrainingNodes nodes = {};
};

/// The samples that these files name: of the table, or as the folder's layout tells.
Result<CorpusManifest> trainingManifest(const TrainingFiles& files);

struct TrainingReport {
  std::int64_t steps = 0;
  std::int64_t bestStep = 0;
  std::optional<double> developmentEer;  ///< Of the weights that were written.
  std::optional<double> randomEer;
  /// Default τ: the equal-error threshold on the development split; ½ when neither rate is known.
  double threshold = 0;
  std::vector<LeftOutSample> leftOut;
  std::string identity;
};

/// Trains the shared branch until the last step, an early stop, an error, or a stop request, and
/// blocks meanwhile. A stop request ends it within one mini-batch with ErrorCode::Cancelled and a
/// checkpoint on disk; so does the end of a process that was killed, except for the steps since the
/// last checkpoint. A resumed run computes exactly what an unbroken one would have (one thread).
/// With several nodes, the end of one of them ends all, with a checkpoint and BackendFailure.
Result<TrainingReport> train(const TrainingOptions& options, const TrainingFiles& files,
                             const JobContext<TrainingEvent>& context);

}  // namespace countersign
