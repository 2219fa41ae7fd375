// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ErrorRates.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <limits>

namespace countersign {

namespace {

std::vector<WeightedScore> sorted(const std::vector<double>& scores) {
  std::vector<WeightedScore> all;
  all.reserve(scores.size());
  // Not a number is no score: nothing was recognised.
  for (const double score : scores) all.push_back({std::isnan(score) ? -INFINITY : score, 1});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score < b.score; });
  return all;
}

double totalWeight(std::span<const WeightedScore> scores) {
  double total = 0;
  for (const auto& s : scores) total += s.weight;
  return total;
}

/// A threshold between two neighbouring scores, either of which may be −infinity.
double between(double low, double high) {
  if (!std::isfinite(low)) return high;
  if (!std::isfinite(high)) return low;
  return 0.5 * (low + high);
}

}  // namespace

ErrorRates errorRatesAt(const LabelledScores& scores, double threshold) {
  const auto above = [&](double score) { return score > threshold; };
  const auto share = [](auto count, const auto& all) {
    return all.empty() ? 0.0 : static_cast<double>(count) / static_cast<double>(all.size());
  };
  return {
      share(std::count_if(scores.nonMated.begin(), scores.nonMated.end(), above), scores.nonMated),
      share(std::count_if(scores.mated.begin(), scores.mated.end(), std::not_fn(above)),
            scores.mated)};
}

EqualError equalError(std::span<const WeightedScore> mated,
                      std::span<const WeightedScore> nonMated) {
  const double allMated = totalWeight(mated);
  const double allNonMated = totalWeight(nonMated);
  if (allMated <= 0 || allNonMated <= 0) return {0.5, 0};
  // The threshold climbs from score to score: misses grow, false matches shrink, until they cross.
  double missed = 0;
  double passed = allNonMated;
  double lastFnmr = 0;
  double lastFmr = 1;
  double lastScore = -std::numeric_limits<double>::infinity();
  std::size_t m = 0;
  std::size_t n = 0;
  while (m < mated.size() || n < nonMated.size()) {
    const double score = std::min(m < mated.size() ? mated[m].score : INFINITY,
                                  n < nonMated.size() ? nonMated[n].score : INFINITY);
    for (; m < mated.size() && mated[m].score <= score; ++m) missed += mated[m].weight;
    for (; n < nonMated.size() && nonMated[n].score <= score; ++n) passed -= nonMated[n].weight;
    const double fnmr = missed / allMated;
    const double fmr = std::max(0.0, passed / allNonMated);
    if (fnmr >= fmr) {
      // On the segment between the last two points of the DET polygon, where it meets the diagonal.
      const double before = lastFmr - lastFnmr;
      const double after = fnmr - fmr;
      const double share = before + after > 0 ? before / (before + after) : 0.5;
      const double rate = lastFnmr + share * (fnmr - lastFnmr);
      const double next = std::min(m < mated.size() ? mated[m].score : INFINITY,
                                   n < nonMated.size() ? nonMated[n].score : INFINITY);
      const double threshold = share < 0.5 ? between(lastScore, score) : between(score, next);
      return {rate, threshold};
    }
    lastFnmr = fnmr;
    lastFmr = fmr;
    lastScore = score;
  }
  return {0.5 * (lastFnmr + lastFmr), lastScore};
}

EqualError equalError(const LabelledScores& scores) {
  assert(!scores.mated.empty() && !scores.nonMated.empty());
  return equalError(sorted(scores.mated), sorted(scores.nonMated));
}

double falseNonMatchRateAt(const LabelledScores& scores, double rate) {
  if (scores.nonMated.empty() || scores.mated.empty()) return 0;
  auto nonMated = scores.nonMated;
  std::sort(nonMated.begin(), nonMated.end(), std::greater<>());
  const auto allowed =
      static_cast<std::size_t>(std::floor(rate * static_cast<double>(nonMated.size()) + 1e-9));
  if (allowed >= nonMated.size()) return 0;
  // The lowest threshold above which at most `allowed` non-mated scores lie.
  return errorRatesAt(scores, nonMated[allowed]).falseNonMatchRate;
}

}  // namespace countersign
