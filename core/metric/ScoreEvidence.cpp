// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/ScoreEvidence.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

namespace countersign {

namespace {

int referencesOf(const std::string& list) {
  constexpr std::string_view kEnd = "ref";
  const auto dash = list.rfind('-');
  if (dash == std::string::npos || !list.ends_with(kEnd)) return 1;
  int count = 0;
  const char* first = list.data() + dash + 1;
  const char* last = list.data() + list.size() - kEnd.size();
  const auto parsed = std::from_chars(first, last, count);
  return parsed.ec == std::errc{} && parsed.ptr == last && count > 0 ? count : 1;
}

}  // namespace

ChosenLists listsFor(const EvidenceByList& evidence, int references) {
  ChosenLists chosen;
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& [list, scores] : evidence) {
    const int count = referencesOf(list);
    const double distance =
        std::abs(std::log(static_cast<double>(count) / std::max(1, references)));
    if (distance > nearest) continue;
    if (distance < nearest) chosen = {count, {}};
    nearest = distance;
    if (count == chosen.references) chosen.names.push_back(list);
  }
  return chosen;
}

ScoreEvidence ofKind(const ScoreEvidence& evidence, TrialKind kind) {
  ScoreEvidence some;
  for (std::size_t i = 0; i < evidence.scores.size(); ++i) {
    if (static_cast<TrialKind>(evidence.groups[i]) != kind) continue;
    some.scores.push_back(evidence.scores[i]);
    some.groups.push_back(evidence.groups[i]);
    some.subjects.push_back(evidence.subjects[i]);
  }
  return some;
}

int peopleWith(const ScoreEvidence& evidence, TrialKind kind) {
  const auto subjects = ofKind(evidence, kind).subjects;
  return static_cast<int>(std::set<std::int32_t>(subjects.begin(), subjects.end()).size());
}

ScoreEvidence pooled(const std::vector<const ScoreEvidence*>& lists) {
  ScoreEvidence all;
  std::int32_t first = 0;
  for (const auto* list : lists) {
    all.scores.insert(all.scores.end(), list->scores.begin(), list->scores.end());
    all.groups.insert(all.groups.end(), list->groups.begin(), list->groups.end());
    std::int32_t next = first;
    for (const auto subject : list->subjects) {
      all.subjects.push_back(first + subject);
      next = std::max(next, first + subject + 1);
    }
    first = next;
  }
  return all;
}

}  // namespace countersign
