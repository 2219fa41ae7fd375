// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ScoredTrials.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "core/base/File.h"

namespace countersign {

namespace {

std::optional<float> scoreOf(const std::string& text) {
  float score = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (failure != std::errc{} || end != text.data() + text.size()) return {};
  // A failure to acquire never passes: −infinity. Nothing else is without bounds.
  if (!std::isfinite(score) && !(score < 0)) return {};
  return score;
}

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

Result<ScoreEvidence> scoredTrialsOf(const TrialList& list) {
  const auto column = list.table.columnIndex("score");
  if (!column) return column.error();
  ScoreEvidence evidence;
  std::map<std::string, std::int32_t> numbers;
  for (std::size_t i = 0; i < list.trials.size(); ++i) {
    const auto score = scoreOf(list.table.rows[i][*column]);
    if (!score)
      return Error{ErrorCode::FileMalformed,
                   "Trial " + std::to_string(i + 1) + " has a score that is no number.", ""};
    const auto& trial = list.trials[i];
    evidence.scores.push_back(*score);
    evidence.groups.push_back(static_cast<std::uint8_t>(trial.kind));
    const auto next = static_cast<std::int32_t>(numbers.size());
    evidence.subjects.push_back(numbers.emplace(trial.subject, next).first->second);
  }
  return evidence;
}

}  // namespace

Result<ScoreEvidence> parseScoredTrials(std::string_view csv) {
  const auto list = parseTrialList(csv);
  if (!list) return list.error();
  return scoredTrialsOf(*list);
}

Result<ScoreEvidence> readScoredTrials(const std::filesystem::path& path) {
  const auto list = readTrialList(path);
  if (!list) return list.error();
  auto evidence = scoredTrialsOf(*list);
  if (!evidence)
    return Error{evidence.error().code, quoted(path) + ": " + evidence.error().message,
                 evidence.error().detail};
  return evidence;
}

ChosenLists listsFor(const std::map<std::string, ScoreEvidence, std::less<>>& evidence,
                     int references) {
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

CalibrationTrials trialsAgainst(const ScoreEvidence& evidence, TrialKind kind) {
  CalibrationTrials trials;
  for (std::size_t i = 0; i < evidence.scores.size(); ++i) {
    const SubjectScore score{evidence.scores[i], evidence.subjects[i]};
    const auto of = static_cast<TrialKind>(evidence.groups[i]);
    if (of == TrialKind::Genuine)
      trials.mated.push_back(score);
    else if (of == kind)
      trials.nonMated.push_back(score);
  }
  return trials;
}

EvidenceStrength::EvidenceStrength(
    const std::map<std::string, ScoreEvidence, std::less<>>& evidence, int references) {
  std::vector<const ScoreEvidence*> lists;
  for (const auto& name : listsFor(evidence, references).names) lists.push_back(&evidence.at(name));
  const auto all = pooled(lists);
  const auto hasFinite = [](const std::vector<SubjectScore>& trials) {
    return std::any_of(trials.begin(), trials.end(),
                       [](const SubjectScore& trial) { return std::isfinite(trial.score); });
  };
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    const auto trials = trialsAgainst(all, kind);
    if (!hasFinite(trials.mated) || !hasFinite(trials.nonMated)) continue;
    (kind == TrialKind::Skilled ? m_skilled : m_random) =
        ScoreCalibration::fit(trials, ScoreCalibration::usual(trials));
  }
}

}  // namespace countersign
