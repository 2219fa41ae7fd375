// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/biometrics/ScoreNormalisation.h"
#include "core/corpus/TrialList.h"
#include "core/evaluation/BootstrapInterval.h"
#include "core/metric/EmbeddingNetwork.h"

namespace countersign {

/// How far an evaluation has got.
struct EvaluationProgress {
  int done;   ///< Images embedded or found unusable.
  int total;  ///< Different images in the trial list.
};

/// Outcome of one trial.
struct TrialOutcome {
  double score = 0;           ///< −infinity when a sample could not be acquired.
  std::string status = "ok";  ///< Or why a sample could not be acquired.
};

/// Error rates of mated trials against one group of non-mated ones, or against all.
struct GroupFigures {
  std::string group;  ///< "skilled", "random" or "pooled".
  int matedTrials = 0;
  int nonMatedTrials = 0;
  int people = 0;  ///< Claimed people with a trial in this group or a mated one.
  Estimate equalErrorRate;
  int failuresToAcquire = 0;  ///< Trials of this group with a sample that could not be acquired.
  double threshold = 0;       ///< Where the equal error rate lies.
  double falseNonMatchRateAt1 = 0;      ///< FNMR at the threshold of FMR 1 %.
  double falseNonMatchRateAtTenth = 0;  ///< FNMR at the threshold of FMR 0.1 %.
};

/// How often a threshold answers right, as protocols for faces count it.
struct Accuracy {
  double value = 0;      ///< Share of right answers, in [0, 1].
  double threshold = 0;  ///< A score above it is a match.
};

/// Each fold answered with the best threshold of all others (Huang et al., 2007).
struct FoldAccuracy {
  int folds = 0;
  double mean = 0;           ///< Over folds, in [0, 1].
  double standardError = 0;  ///< Of that mean.
};

struct EvaluationReport {
  std::vector<TrialOutcome> outcomes;  ///< One a trial, in order.
  std::vector<GroupFigures> groups;    ///< Those that the list has, then "pooled".
  int images = 0;
  int failuresToAcquire = 0;  ///< Images that could not be acquired.
  int people = 0;
  double millisecondsPerImage = 0;  ///< File to embedding, mean over images.
  std::string networkIdentity;
  std::optional<Accuracy> best;       ///< Where there are trials of both kinds.
  std::optional<FoldAccuracy> folds;  ///< Where the list has folds.
  /// Scores with pseudonymous people, for the network's card.
  ScoreEvidence evidence;

  const GroupFigures* group(std::string_view name) const;
};

struct EvaluationConditions {
  SampleRegion region = {};  ///< What is asked of every image, such as which face is meant.
  /// Every claimed person has a τ of their own (individualThreshold()): scores are shifted by what
  /// it differs from the τ of the network's equal error, so that one τ does for all.
  bool isIndividual = false;
  /// By the other people of the list as the cohort; one whose own sample is the probe is in it, as
  /// somebody on file would be. Trials without a cohort fail.
  ScoreNormalisation normalisation = ScoreNormalisation::None;
};

/// Embeds every image of a trial list once, scores every trial (several references are fused as the
/// card says) and works out the error rates. Failures to acquire count as rejections: FRR and FAR
/// in the words of ISO/IEC 19795-1.
///
Result<EvaluationReport> evaluateTrials(const EmbeddingNetwork& network, const TrialList& list,
                                        const std::filesystem::path& root,
                                        const JobContext<EvaluationProgress>& context,
                                        const EvaluationConditions& conditions = {});

/// Mean EmbeddingNetwork::copyScore() of a list's references, for NetworkCard::usualCopyScore.
/// References that cannot be acquired are left out.
///
/// @return  QualityInsufficient when none can be, Cancelled, or the errors of the network.
Result<double> usualCopyScore(const EmbeddingNetwork& network, const TrialList& list,
                              const std::filesystem::path& root,
                              const JobContext<EvaluationProgress>& context);

/// The share of right answers at a threshold.
Accuracy accuracyAt(const std::vector<Trial>& trials, const std::vector<TrialOutcome>& outcomes,
                    double threshold);
/// The threshold that answers most trials right, half-way between its neighbours. Needs a trial of
/// each kind.
Accuracy bestAccuracy(const std::vector<Trial>& trials, const std::vector<TrialOutcome>& outcomes);

/// How right the answers are when each fold is answered with the best threshold of all others.
/// Nothing when a trial has no fold, or there are fewer than two.
std::optional<FoldAccuracy> foldAccuracy(const std::vector<Trial>& trials,
                                         const std::vector<TrialOutcome>& outcomes);

/// Error rates of outcomes that are already known.
std::vector<GroupFigures> groupFigures(const std::vector<Trial>& trials,
                                       const std::vector<TrialOutcome>& outcomes,
                                       const BootstrapOptions& bootstrap = {});

/// The trial list with the columns score, status and network (identity) added, as CSV text.
std::string writeScores(const TrialList& list, const EvaluationReport& report);

/// Writes a report's figures and score distributions into a network's file, under a name that ends
/// in
/// "-<n>ref" for lists of n references; its identity stays. Figures stand on the card only where
/// there are random trials.
Status recordInCard(const std::filesystem::path& network, const std::string& name,
                    const std::string& command, const EvaluationReport& report);

/// The report without its single trials, as JSON text.
std::string writeReport(const EvaluationReport& report);

}  // namespace countersign
