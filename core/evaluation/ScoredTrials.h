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
#include "core/metric/ScoreEvidence.h"

namespace countersign {

/// What a trial compared, for showing it: a file, a reference of the store, or the probe of one of
/// its decisions.
struct TrialSample {
  std::string name;            ///< As people know it.
  std::filesystem::path file;  ///< Of an imported list; relative to its root.
  std::int64_t reference = 0;  ///< ReferenceKey, or 0.
  std::int64_t decision = 0;   ///< DecisionKey, or 0.
};

/// Scores whose truth is known, with what they are of.
struct KnownTrials {
  ScoreEvidence evidence;
  /// Identity of the network that made the scores; empty when the source does not say.
  std::string network;
  int references = 1;  ///< How many the scores are fused of; the median where it varies.
  std::vector<std::string> people;  ///< Names by subject; empty where they are pseudonymous.
  std::vector<TrialSample> samples;
  /// Trial i compares samples[probes[i]] with somebody of whom samples[shown[i]] is a reference;
  /// both are empty where the samples are not at hand.
  std::vector<std::int32_t> probes;
  std::vector<std::int32_t> shown;

  bool hasSamples() const { return !probes.empty(); }
};

/// Reads a table that `countersign-cli evaluate --scores` wrote: a trial list with the column score
/// ("-inf" for a failure to acquire) and perhaps network (an identity, the same in all rows) and
/// fusedReferences (how many a score is fused of, where the list does not name them all).
///
/// @return  FileMalformed with the row when a score is no number, or networks differ; the errors of
///          parseTrialList().
Result<KnownTrials> parseScoredTrials(std::string_view csv);
Result<KnownTrials> readScoredTrials(const std::filesystem::path& path);

/// The trials that err at a threshold, or that end in a range of scores, the worst first: the
/// highest-scoring non-mated or the lowest-scoring mated ones.
///
/// @return  indices of trials with finite scores in (low, high], at most `most`.
std::vector<std::size_t> worstTrials(const ScoreEvidence& evidence, TrialKind kind, double low,
                                     double high, std::size_t most);

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
