// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/biometrics/ComparisonScore.h"

namespace countersign {

/// Ways to make scores of different people comparable by a cohort: people who are neither the
/// claimed one nor, as far as is known, the one who gave the probe (Auckenthaler, Carey &
/// Lloyd-Thomas, 2000; S: Shum et al., 2010).
enum class ScoreNormalisation {
  None,
  Z,  ///< By the scores of the cohort's samples with the claimed person's references.
  T,  ///< By the scores of the probe with the cohort's references.
  S,  ///< The mean of both.
};
/// Nothing when there is no such way: "none", "z", "t", "s".
std::optional<ScoreNormalisation> scoreNormalisationOf(std::string_view name);

/// Fewer show no deviation that could be divided by.
inline constexpr int kSmallestCohort = 3;

/// Mean and standard deviation of scores with a cohort.
struct CohortSpread {
  double mean = 0;
  double deviation = 1;  ///< > 0.
};
/// @return  nothing for fewer than kSmallestCohort finite scores, or where they are all the same.
std::optional<CohortSpread> cohortSpread(const std::vector<double>& scores);

/// In standard deviations above the cohort's mean: τ for such scores is another τ.
///
/// @param ofReferences, ofProbe  those that the way needs; where one is missing, the other serves.
/// @return  nothing where none is there.
std::optional<SimilarityScore> normalisedScore(SimilarityScore score, ScoreNormalisation way,
                                               const std::optional<CohortSpread>& ofReferences,
                                               const std::optional<CohortSpread>& ofProbe);

}  // namespace countersign
