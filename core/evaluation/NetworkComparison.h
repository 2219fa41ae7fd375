// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/evaluation/BootstrapInterval.h"
#include "core/evaluation/TrialEvaluation.h"

namespace countersign {

/// Trials on which a network is compared with the one that it may replace.
struct ComparisonTrials {
  std::string name;  ///< For people: "held-out people of this corpus".
  TrialList list;
  std::filesystem::path root;
  bool isInvented = false;  ///< Of people whom the program invented.
  std::shared_ptr<const void> files =
      nullptr;               ///< What the images lie in, when nobody else keeps it.
  SampleRegion region = {};  ///< What is asked of every image, such as which face is meant.
};

/// How two networks do against one kind of non-mated trial.
struct GroupComparison {
  std::string group;  ///< "skilled" or "random".
  int people = 0;
  int matedTrials = 0;
  int nonMatedTrials = 0;
  EqualErrorDifference equalError;
};

/// Scores of the same trials by two networks, group by group; failures to acquire count as
/// rejections by the network that failed.
///
/// @return  OptionOutOfRange when they are not of the same trials: kinds and people, in order.
Result<std::vector<GroupComparison>> compareOnSameTrials(const ScoreEvidence& before,
                                                         const ScoreEvidence& after);

/// How two networks do on the same trials.
struct ListComparison {
  std::string name;
  std::vector<GroupComparison> groups;
  bool isInvented = false;  ///< As in ComparisonTrials.
  EvaluationReport after;   ///< Of the network that may replace the other; not written to JSON.
};

/// What is shown before a network goes into service.
struct NetworkComparison {
  std::string before;  ///< Identity of the network in service.
  std::string after;   ///< Of the one that may replace it.
  std::vector<ListComparison> lists;

  /// What it comes to, in one or two sentences: better, worse, or too few people to say.
  std::string verdict() const;
};

/// Scores every trial with both networks.
///
/// @return  NetworkIncompatible when they are made for different kinds of sample, Cancelled when it
///          was stopped.
Result<NetworkComparison> compareNetworks(const EmbeddingNetwork& before,
                                          const EmbeddingNetwork& after,
                                          const std::vector<ComparisonTrials>& trials,
                                          const JobContext<EvaluationProgress>& context);

/// Trials of people of a corpus who were not trained on: of the validation split, or, when it has
/// no trials, of the development split, by which training chose among its weights (the name says
/// so). Nothing when neither has any.
std::optional<ComparisonTrials> heldOutTrials(const CorpusManifest& manifest,
                                              const std::filesystem::path& root);

/// Trials of people whom the program invents and draws as temporary files: always the same ones,
/// which no network should do worse on after it was fine-tuned. They stand in for the general
/// public where no other trials are at hand.
Result<ComparisonTrials> inventedTrials(Modality modality, const std::stop_token& stop);

/// The comparison as JSON text, and back.
std::string writeComparison(const NetworkComparison& comparison);
Result<NetworkComparison> parseComparison(std::string_view json);

}  // namespace countersign
