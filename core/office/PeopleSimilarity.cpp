// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/PeopleSimilarity.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace countersign {

namespace {

void keepFirst(std::vector<PeopleSimilarity::Pair>& pairs, std::size_t most, bool isHighest) {
  const auto end = pairs.begin() + static_cast<std::ptrdiff_t>(std::min(most, pairs.size()));
  std::partial_sort(pairs.begin(), end, pairs.end(),
                    [isHighest](const PeopleSimilarity::Pair& a, const PeopleSimilarity::Pair& b) {
                      return isHighest ? a.mean > b.mean : a.mean < b.mean;
                    });
  pairs.erase(end, pairs.end());
}

}  // namespace

std::vector<PeopleSimilarity::Pair> PeopleSimilarity::lookalikes(std::size_t most) const {
  std::vector<Pair> pairs;
  for (std::size_t one = 0; one < people.size(); ++one)
    for (std::size_t other = one + 1; other < people.size(); ++other)
      pairs.push_back({one, other, between(one, other)});
  keepFirst(pairs, most, true);
  return pairs;
}

std::vector<PeopleSimilarity::Pair> PeopleSimilarity::inconsistent(std::size_t most) const {
  std::vector<Pair> pairs;
  for (std::size_t one = 0; one < people.size(); ++one)
    if (std::isfinite(between(one, one))) pairs.push_back({one, one, between(one, one)});
  keepFirst(pairs, most, false);
  return pairs;
}

Result<PeopleSimilarity> comparePeople(const Desk& desk,
                                       const JobContext<ComparingProgress>& context) {
  const auto everybody = desk.everybody();
  if (!everybody) return everybody.error();
  PeopleSimilarity result;
  ComparingProgress progress{0, 0};
  for (const auto& person : *everybody) {
    result.people.push_back(person.person);
    result.references.push_back(static_cast<int>(person.references.size()));
    progress.total += result.references.back();
  }
  const auto count = result.people.size();
  result.means.assign(count * count, std::numeric_limits<float>::quiet_NaN());
  for (std::size_t one = 0; one < count; ++one) {
    const auto& its = (*everybody)[one].references;
    for (std::size_t other = one; other < count; ++other) {
      if (context.stop.stop_requested())
        return Error{ErrorCode::Cancelled, "The comparison of the people on file was stopped.", ""};
      const auto& others = (*everybody)[other].references;
      double sum = 0;
      int scores = 0;
      for (std::size_t i = 0; i < its.size(); ++i) {
        for (std::size_t j = other == one ? i + 1 : 0; j < others.size(); ++j) {
          sum += desk.network().score(its[i], others[j]);
          ++scores;
        }
      }
      if (scores == 0) continue;
      const auto mean = static_cast<float>(sum / scores);
      result.means[one * count + other] = mean;
      result.means[other * count + one] = mean;
    }
    progress.done += result.references[one];
    context.emitEvent(progress);
  }
  return result;
}

}  // namespace countersign
