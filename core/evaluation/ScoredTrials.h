// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/corpus/TrialList.h"
#include "core/evaluation/Calibration.h"
#include "core/metric/NetworkFile.h"

namespace countersign {

/// Reads a table that `countersign-cli evaluate --scores` wrote: a trial list with the column score
/// ("-inf" for a failure to acquire).
///
/// @return  FileMalformed with the row when a score is no number; the errors of parseTrialList().
Result<ScoreEvidence> parseScoredTrials(std::string_view csv);
Result<ScoreEvidence> readScoredTrials(const std::filesystem::path& path);

/// Lists of a network's card that are alike in how many references were fused.
struct ChosenLists {
  int references = 0;
  std::vector<std::string> names;  ///< That end in "-<references>ref", or in nothing such for one.
};
/// The lists whose number of references is nearest to this one: scores of several references lie
/// higher, so that the others would mislead. Empty when there is no evidence.
ChosenLists listsFor(const std::map<std::string, ScoreEvidence, std::less<>>& evidence,
                     int references);

/// Scores of several lists as one; their people are different ones.
ScoreEvidence pooled(const std::vector<const ScoreEvidence*>& lists);

/// The mated trials and the non-mated ones of one kind (Skilled or Random).
CalibrationTrials trialsAgainst(const ScoreEvidence& evidence, TrialKind kind);

/// How strong a network's scores are as evidence, from the scores that came with it.
class EvidenceStrength {
 public:
  /// @param references  how many references the scores are fused of.
  EvidenceStrength(const std::map<std::string, ScoreEvidence, std::less<>>& evidence,
                   int references);

  /// Likelihood ratios against a skilled imitator or a random other person; nothing where the
  /// evidence has no such trials.
  const std::optional<ScoreCalibration>& against(TrialKind kind) const {
    return kind == TrialKind::Skilled ? m_skilled : m_random;
  }

 private:
  std::optional<ScoreCalibration> m_skilled;
  std::optional<ScoreCalibration> m_random;
};

}  // namespace countersign
