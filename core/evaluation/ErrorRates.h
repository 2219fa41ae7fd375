// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

namespace countersign {

/// Comparison scores by what is true of the pair; higher is more alike. A failure to acquire has
/// the score −infinity.
struct LabelledScores {
  std::vector<double> mated;
  std::vector<double> nonMated;
};

/// False match and false non-match rate at one threshold (ISO/IEC 19795-1): a comparison matches if
/// and only if its score is above the threshold.
struct ErrorRates {
  double falseMatchRate = 0;     ///< Share of non-mated scores above the threshold, in [0, 1].
  double falseNonMatchRate = 0;  ///< Share of mated scores at or below it, in [0, 1].
};
ErrorRates errorRatesAt(const LabelledScores& scores, double threshold);

/// Where both rates are equal, or, between two scores, where they cross.
struct EqualError {
  double rate = 0;       ///< In [0, 1].
  double threshold = 0;  ///< A score half-way between the neighbours of the crossing.
};

/// @param scores  at least one score of each kind.
EqualError equalError(const LabelledScores& scores);

/// Same with a count for each score (bootstrap draws people several times or not at all).
struct WeightedScore {
  double score = 0;
  double weight = 1;  ///< >= 0.
};
EqualError equalError(std::span<const WeightedScore> sortedMated,
                      std::span<const WeightedScore> sortedNonMated);

/// The lowest false non-match rate among the thresholds whose false match rate is at most `rate`.
double falseNonMatchRateAt(const LabelledScores& scores, double rate);

}  // namespace countersign
