// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/BootstrapInterval.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/Random.h"
#include "core/evaluation/ErrorRates.h"

namespace countersign {

namespace {

void sortByScore(std::vector<SubjectScore>& scores) {
  std::sort(scores.begin(), scores.end(),
            [](const auto& a, const auto& b) { return a.score < b.score; });
}

void weigh(const std::vector<SubjectScore>& scores, const std::vector<double>& draws,
           std::vector<WeightedScore>& weighted) {
  weighted.clear();
  for (const auto& s : scores) {
    const double weight = draws[static_cast<std::size_t>(s.subject)];
    if (weight > 0) weighted.push_back({s.score, weight});
  }
}

/// The equal error rate of some trials, as a function of how often each person was drawn.
class ResampledError {
 public:
  ResampledError(std::vector<SubjectScore> mated, std::vector<SubjectScore> nonMated)
      : m_mated(std::move(mated)), m_nonMated(std::move(nonMated)) {
    sortByScore(m_mated);
    sortByScore(m_nonMated);
  }

  /// Nothing when nobody with a mated, or nobody with a non-mated trial was drawn.
  std::optional<double> at(const std::vector<double>& draws) {
    weigh(m_mated, draws, m_weightedMated);
    weigh(m_nonMated, draws, m_weightedNonMated);
    if (m_weightedMated.empty() || m_weightedNonMated.empty()) return std::nullopt;
    return equalError(m_weightedMated, m_weightedNonMated).rate;
  }

 private:
  std::vector<SubjectScore> m_mated;
  std::vector<SubjectScore> m_nonMated;
  std::vector<WeightedScore> m_weightedMated;
  std::vector<WeightedScore> m_weightedNonMated;
};

/// Draws people with replacement, once a replicate: `use(draws)`.
template <typename Use>
void resample(int subjectCount, const BootstrapOptions& options, Use&& use) {
  const auto subjects = static_cast<std::size_t>(subjectCount);
  std::vector<double> draws(subjects);
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    Random random{options.seed, static_cast<std::uint64_t>(replicate)};
    std::fill(draws.begin(), draws.end(), 0);
    for (std::size_t i = 0; i < subjects; ++i) draws[random.below(subjects)] += 1;
    use(draws);
  }
}

/// The percentile interval about a value; `widest` when there was no replicate.
Estimate intervalAbout(double value, std::vector<double> replicates, const Estimate& widest) {
  if (replicates.empty()) return {value, widest.low, widest.high};
  std::sort(replicates.begin(), replicates.end());
  const auto at = [&](double share) {
    return replicates[static_cast<std::size_t>(
        std::lround(share * static_cast<double>(replicates.size() - 1)))];
  };
  constexpr double kTail = 0.025;
  return {value, std::min(value, at(kTail)), std::max(value, at(1 - kTail))};
}

}  // namespace

Estimate widenedIfFaultless(Estimate rate, int people) {
  constexpr double kRuleOfThree = 3;
  if (rate.value <= 0 && people > 0)
    rate.high = std::max(rate.high, std::min(1.0, kRuleOfThree / people));
  return rate;
}

Estimate equalErrorWithInterval(std::vector<SubjectScore> mated, std::vector<SubjectScore> nonMated,
                                int subjectCount, const BootstrapOptions& options) {
  ResampledError error(std::move(mated), std::move(nonMated));
  const std::vector<double> everybody(static_cast<std::size_t>(subjectCount), 1);
  std::vector<double> rates;
  resample(subjectCount, options, [&](const std::vector<double>& draws) {
    if (const auto rate = error.at(draws)) rates.push_back(*rate);
  });
  return intervalAbout(error.at(everybody).value_or(0), std::move(rates), {0, 0, 1});
}

EqualErrorDifference equalErrorDifference(const PairedScores& mated, const PairedScores& nonMated,
                                          int subjectCount, const BootstrapOptions& options) {
  ResampledError before(mated.before, nonMated.before);
  ResampledError after(mated.after, nonMated.after);
  const std::vector<double> everybody(static_cast<std::size_t>(subjectCount), 1);
  std::vector<double> ratesBefore;
  std::vector<double> ratesAfter;
  std::vector<double> differences;
  resample(subjectCount, options, [&](const std::vector<double>& draws) {
    const auto first = before.at(draws);
    const auto second = after.at(draws);
    if (!first || !second) return;
    ratesBefore.push_back(*first);
    ratesAfter.push_back(*second);
    differences.push_back(*second - *first);
  });
  const double first = before.at(everybody).value_or(0);
  const double second = after.at(everybody).value_or(0);
  return {intervalAbout(first, std::move(ratesBefore), {0, 0, 1}),
          intervalAbout(second, std::move(ratesAfter), {0, 0, 1}),
          intervalAbout(second - first, std::move(differences), {0, -1, 1}), subjectCount};
}

}  // namespace countersign
