// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ThresholdTable.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/Random.h"
#include "core/evaluation/ErrorRates.h"
#include "core/evaluation/ScoredTrials.h"

namespace countersign {

namespace {

/// Thresholds −1, −0.998 ... 1 have intervals of their own; the others take the nearest one's.
constexpr int kGrid = 1001;
constexpr double kLowest = -1;
constexpr double kStep = 2.0 / (kGrid - 1);

double gridThreshold(int index) { return kLowest + kStep * index; }

int gridIndex(double threshold) {
  return static_cast<int>(std::lround(std::clamp((threshold - kLowest) / kStep, 0.0, kGrid - 1.0)));
}

double shareAboveOf(const std::vector<double>& sorted, double threshold) {
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), threshold);
  return static_cast<double>(above) / static_cast<double>(sorted.size());
}

/// Without an error nobody knows that there is none: the rule of three, over people.
double ruleOfThree(int people) { return std::min(1.0, 3.0 / std::max(1, people)); }

}  // namespace

ThresholdTable::ThresholdTable(const std::map<std::string, ScoreEvidence, std::less<>>& evidence,
                               int references, const BootstrapOptions& bootstrap) {
  auto chosen = listsFor(evidence, references);
  m_references = chosen.references;
  m_lists = std::move(chosen.names);
  std::vector<SubjectScore> mated;
  std::vector<SubjectScore> skilled;
  std::vector<SubjectScore> random;
  int firstSubject = 0;
  for (const auto& list : m_lists) {
    const auto& scores = evidence.at(list);
    int subjects = 0;
    for (std::size_t i = 0; i < scores.scores.size(); ++i) {
      const int subject = static_cast<int>(scores.subjects[i]);
      subjects = std::max(subjects, subject + 1);
      const SubjectScore score{scores.scores[i], firstSubject + subject};
      switch (static_cast<TrialKind>(scores.groups[i])) {
        case TrialKind::Genuine:
          mated.push_back(score);
          break;
        case TrialKind::Skilled:
          skilled.push_back(score);
          break;
        case TrialKind::Random:
          random.push_back(score);
          break;
      }
    }
    firstSubject += subjects;
  }
  m_mated = summarise(mated, bootstrap);
  m_skilled = summarise(skilled, bootstrap);
  m_random = summarise(random, bootstrap);
}

ThresholdTable::Kind ThresholdTable::summarise(const std::vector<SubjectScore>& scores,
                                               const BootstrapOptions& bootstrap) {
  Kind kind;
  if (scores.empty()) return kind;
  // Counts above each grid threshold, by person; then people are drawn with replacement.
  std::map<int, std::vector<float>> byPerson;
  for (const auto& score : scores) {
    kind.scores.push_back(score.score);
    auto& counts = byPerson[score.subject];
    if (counts.empty()) counts.assign(kGrid + 1, 0);
    // The last cell counts all trials of the person.
    counts[kGrid] += 1;
    for (int g = 0; g < kGrid && gridThreshold(g) < score.score; ++g)
      counts[static_cast<std::size_t>(g)] += 1;
  }
  std::sort(kind.scores.begin(), kind.scores.end());
  kind.people = static_cast<int>(byPerson.size());
  std::vector<const std::vector<float>*> people;
  people.reserve(byPerson.size());
  for (const auto& [subject, counts] : byPerson) people.push_back(&counts);

  std::vector<std::vector<float>> shares(
      kGrid, std::vector<float>(static_cast<std::size_t>(bootstrap.replicates)));
  std::vector<float> sums(kGrid + 1);
  for (int replicate = 0; replicate < bootstrap.replicates; ++replicate) {
    Random random{bootstrap.seed, static_cast<std::uint64_t>(replicate)};
    std::fill(sums.begin(), sums.end(), 0.0F);
    for (std::size_t draw = 0; draw < people.size(); ++draw) {
      const auto& counts = *people[random.below(people.size())];
      for (std::size_t g = 0; g <= kGrid; ++g) sums[g] += counts[g];
    }
    for (std::size_t g = 0; g < kGrid; ++g)
      shares[g][static_cast<std::size_t>(replicate)] = sums[g] / sums[kGrid];
  }
  constexpr double kTail = 0.025;
  for (int g = 0; g < kGrid; ++g) {
    auto& drawn = shares[static_cast<std::size_t>(g)];
    std::sort(drawn.begin(), drawn.end());
    const auto at = [&](double share) {
      return double{drawn[static_cast<std::size_t>(
          std::lround(share * static_cast<double>(drawn.size() - 1)))]};
    };
    kind.shareAbove.push_back(
        {shareAboveOf(kind.scores, gridThreshold(g)), at(kTail), at(1 - kTail)});
  }
  return kind;
}

RateAtThreshold ThresholdTable::shareAbove(const Kind& kind, double threshold) {
  if (kind.scores.empty()) return {};
  const double share = shareAboveOf(kind.scores, threshold);
  const auto& interval = kind.shareAbove[static_cast<std::size_t>(gridIndex(threshold))];
  Estimate estimate{share, std::min(share, interval.low), std::max(share, interval.high)};
  if (share == 0) estimate.high = std::max(estimate.high, ruleOfThree(kind.people));
  if (share == 1) estimate.low = std::min(estimate.low, 1 - ruleOfThree(kind.people));
  return {estimate, static_cast<int>(kind.scores.size()), kind.people};
}

ThresholdCosts ThresholdTable::at(double threshold) const {
  ThresholdCosts costs;
  costs.falseNonMatch = shareAbove(m_mated, threshold);
  auto& rate = costs.falseNonMatch.rate;
  if (costs.falseNonMatch.trials > 0) rate = {1 - rate.value, 1 - rate.high, 1 - rate.low};
  costs.skilledFalseMatch = shareAbove(m_skilled, threshold);
  costs.randomFalseMatch = shareAbove(m_random, threshold);
  return costs;
}

std::optional<double> ThresholdTable::equalErrorThreshold() const {
  const auto& others = m_skilled.scores.empty() ? m_random.scores : m_skilled.scores;
  if (m_mated.scores.empty() || others.empty()) return std::nullopt;
  return equalError({m_mated.scores, others}).threshold;
}

bool ThresholdTable::isOfOwnPeople() const {
  return !m_lists.empty() &&
         std::all_of(m_lists.begin(), m_lists.end(),
                     [](const std::string& list) { return list.starts_with(kOwnPeople); });
}

}  // namespace countersign
