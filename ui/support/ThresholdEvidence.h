// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/biometrics/Desk.h"
#include "core/evaluation/Calibration.h"
#include "core/evaluation/ThresholdChoice.h"
#include "core/office/BlindChecks.h"
#include "core/office/OfficeTrials.h"

namespace countersign::ui {

/// Where trials may come from.
enum class EvidenceSource {
  CardSeveral,  ///< The network's card, people with several references.
  CardSingle,   ///< The same with one reference.
  Store,        ///< The people on file.
  Table,        ///< A table that somebody chose.
};

/// What scores are worth against one kind of non-mated trial.
struct WeighedScores {
  TrialKind against = TrialKind::Random;
  ScoreCalibration calibration;
  std::vector<TippettPoint> tippett;
  std::vector<ReliabilityBin> reliability;
  double cost = 0;  ///< Cllr of people whom the calibration has not seen, in bits.
  double leastCost = 0;
  bool isTested = false;  ///< There were people enough for `tippett`, `reliability`, `cost`.
};

/// Everything that the threshold page shows of one source, worked out once on a job's thread.
struct ThresholdEvidence {
  EvidenceSource source = EvidenceSource::CardSeveral;
  KnownTrials known;                 ///< Without samples where they are not at hand.
  std::filesystem::path table;       ///< Of EvidenceSource::Table.
  std::optional<StoreTrials> store;  ///< Its counts; the trials are in `known`.
  std::shared_ptr<const ThresholdTable> costs;
  std::vector<ErrorPoint> curve;
  std::vector<WeighedScores> weighed;
};

/// The same trials by another network.
struct ComparedEvidence {
  QString name;
  std::vector<ErrorPoint> curve;  ///< By thresholds of that network, which mean nothing here.
  std::vector<GroupComparison> groups;
};

/// What officeTrials() is asked for.
TrialSource trialSource(EvidenceSource source, const std::filesystem::path& table);

/// @param table    only for EvidenceSource::Table.
/// @param context  percent done.
Result<std::shared_ptr<const ThresholdEvidence>> gatherEvidence(const Desk& desk,
                                                                EvidenceSource source,
                                                                const std::filesystem::path& table,
                                                                const JobContext<int>& context);

/// Scores the trials of `evidence` by another network, too, or reads them from a table.
///
/// @param context  percent done.
Result<std::shared_ptr<const ComparedEvidence>> gatherCompared(const Desk& desk,
                                                               const ThresholdEvidence& evidence,
                                                               const std::filesystem::path& other,
                                                               const JobContext<int>& context);

/// How far the two differ, a line for each kind of trial.
QString comparedText(const ComparedEvidence& compared);

/// Whose samples the trials are, and what that means for this office: one to three sentences.
QString provenanceText(const ThresholdEvidence& evidence);

/// Errors of clerks and program in the same checks; empty where nobody was checked blind.
QString blindText(const BlindChecks& checks);

/// What a list of a card is called among people: "Bengali writers" for "bhsig-bengali-…".
QString listText(const std::string& name);

}  // namespace countersign::ui
