// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/BootstrapInterval.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

Estimate equalErrorWithInterval(std::vector<SubjectScore> mated, std::vector<SubjectScore> nonMated,
                                int subjectCount, const BootstrapOptions& options) {
  sortByScore(mated);
  sortByScore(nonMated);
  const auto subjects = static_cast<std::size_t>(subjectCount);
  std::vector<double> draws(subjects, 1);
  std::vector<WeightedScore> weightedMated;
  std::vector<WeightedScore> weightedNonMated;
  const auto rate = [&] {
    weigh(mated, draws, weightedMated);
    weigh(nonMated, draws, weightedNonMated);
    return equalError(weightedMated, weightedNonMated).rate;
  };
  Estimate estimate{rate(), 0, 0};
  std::vector<double> rates;
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    Random random{options.seed, static_cast<std::uint64_t>(replicate)};
    std::fill(draws.begin(), draws.end(), 0);
    for (std::size_t i = 0; i < subjects; ++i) draws[random.below(subjects)] += 1;
    const double drawn = rate();
    // Nobody with a mated, or nobody with a non-mated trial was drawn: there is no rate.
    if (!weightedMated.empty() && !weightedNonMated.empty()) rates.push_back(drawn);
  }
  if (rates.empty()) return {estimate.value, 0, 1};
  std::sort(rates.begin(), rates.end());
  const auto at = [&](double share) {
    return rates[static_cast<std::size_t>(
        std::lround(share * static_cast<double>(rates.size() - 1)))];
  };
  constexpr double kTail = 0.025;
  estimate.low = std::min(estimate.value, at(kTail));
  estimate.high = std::max(estimate.value, at(1 - kTail));
  return estimate;
}

}  // namespace countersign
