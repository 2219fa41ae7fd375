// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/IndividualThreshold.h"

#include <cmath>
#include <map>
#include <utility>

namespace countersign {

namespace {

/// Welford's running mean and sum of squared differences from it.
struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;

  void add(double value) {
    count += 1;
    const double before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }
};

/// Mated scores of the lists that are nearest to so many references, by list and person.
std::map<std::pair<std::string, std::int32_t>, Moments> matedByPerson(
    const EvidenceByList& evidence, int references) {
  std::map<std::pair<std::string, std::int32_t>, Moments> people;
  for (const auto& name : listsFor(evidence, references).names) {
    const auto& list = evidence.at(name);
    for (std::size_t i = 0; i < list.scores.size(); ++i)
      if (static_cast<TrialKind>(list.groups[i]) == TrialKind::Genuine &&
          std::isfinite(list.scores[i]))
        people[{name, list.subjects[i]}].add(double{list.scores[i]});
  }
  return people;
}

}  // namespace

std::optional<UsualSpread> usualSpread(const EvidenceByList& evidence, int references) {
  double squares = 0;
  double degrees = 0;
  for (const auto& [person, moments] : matedByPerson(evidence, 1)) {
    squares += moments.squares;
    degrees += moments.count - 1;
  }
  double sum = 0;
  double count = 0;
  for (const auto& [person, moments] : matedByPerson(evidence, references)) {
    sum += moments.mean * moments.count;
    count += moments.count;
  }
  if (degrees == 0 || squares == 0 || count == 0) return {};
  return UsualSpread{std::sqrt(squares / degrees), sum / count};
}

SimilarityScore individualThreshold(SimilarityScore office, const UsualSpread& usual,
                                    const std::vector<double>& pairs, int references) {
  Moments own;
  for (const double pair : pairs)
    if (std::isfinite(pair)) own.add(pair);
  if (references < kFewestForSpread || own.count < 2) return office;
  const double ratio = std::sqrt(own.squares / (own.count - 1)) / usual.deviation;
  const double weight = references / (references + kReferencesOfOfficeThreshold);
  return {office.value + weight * (office.value - usual.mean) * (ratio - 1)};
}

}  // namespace countersign
