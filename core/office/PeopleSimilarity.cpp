// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/PeopleSimilarity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace countersign {

namespace {

using Pair = PeopleSimilarity::Pair;

/// The worst of a stream of pairs: of n people there are n² / 2, too many to keep.
class WorstPairs {
 private:
  bool isWorse(const Pair& a, const Pair& b) const {
    return m_isHighest ? a.mean > b.mean : a.mean < b.mean;
  }
  /// The least bad one is on top of the heap.
  auto order() const {
    return [this](const Pair& a, const Pair& b) { return isWorse(a, b); };
  }

 public:
  WorstPairs(std::size_t most, bool isHighest) : m_most(most), m_isHighest(isHighest) {}

  void offer(const Pair& pair) {
    if (m_most == 0) return;
    if (m_heap.size() == m_most) {
      if (!isWorse(pair, m_heap.front())) return;
      std::pop_heap(m_heap.begin(), m_heap.end(), order());
      m_heap.pop_back();
    }
    m_heap.push_back(pair);
    std::push_heap(m_heap.begin(), m_heap.end(), order());
  }

  std::vector<Pair> worstFirst() && {
    std::sort_heap(m_heap.begin(), m_heap.end(), order());
    return std::move(m_heap);
  }

 private:
  std::size_t m_most;
  bool m_isHighest;
  std::vector<Pair> m_heap;
};

}  // namespace

std::vector<Pair> PeopleSimilarity::lookalikes(std::size_t most) const {
  WorstPairs worst(most, true);
  for (std::size_t one = 0; one < people.size(); ++one)
    for (std::size_t other = one + 1; other < people.size(); ++other)
      worst.offer({one, other, between(one, other)});
  return std::move(worst).worstFirst();
}

std::vector<Pair> PeopleSimilarity::inconsistent(std::size_t most) const {
  WorstPairs worst(most, false);
  for (std::size_t one = 0; one < people.size(); ++one)
    if (std::isfinite(between(one, one))) worst.offer({one, one, between(one, one)});
  return std::move(worst).worstFirst();
}

std::vector<std::size_t> PeopleSimilarity::worstFirst(double threshold) const {
  std::vector<double> worries(people.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t one = 0; one < people.size(); ++one)
    for (std::size_t other = 0; other < people.size(); ++other) {
      const double over = between(one, other) - threshold;
      worries[one] = std::fmax(worries[one], one == other ? -over : over);
    }
  std::vector<std::size_t> order(people.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return worries[a] > worries[b]; });
  return order;
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
  if (count > PeopleSimilarity::kMostPeople)
    return Error{ErrorCode::OptionOutOfRange,
                 "Everybody can be compared with everybody in stores of up to " +
                     std::to_string(PeopleSimilarity::kMostPeople) + " people.",
                 ""};
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
          sum += desk.network().score(its[i], others[j]) - excessOffset(its[i], others[j]);
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
