// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/evaluation/TrialEvaluation.h"
#include "core/metric/EmbeddingNetwork.h"
#include "core/metric/NetworkCard.h"

namespace countersign {

/// One run of an N-way one-shot task: every test image belongs to the class of one of the N
/// training images, of each of which there is one example (Lake, Salakhutdinov & Tenenbaum, 2015).
struct OneShotRun {
  struct Item {
    std::filesystem::path test;      ///< Relative to the folder of the runs.
    std::filesystem::path training;  ///< The one of its class; same.
  };
  std::string name;
  std::vector<Item> items;
};

/// Reads the published layout: folders run01, run02 …, each with a file class_labels.txt whose
/// lines are a test image and the training image of its class.
///
/// @return  FileNotReadable, or FileMalformed when there is no run, a line is no pair of paths, or
/// a
///          path leaves the folder.
Result<std::vector<OneShotRun>> readOneShotRuns(const std::filesystem::path& folder);

struct OneShotReport {
  int answers = 0;
  int right = 0;
  /// Share of right answers; the 95 % interval is by bootstrap over runs, since the answers of one
  /// run share their classes.
  Estimate accuracy;
  std::vector<double> byRun;  ///< Share of right answers, run by run.
};

/// Answers every test image with the training image of its run that scores highest. Images that a
/// desk would refuse for their quality take part, as long as there is ink.
///
/// @return  ImageNotDecodable and the like, with the file's name; Cancelled when it was stopped.
Result<OneShotReport> answerOneShotRuns(const EmbeddingNetwork& network,
                                        const std::vector<OneShotRun>& runs,
                                        const std::filesystem::path& folder,
                                        const JobContext<EvaluationProgress>& context);

}  // namespace countersign
