// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/ScoreNormalisation.h"

#include <cmath>

namespace countersign {

std::optional<ScoreNormalisation> scoreNormalisationOf(std::string_view name) {
  if (name == "none") return ScoreNormalisation::None;
  if (name == "z") return ScoreNormalisation::Z;
  if (name == "t") return ScoreNormalisation::T;
  if (name == "s") return ScoreNormalisation::S;
  return {};
}

std::optional<CohortSpread> cohortSpread(const std::vector<double>& scores) {
  double sum = 0;
  int count = 0;
  for (const double score : scores) {
    if (!std::isfinite(score)) continue;
    sum += score;
    ++count;
  }
  if (count < kSmallestCohort) return {};
  const double mean = sum / count;
  double squares = 0;
  for (const double score : scores)
    if (std::isfinite(score)) squares += (score - mean) * (score - mean);
  if (squares <= 0) return {};
  return CohortSpread{mean, std::sqrt(squares / (count - 1))};
}

std::optional<SimilarityScore> normalisedScore(SimilarityScore score, ScoreNormalisation way,
                                               const std::optional<CohortSpread>& ofReferences,
                                               const std::optional<CohortSpread>& ofProbe) {
  const auto by = [&](const CohortSpread& spread) {
    return (score.value - spread.mean) / spread.deviation;
  };
  if (way == ScoreNormalisation::None) return score;
  const bool wantsReferences = way != ScoreNormalisation::T;
  const bool wantsProbe = way != ScoreNormalisation::Z;
  if (wantsReferences && wantsProbe && ofReferences && ofProbe)
    return SimilarityScore{(by(*ofReferences) + by(*ofProbe)) / 2};
  if (ofReferences && (wantsReferences || !ofProbe)) return SimilarityScore{by(*ofReferences)};
  if (ofProbe) return SimilarityScore{by(*ofProbe)};
  return {};
}

}  // namespace countersign
