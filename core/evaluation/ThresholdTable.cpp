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

/// So many thresholds have intervals of their own; the others take the nearest one's.
constexpr std::size_t kGrid = 1001;
constexpr double kTail = 0.025;

double shareAboveOf(const std::vector<double>& sorted, double threshold) {
  const auto above = sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), threshold);
  return static_cast<double>(above) / static_cast<double>(sorted.size());
}

/// The middle 95 % of replicates, which are put out of order.
Estimate intervalOf(double value, std::vector<float>& drawn) {
  if (drawn.empty()) return {value, 0, 1};
  const auto at = [&](double share) {
    const auto place = drawn.begin() + std::lround(share * static_cast<double>(drawn.size() - 1));
    std::nth_element(drawn.begin(), place, drawn.end());
    return double{*place};
  };
  return {value, at(kTail), at(1 - kTail)};
}

}  // namespace

/// Draws people with replacement and sees what the rates would have been. What a person's trials
/// come to is kept as counts by cell of the grid, so that a replicate costs one addition a cell
/// that a person has a score in, not one a trial.
struct ThresholdTable::Resampler {
  struct Entry {
    std::uint32_t cell;  ///< Scores in it lie above the grid thresholds 0 .. cell − 1.
    float count;
  };
  struct PersonTrials {
    std::vector<Entry> entries;
  };
  using Shares = std::vector<float>;

  explicit Resampler(std::size_t people) {
    for (auto& kind : kinds) kind.resize(people);
  }

  void add(std::size_t kind, std::size_t person, std::size_t cell) {
    kinds.at(kind)[person].entries.push_back({static_cast<std::uint32_t>(cell), 1});
  }

  void mergeEqualCells() {
    for (auto& kind : kinds) {
      for (auto& person : kind) {
        auto& entries = person.entries;
        std::sort(entries.begin(), entries.end(),
                  [](const Entry& a, const Entry& b) { return a.cell < b.cell; });
        std::size_t kept = 0;
        for (const auto& entry : entries) {
          if (kept > 0 && entries[kept - 1].cell == entry.cell)
            entries[kept - 1].count += entry.count;
          else
            entries[kept++] = entry;
        }
        entries.resize(kept);
      }
    }
  }

  /// Share of trials of one kind above each grid threshold when person p was drawn draws[p] times.
  /// False when none of them has a trial of this kind.
  bool shares(std::size_t kind, const std::vector<std::uint32_t>& draws,
              std::vector<double>& above) const {
    above.assign(kGrid + 1, 0);
    const auto& people = kinds.at(kind);
    for (std::size_t person = 0; person < people.size(); ++person) {
      const double weight = draws[person];
      if (weight == 0) continue;
      for (const auto& entry : people[person].entries)
        above[entry.cell] += weight * static_cast<double>(entry.count);
    }
    // A score of cell c lies above the thresholds before c: what is above g lies in later cells.
    for (std::size_t cell = kGrid; cell > 0; --cell) above[cell - 1] += above[cell];
    const double all = above[0];
    if (all == 0) return false;
    for (std::size_t g = 0; g < kGrid; ++g) above[g] = above[g + 1] / all;
    above.resize(kGrid);
    return true;
  }

  static double crossing(const std::vector<double>& mated, const std::vector<double>& nonMated) {
    double before = 1;
    double rateBefore = 1;
    for (std::size_t g = 0; g < kGrid; ++g) {
      const double difference = nonMated[g] - (1 - mated[g]);
      if (difference <= 0) {
        const double share = before == difference ? 0 : before / (before - difference);
        return rateBefore + share * (nonMated[g] - rateBefore);
      }
      before = difference;
      rateBefore = nonMated[g];
    }
    return rateBefore;
  }

  std::array<std::vector<PersonTrials>, 3> kinds;
};

ThresholdTable::ThresholdTable(const std::map<std::string, ScoreEvidence, std::less<>>& evidence,
                               int references, const BootstrapOptions& bootstrap) {
  auto chosen = listsFor(evidence, references);
  m_references = chosen.references;
  m_lists = std::move(chosen.names);
  std::vector<const ScoreEvidence*> lists;
  lists.reserve(m_lists.size());
  for (const auto& list : m_lists) lists.push_back(&evidence.at(list));
  summarise(pooled(lists), bootstrap, {});
}

ThresholdTable::ThresholdTable(const ScoreEvidence& evidence, int references, std::string name,
                               const BootstrapOptions& bootstrap, const JobContext<int>& context)
    : m_references(references), m_lists{std::move(name)} {
  summarise(evidence, bootstrap, context);
}

double ThresholdTable::gridThreshold(int index) const {
  return m_low + (m_high - m_low) * index / static_cast<double>(kGrid - 1);
}

void ThresholdTable::summarise(const ScoreEvidence& evidence, const BootstrapOptions& bootstrap,
                               const JobContext<int>& context) {
  std::int32_t people = 0;
  for (std::size_t i = 0; i < evidence.scores.size(); ++i) {
    people = std::max(people, evidence.subjects[i] + 1);
    const double score = evidence.scores[i];
    if (!std::isfinite(score)) continue;
    m_low = std::min(m_low, score);
    m_high = std::max(m_high, score);
  }
  // A score lies in cell c when c grid thresholds lie below it.
  const double scale = static_cast<double>(kGrid - 1) / (m_high - m_low);
  const auto cellOf = [&](double score) {
    auto cell = static_cast<int>(std::ceil((score - m_low) * scale));
    while (cell > 0 && gridThreshold(cell - 1) >= score) --cell;
    while (cell < static_cast<int>(kGrid) && gridThreshold(cell) < score) ++cell;
    return static_cast<std::size_t>(cell);
  };
  Resampler resampler(static_cast<std::size_t>(people));
  for (std::size_t i = 0; i < evidence.scores.size(); ++i) {
    auto& kind = m_kinds.at(evidence.groups[i]);
    const double score = evidence.scores[i];
    if (!std::isfinite(score)) {
      ++kind.failures;
      continue;
    }
    kind.scores.push_back(score);
    resampler.add(evidence.groups[i], static_cast<std::size_t>(evidence.subjects[i]),
                  cellOf(score));
  }
  resampler.mergeEqualCells();
  std::array<std::vector<Resampler::Shares>, 3> drawn;
  std::array<Resampler::Shares, 3> equal;
  for (std::size_t k = 0; k < m_kinds.size(); ++k) {
    auto& kind = m_kinds.at(k);
    std::sort(kind.scores.begin(), kind.scores.end());
    for (const auto& person : resampler.kinds.at(k))
      if (!person.entries.empty()) ++kind.people;
    drawn.at(k).resize(kind.scores.empty() ? 0 : kGrid);
    for (auto& shares : drawn.at(k)) shares.reserve(static_cast<std::size_t>(bootstrap.replicates));
  }

  std::vector<std::uint32_t> draws(static_cast<std::size_t>(people));
  std::array<std::vector<double>, 3> above;
  for (int replicate = 0; replicate < bootstrap.replicates && people > 0; ++replicate) {
    if (context.stop.stop_requested()) break;
    Random random{bootstrap.seed, static_cast<std::uint64_t>(replicate)};
    std::fill(draws.begin(), draws.end(), 0U);
    for (std::size_t i = 0; i < draws.size(); ++i) ++draws[random.below(draws.size())];
    std::array<bool, 3> has{};
    for (std::size_t k = 0; k < m_kinds.size(); ++k) {
      if (drawn.at(k).empty()) continue;
      has.at(k) = resampler.shares(k, draws, above.at(k));
      if (!has.at(k)) continue;
      for (std::size_t g = 0; g < kGrid; ++g)
        drawn.at(k)[g].push_back(static_cast<float>(above.at(k)[g]));
    }
    for (std::size_t k = 1; k < m_kinds.size(); ++k)
      if (has[0] && has.at(k))
        equal.at(k).push_back(static_cast<float>(Resampler::crossing(above[0], above.at(k))));
    context.emitEvent(replicate + 1);
  }

  for (std::size_t k = 0; k < m_kinds.size(); ++k) {
    auto& kind = m_kinds.at(k);
    if (kind.scores.empty()) continue;
    for (std::size_t g = 0; g < kGrid; ++g)
      kind.shareAbove.push_back(intervalOf(
          shareAboveOf(kind.scores, gridThreshold(static_cast<int>(g))), drawn.at(k)[g]));
  }
  for (std::size_t k = 1; k < m_kinds.size(); ++k) {
    const auto& kind = m_kinds.at(k);
    if (kind.scores.empty() || m_kinds[0].scores.empty()) continue;
    const double rate = equalError({m_kinds[0].scores, kind.scores}).rate;
    auto estimate = intervalOf(rate, equal.at(k));
    estimate.low = std::min(estimate.low, rate);
    estimate.high = std::max(estimate.high, rate);
    const int fewest = std::min(kind.people, m_kinds[0].people);
    auto& equalErrors = k == 1 ? m_skilledEqualError : m_randomEqualError;
    equalErrors.rate = widenedIfFaultless(estimate, fewest);
    equalErrors.trials = static_cast<int>(m_kinds[0].scores.size() + kind.scores.size());
    equalErrors.people = fewest;
  }
}

RateAtThreshold ThresholdTable::shareAbove(const Kind& kind, double threshold) const {
  if (kind.scores.empty()) return {};
  const double share = shareAboveOf(kind.scores, threshold);
  const double place = (threshold - m_low) / (m_high - m_low) * static_cast<double>(kGrid - 1);
  const auto& interval = kind.shareAbove[static_cast<std::size_t>(
      std::lround(std::clamp(place, 0.0, static_cast<double>(kGrid - 1))))];
  Estimate estimate{share, std::min(share, interval.low), std::max(share, interval.high)};
  estimate = widenedIfFaultless(estimate, kind.people);
  // The same for "every one of them".
  if (share == 1)
    estimate.low = std::min(estimate.low, 1 - widenedIfFaultless({}, kind.people).high);
  return {estimate, static_cast<int>(kind.scores.size()), kind.people};
}

ThresholdCosts ThresholdTable::at(double threshold) const {
  ThresholdCosts costs;
  costs.falseNonMatch = shareAbove(m_kinds[0], threshold);
  auto& rate = costs.falseNonMatch.rate;
  if (costs.falseNonMatch.trials > 0) rate = {1 - rate.value, 1 - rate.high, 1 - rate.low};
  costs.skilledFalseMatch = shareAbove(m_kinds[1], threshold);
  costs.randomFalseMatch = shareAbove(m_kinds[2], threshold);
  for (std::size_t k = 0; k < m_kinds.size(); ++k) {
    const auto& kind = m_kinds.at(k);
    const double trials = kind.failures + static_cast<double>(kind.scores.size());
    costs.failuresToAcquire.at(k) = trials > 0 ? kind.failures / trials : 0;
  }
  return costs;
}

ConfusionTable ThresholdTable::confusionAt(double threshold) const {
  ConfusionTable table;
  for (std::size_t k = 0; k < m_kinds.size(); ++k) {
    const auto& kind = m_kinds.at(k);
    const auto above =
        kind.scores.end() - std::upper_bound(kind.scores.begin(), kind.scores.end(), threshold);
    table.rows.at(k) = {static_cast<int>(above),
                        static_cast<int>(kind.scores.size()) - static_cast<int>(above),
                        kind.failures};
  }
  return table;
}

std::optional<double> ThresholdTable::equalErrorThreshold() const {
  const auto& others = skilledScores().empty() ? randomScores() : skilledScores();
  if (matedScores().empty() || others.empty()) return std::nullopt;
  return equalError({matedScores(), others}).threshold;
}

bool ThresholdTable::isOfOwnPeople() const {
  return !m_lists.empty() &&
         std::all_of(m_lists.begin(), m_lists.end(),
                     [](const std::string& list) { return list.starts_with(kOwnPeople); });
}

}  // namespace countersign
