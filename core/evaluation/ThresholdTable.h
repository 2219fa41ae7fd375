// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Progress.h"
#include "core/evaluation/BootstrapInterval.h"
#include "core/metric/NetworkFile.h"

namespace countersign {

/// A rate with everything that it rests on.
struct RateAtThreshold {
  Estimate rate;   ///< With a 95 % interval over people; without an error at most 3 / people.
  int trials = 0;  ///< 0: there is no evidence.
  int people = 0;
};

/// What a threshold costs, in the words of ISO/IEC 19795-1: FMR and FNMR are shares of the
/// comparisons that took place, of which two samples that could be acquired are part.
struct ThresholdCosts {
  RateAtThreshold falseNonMatch;      ///< FNMR, of a person's own signatures.
  RateAtThreshold skilledFalseMatch;  ///< FMR of skilled forgeries.
  RateAtThreshold randomFalseMatch;   ///< FMR of other people's signatures.
  /// Share of the trials of each kind (TrialKind) that have no score since a sample could not be
  /// acquired, in [0, 1].
  std::array<double, 3> failuresToAcquire{};

  const RateAtThreshold& falseMatch(TrialKind kind) const {
    return kind == TrialKind::Skilled ? skilledFalseMatch : randomFalseMatch;
  }
  double failureToAcquire(TrialKind kind) const {
    return failuresToAcquire.at(static_cast<std::size_t>(kind));
  }
  /// FRR = FTA + FNMR (1 − FTA), both of mated trials: what a person with genuine samples meets
  /// with.
  double falseRejectRate() const {
    const double failed = failureToAcquire(TrialKind::Genuine);
    return failed + falseNonMatch.rate.value * (1 - failed);
  }
  /// FAR = FMR (1 − FTA), both of one kind of non-mated trial; nothing without such trials.
  std::optional<double> falseAcceptRate(TrialKind kind) const {
    const auto& matches = falseMatch(kind);
    if (matches.trials == 0) return {};
    return matches.rate.value * (1 - failureToAcquire(kind));
  }
};

/// How many trials of each kind end how, at a threshold.
struct ConfusionTable {
  struct Row {
    int match = 0;
    int nonMatch = 0;
    int notAcquired = 0;
  };
  std::array<Row, 3> rows;  ///< By TrialKind.
};

/// How the name of a list begins that was made of the user's own people, held out of a training.
inline constexpr std::string_view kOwnPeople = "own-people";

/// Error rates at any threshold, from scores whose truth is known: made once (a second for a
/// million trials, most of it for the intervals), then cheap enough to follow a slider.
class ThresholdTable {
 public:
  /// @param evidence    score distributions by the names of their lists; names that end in
  ///                    "-<n>ref" say how many references were fused.
  /// @param references  only lists with the number of references that is nearest to this one are
  ///                    used, since scores of several references lie higher.
  ThresholdTable(const std::map<std::string, ScoreEvidence, std::less<>>& evidence, int references,
                 const BootstrapOptions& bootstrap = {});
  /// All of one list.
  ///
  /// @param name     told by lists().
  /// @param context  told how many replicates are done; a stopped one has an interval from fewer.
  ThresholdTable(const ScoreEvidence& evidence, int references, std::string name,
                 const BootstrapOptions& bootstrap = {}, const JobContext<int>& context = {});

  bool isEmpty() const { return m_kinds[0].scores.empty(); }
  ThresholdCosts at(double threshold) const;
  /// Where false non-matches and false matches of skilled forgeries (of other people, when the
  /// evidence has no forgery) are equally frequent.
  std::optional<double> equalErrorThreshold() const;

  /// How many references the comparisons behind the figures had.
  int references() const { return m_references; }
  const std::vector<std::string>& lists() const { return m_lists; }
  /// Whether the user's own people stand behind the figures, and nobody else.
  bool isOfOwnPeople() const;
  /// EER against one kind of non-mated trial, with its interval; 0 trials without such trials.
  const RateAtThreshold& equalErrorRate(TrialKind kind) const {
    return kind == TrialKind::Skilled ? m_skilledEqualError : m_randomEqualError;
  }
  ConfusionTable confusionAt(double threshold) const;

  /// Finite scores of a kind in rising order: of what could be acquired.
  const std::vector<double>& scores(TrialKind kind) const { return of(kind).scores; }
  const std::vector<double>& matedScores() const { return m_kinds[0].scores; }
  const std::vector<double>& skilledScores() const { return m_kinds[1].scores; }
  const std::vector<double>& randomScores() const { return m_kinds[2].scores; }
  /// People with a trial of this kind whose samples were acquired.
  int people(TrialKind kind) const { return of(kind).people; }

 private:
  /// One kind of trial: scores, and the interval of the share above each grid threshold.
  struct Kind {
    std::vector<double> scores;
    int failures = 0;
    int people = 0;
    std::vector<Estimate> shareAbove;
  };
  struct Resampler;
  void summarise(const ScoreEvidence& evidence, const BootstrapOptions& bootstrap,
                 const JobContext<int>& context);
  const Kind& of(TrialKind kind) const { return m_kinds.at(static_cast<std::size_t>(kind)); }
  RateAtThreshold shareAbove(const Kind& kind, double threshold) const;
  double gridThreshold(int index) const;

  int m_references = 0;
  std::vector<std::string> m_lists;
  std::array<Kind, 3> m_kinds;  ///< By TrialKind.
  RateAtThreshold m_skilledEqualError;
  RateAtThreshold m_randomEqualError;
  double m_low = -1;  ///< Range of the grid.
  double m_high = 1;
};

}  // namespace countersign
