// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ScoredTrials.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

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

/// The samples of a list by their paths.
class SampleNumbers {
 public:
  explicit SampleNumbers(std::vector<TrialSample>& samples) : m_samples(samples) {}

  std::int32_t of(const std::filesystem::path& path) {
    const auto next = static_cast<std::int32_t>(m_samples.size());
    const auto [at, isNew] = m_numbers.emplace(path.native(), next);
    if (isNew) m_samples.push_back({path.generic_string(), path, 0, 0});
    return at->second;
  }

 private:
  std::vector<TrialSample>& m_samples;
  std::unordered_map<std::string, std::int32_t> m_numbers;
};

/// The network that all rows name.
Result<std::string> networkOf(const CsvTable& table) {
  const auto column = table.columnIndex("network");
  if (!column || table.rows.empty()) return std::string();
  const auto& network = table.rows.front()[*column];
  for (const auto& row : table.rows)
    if (row[*column] != network)
      return Error{ErrorCode::FileMalformed,
                   "The scores were made by several networks; they cannot be judged together.", ""};
  return network;
}

Result<KnownTrials> scoredTrialsOf(const TrialList& list) {
  const auto column = list.table.columnIndex("score");
  if (!column) return column.error();
  auto network = networkOf(list.table);
  if (!network) return network.error();
  KnownTrials known;
  known.network = *std::move(network);
  auto& evidence = known.evidence;
  SampleNumbers samples(known.samples);
  std::unordered_map<std::string, std::int32_t> numbers;
  std::vector<std::size_t> references;
  for (std::size_t i = 0; i < list.trials.size(); ++i) {
    const auto score = scoreOf(list.table.rows[i][*column]);
    if (!score)
      return Error{ErrorCode::FileMalformed,
                   "Trial " + std::to_string(i + 1) + " has a score that is no number.", ""};
    const auto& trial = list.trials[i];
    evidence.scores.push_back(*score);
    evidence.groups.push_back(static_cast<std::uint8_t>(trial.kind));
    const auto next = static_cast<std::int32_t>(numbers.size());
    const auto [person, isNew] = numbers.emplace(trial.subject, next);
    if (isNew) known.people.push_back(trial.subject);
    evidence.subjects.push_back(person->second);
    known.probes.push_back(samples.of(trial.probe));
    known.shown.push_back(samples.of(trial.references.front()));
    references.push_back(trial.references.size());
  }
  if (!references.empty()) {
    const auto middle = references.begin() + static_cast<std::ptrdiff_t>(references.size() / 2);
    std::nth_element(references.begin(), middle, references.end());
    known.references = static_cast<int>(*middle);
  }
  // A table that shows one reference a trial says how many there were.
  if (const auto fused = list.table.columnIndex("fusedReferences"); fused && !references.empty()) {
    const auto& text = list.table.rows.front()[*fused];
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, known.references);
    if (parsed.ec != std::errc{} || parsed.ptr != end || known.references < 1)
      return Error{ErrorCode::FileMalformed,
                   "The number of fused references, \"" + text + "\", is none.", ""};
  }
  return known;
}

}  // namespace

Result<KnownTrials> parseScoredTrials(std::string_view csv) {
  const auto list = parseTrialList(csv);
  if (!list) return list.error();
  return scoredTrialsOf(*list);
}

Result<KnownTrials> readScoredTrials(const std::filesystem::path& path) {
  const auto list = readTrialList(path);
  if (!list) return list.error();
  auto known = scoredTrialsOf(*list);
  if (!known)
    return Error{known.error().code, quoted(path) + ": " + known.error().message,
                 known.error().detail};
  return known;
}

std::vector<std::size_t> worstTrials(const ScoreEvidence& evidence, TrialKind kind, double low,
                                     double high, std::size_t most) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < evidence.scores.size(); ++i) {
    const double score = evidence.scores[i];
    if (static_cast<TrialKind>(evidence.groups[i]) == kind && std::isfinite(score) && score > low &&
        score <= high)
      found.push_back(i);
  }
  const bool isMated = kind == TrialKind::Genuine;
  const auto isWorse = [&](std::size_t a, std::size_t b) {
    const float one = evidence.scores[a];
    const float other = evidence.scores[b];
    if (one != other) return isMated ? one < other : one > other;
    return a < b;
  };
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(most, found.size()));
  std::partial_sort(found.begin(), end, found.end(), isWorse);
  found.erase(end, found.end());
  return found;
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
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    const auto trials = trialsAgainst(all, kind);
    if (!trials.canBeFitted()) continue;
    (kind == TrialKind::Skilled ? m_skilled : m_random) =
        ScoreCalibration::fit(trials, ScoreCalibration::usual(trials));
  }
}

}  // namespace countersign
