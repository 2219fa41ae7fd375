// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "core/evaluation/ThresholdTable.h"

namespace countersign {

/// A way to choose τ, and what it asks for.
struct ThresholdGoal {
  enum class Kind {
    FalseMatchRate,     ///< The lowest τ whose FMR is at most `target`.
    FalseNonMatchRate,  ///< The highest τ whose FNMR is at most `target`.
    EqualError,         ///< FMR = FNMR.
    LeastCost,          ///< The least expectedCost().
  };
  Kind kind = Kind::EqualError;
  /// What false matches are counted of: Skilled or Random.
  TrialKind against = TrialKind::Skilled;
  double target = 0.01;  ///< A rate, in [0, 1].

  /// What errors cost, in any unit, and how often somebody is not who they claim to be.
  struct Costs {
    double falseMatch = 100;
    double falseNonMatch = 1;
    double impostorShare = 0.01;  ///< Prior probability of a non-mated probe, in [0, 1].
  };
  Costs costs;
};

/// Rates at one threshold, without intervals: what curves are drawn of.
struct ErrorPoint {
  double threshold = 0;
  double falseNonMatch = 0;
  double skilledFalseMatch = 0;
  double randomFalseMatch = 0;
};

/// Expected cost of one comparison: impostorShare × falseMatch × FMR + (1 − impostorShare) ×
/// falseNonMatch × FNMR.
double expectedCost(const ThresholdCosts& at, TrialKind against, const ThresholdGoal::Costs& costs);
/// The same of an ErrorPoint.
double expectedCost(const ErrorPoint& at, TrialKind against, const ThresholdGoal::Costs& costs);

struct ThresholdChoice {
  double threshold = 0;  ///< Half-way between neighbouring scores where the goal leaves a choice.
  ThresholdCosts costs;
  double expectedCost = 0;  ///< By the goal's costs.
  /// People of the trials that the goal's rate is counted on, and whether so many can show it at
  /// all: without any error they show a rate of 3 / people and no lower (the rule of three; 95 %).
  int people = 0;
  double lowestClaim = 1;
  bool canBeClaimed = true;
};

/// @return  nothing when the table lacks mated trials or those of `goal.against`.
std::optional<ThresholdChoice> chooseThreshold(const ThresholdTable& table,
                                               const ThresholdGoal& goal);

/// Points of the error curves, by rising threshold: close together where few scores are left, so
/// that the ends of a DET curve are true, and evenly between. The same number whatever the number
/// of trials is; at most about `most`.
std::vector<ErrorPoint> errorCurve(const ThresholdTable& table, int most = 600);

/// How many scores of a kind lie in each of `bins` equal parts of [low, high]; a score that equals
/// an inner border belongs to the part below it, as one that equals τ does not match.
std::vector<int> scoreHistogram(const std::vector<double>& sorted, double low, double high,
                                int bins);

/// Normal deviate of a probability: the inverse of Φ. ±kFarthestDeviate outside of what it can
/// tell.
inline constexpr double kFarthestDeviate = 6;
double normalDeviate(double probability);

}  // namespace countersign
