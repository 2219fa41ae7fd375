// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ThresholdChoice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/evaluation/ErrorRates.h"

namespace countersign {

namespace {

double shareAbove(const std::vector<double>& sorted, double threshold) {
  if (sorted.empty()) return 0;
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), threshold);
  return static_cast<double>(above) / static_cast<double>(sorted.size());
}

/// Half-way from a score to the next greater one of either kind: far from both, so that rounding
/// does not tip a trial over.
double afterScore(double score, const std::vector<double>& one, const std::vector<double>& other) {
  double next = std::numeric_limits<double>::infinity();
  for (const auto* scores : {&one, &other}) {
    const auto at = std::upper_bound(scores->begin(), scores->end(), score);
    if (at != scores->end()) next = std::min(next, *at);
  }
  return std::isfinite(next) ? 0.5 * (score + next) : score;
}

/// How many of so many trials may err for the rate to be at most `target`.
std::size_t allowed(double target, std::size_t trials) {
  constexpr double kRounding = 1e-9;
  return static_cast<std::size_t>(
      std::floor(std::clamp(target, 0.0, 1.0) * static_cast<double>(trials) + kRounding));
}

double forFalseMatchRate(const std::vector<double>& mated, const std::vector<double>& nonMated,
                         double target) {
  const auto passing = allowed(target, nonMated.size());
  if (passing >= nonMated.size()) {
    // Everything may match: below the lowest score of all.
    constexpr double kBelow = 1e-3;
    return std::min(mated.front(), nonMated.front()) - kBelow;
  }
  return afterScore(nonMated[nonMated.size() - 1 - passing], mated, nonMated);
}

double forFalseNonMatchRate(const std::vector<double>& mated, const std::vector<double>& nonMated,
                            double target) {
  const auto missed = allowed(target, mated.size());
  if (missed >= mated.size()) return mated.back();
  const double firstToMatch = mated[missed];
  // Half-way down to the next lower score of either kind.
  double below = -std::numeric_limits<double>::infinity();
  for (const auto* scores : {&mated, &nonMated}) {
    const auto at = std::lower_bound(scores->begin(), scores->end(), firstToMatch);
    if (at != scores->begin()) below = std::max(below, *(at - 1));
  }
  constexpr double kBelow = 1e-3;
  return std::isfinite(below) ? 0.5 * (below + firstToMatch) : firstToMatch - kBelow;
}

double forLeastCost(const std::vector<double>& mated, const std::vector<double>& nonMated,
                    const ThresholdGoal::Costs& costs) {
  const double falseMatch =
      costs.impostorShare * costs.falseMatch / static_cast<double>(nonMated.size());
  const double falseNonMatch =
      (1 - costs.impostorShare) * costs.falseNonMatch / static_cast<double>(mated.size());
  constexpr double kBelow = 1e-3;
  double best = std::min(mated.front(), nonMated.front()) - kBelow;
  double cost = falseMatch * static_cast<double>(nonMated.size());
  double least = cost;
  std::size_t m = 0;
  std::size_t n = 0;
  // τ climbs from score to score; everything at or below it no longer matches.
  while (m < mated.size() || n < nonMated.size()) {
    const double score = std::min(m < mated.size() ? mated[m] : INFINITY,
                                  n < nonMated.size() ? nonMated[n] : INFINITY);
    for (; m < mated.size() && mated[m] <= score; ++m) cost += falseNonMatch;
    for (; n < nonMated.size() && nonMated[n] <= score; ++n) cost -= falseMatch;
    constexpr double kRounding = 1e-12;
    if (cost < least - kRounding) {
      least = cost;
      best = score;
    }
  }
  return afterScore(best, mated, nonMated);
}

double costOf(double falseMatch, double falseNonMatch, const ThresholdGoal::Costs& costs) {
  return costs.impostorShare * costs.falseMatch * falseMatch +
         (1 - costs.impostorShare) * costs.falseNonMatch * falseNonMatch;
}

/// Ranks from an end of sorted scores: each of the first ones, then further and further apart.
std::vector<std::size_t> ranks(std::size_t size, int most) {
  std::vector<std::size_t> all;
  if (size == 0) return all;
  const double ratio = std::pow(static_cast<double>(size), 1.0 / std::max(1, most));
  double at = 1;
  std::size_t last = 0;
  while (last < size) {
    const auto rank = std::max(last + 1, static_cast<std::size_t>(at));
    if (rank > size) break;
    all.push_back(rank - 1);
    last = rank;
    at *= ratio;
  }
  return all;
}

}  // namespace

double expectedCost(const ThresholdCosts& at, TrialKind against,
                    const ThresholdGoal::Costs& costs) {
  return costOf(at.falseMatch(against).rate.value, at.falseNonMatch.rate.value, costs);
}

double expectedCost(const ErrorPoint& at, TrialKind against, const ThresholdGoal::Costs& costs) {
  return costOf(against == TrialKind::Skilled ? at.skilledFalseMatch : at.randomFalseMatch,
                at.falseNonMatch, costs);
}

std::optional<ThresholdChoice> chooseThreshold(const ThresholdTable& table,
                                               const ThresholdGoal& goal) {
  const auto& mated = table.matedScores();
  const auto& nonMated = table.scores(goal.against);
  if (mated.empty() || nonMated.empty()) return {};
  ThresholdChoice choice;
  switch (goal.kind) {
    case ThresholdGoal::Kind::FalseMatchRate:
      choice.threshold = forFalseMatchRate(mated, nonMated, goal.target);
      break;
    case ThresholdGoal::Kind::FalseNonMatchRate:
      choice.threshold = forFalseNonMatchRate(mated, nonMated, goal.target);
      break;
    case ThresholdGoal::Kind::EqualError:
      choice.threshold = equalError({mated, nonMated}).threshold;
      break;
    case ThresholdGoal::Kind::LeastCost:
      choice.threshold = forLeastCost(mated, nonMated, goal.costs);
      break;
  }
  choice.costs = table.at(choice.threshold);
  choice.expectedCost = expectedCost(choice.costs, goal.against, goal.costs);
  const bool isOfMated = goal.kind == ThresholdGoal::Kind::FalseNonMatchRate;
  choice.people = table.people(isOfMated ? TrialKind::Genuine : goal.against);
  constexpr double kRuleOfThree = 3;
  choice.lowestClaim = std::min(1.0, kRuleOfThree / std::max(1, choice.people));
  const bool hasTarget = isOfMated || goal.kind == ThresholdGoal::Kind::FalseMatchRate;
  choice.canBeClaimed = !hasTarget || goal.target >= choice.lowestClaim;
  return choice;
}

std::vector<ErrorPoint> errorCurve(const ThresholdTable& table, int most) {
  std::vector<double> thresholds;
  const int share = std::max(1, most / 9);
  for (const auto kind : {TrialKind::Genuine, TrialKind::Skilled, TrialKind::Random}) {
    const auto& scores = table.scores(kind);
    if (scores.empty()) continue;
    for (const auto rank : ranks(scores.size(), share)) {
      thresholds.push_back(scores[rank]);
      thresholds.push_back(scores[scores.size() - 1 - rank]);
    }
    for (int i = 0; i < share; ++i)
      thresholds.push_back(scores.front() + (scores.back() - scores.front()) * i / share);
  }
  std::sort(thresholds.begin(), thresholds.end());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  if (!thresholds.empty()) {
    constexpr double kBelow = 1e-3;
    thresholds.insert(thresholds.begin(), thresholds.front() - kBelow);
  }
  std::vector<ErrorPoint> curve;
  curve.reserve(thresholds.size());
  for (const double threshold : thresholds)
    curve.push_back(
        {threshold,
         table.matedScores().empty() ? 0 : 1 - shareAbove(table.matedScores(), threshold),
         shareAbove(table.skilledScores(), threshold),
         shareAbove(table.randomScores(), threshold)});
  return curve;
}

std::vector<int> scoreHistogram(const std::vector<double>& sorted, double low, double high,
                                int bins) {
  std::vector<int> counts;
  counts.reserve(static_cast<std::size_t>(std::max(0, bins)));
  auto from = std::upper_bound(sorted.begin(), sorted.end(), low);
  for (int bin = 0; bin < bins; ++bin) {
    const double border = low + (high - low) * (bin + 1) / bins;
    const auto to = std::upper_bound(from, sorted.end(), border);
    counts.push_back(static_cast<int>(to - from));
    from = to;
  }
  return counts;
}

double normalDeviate(double probability) {
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
  if (!(probability > below(-kFarthestDeviate))) return -kFarthestDeviate;
  if (!(probability < below(kFarthestDeviate))) return kFarthestDeviate;
  double low = -kFarthestDeviate;
  double high = kFarthestDeviate;
  constexpr int kHalvings = 50;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (below(middle) < probability ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace countersign
