// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TrialEvaluation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>

#include "core/biometrics/IndividualThreshold.h"
#include "core/biometrics/Verifier.h"
#include "core/evaluation/ErrorRates.h"
#include "core/evaluation/ThresholdTable.h"
#include "core/metric/NetworkFile.h"

namespace countersign {

namespace {

using Clock = std::chrono::steady_clock;
constexpr double kFailed = -std::numeric_limits<double>::infinity();

/// An image as the trials see it: its embeddings, or why there are none.
struct AcquiredImage {
  std::optional<EmbeddedSample> sample;
  std::optional<EmbeddedSample> reference;  ///< Where it is one, and is embedded in another way.
  bool isReference = false;
  std::string reason;

  const EmbeddedSample& asReference() const { return reference ? *reference : *sample; }
};
using AcquiredImages = std::map<std::filesystem::path, AcquiredImage>;

std::map<std::string, int> numberSubjects(const std::vector<Trial>& trials) {
  std::map<std::string, int> numbers;
  for (const auto& trial : trials) numbers.emplace(trial.subject, static_cast<int>(numbers.size()));
  return numbers;
}

Result<AcquiredImages> acquireImages(const EmbeddingNetwork& network, const TrialList& list,
                                     const std::filesystem::path& root,
                                     const JobContext<EvaluationProgress>& context,
                                     const SampleRegion& region) {
  AcquiredImages images;
  for (const auto& trial : list.trials) {
    images[trial.probe];
    for (const auto& reference : trial.references) images[reference].isReference = true;
  }
  const Verifier verifier(network);
  int done = 0;
  for (auto& [path, image] : images) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The evaluation was stopped.", ""};
    auto acquired = verifier.acquire(root / path, region);
    if (acquired) {
      image.sample = std::move(acquired->embedded);
      if (image.isReference && network.card().referenceCopies > 0) {
        auto reference = network.embedReference(acquired->read.canvas);
        if (!reference) return reference.error();
        image.reference = *std::move(reference);
      }
    } else if (acquired.error().code == ErrorCode::BackendFailure) {
      return acquired.error();  // a broken network or library is no property of the image
    } else {
      image.reason = acquired.error().message;
    }
    context.emitEvent({++done, static_cast<int>(images.size())});
  }
  return images;
}

TrialOutcome scoreTrial(const EmbeddingNetwork& network, const Trial& trial,
                        const AcquiredImages& images) {
  const auto& probe = images.at(trial.probe);
  if (!probe.sample) return {kFailed, probe.reason};
  std::vector<SimilarityScore> scores;
  for (const auto& path : trial.references) {
    const auto& reference = images.at(path);
    if (!reference.sample) return {kFailed, reference.reason};
    scores.push_back({network.score(*probe.sample, reference.asReference())});
  }
  return {fuseScores(std::move(scores), network.card().fusedReferences).value, "ok"};
}

/// How far the claimed people's own thresholds lie from everybody's.
class IndividualShifts {
 public:
  explicit IndividualShifts(const EmbeddingNetwork& network) : m_network(network) {}

  double of(const Trial& trial, const AcquiredImages& images) {
    const auto known = m_shifts.find(trial.references);
    if (known != m_shifts.end()) return known->second;
    return m_shifts[trial.references] = shiftOf(trial.references, images);
  }

 private:
  double shiftOf(const std::vector<std::filesystem::path>& paths, const AcquiredImages& images) {
    std::vector<double> pairs;
    for (std::size_t i = 0; i < paths.size(); ++i)
      for (std::size_t j = i + 1; j < paths.size(); ++j) {
        const auto& one = images.at(paths[i]);
        const auto& other = images.at(paths[j]);
        if (one.sample && other.sample)
          pairs.push_back(m_network.score(one.asReference(), other.asReference()) -
                          excessOffset(one.asReference(), other.asReference()));
      }
    const auto count = static_cast<int>(paths.size());
    const auto usual = usualSpread(m_network.evidence(), count);
    const auto office =
        ThresholdTable(m_network.evidence(), count, {.replicates = 0}).equalErrorThreshold();
    if (!usual || !office) return 0;
    return individualThreshold({*office}, *usual, pairs, count).value - *office;
  }

  const EmbeddingNetwork& m_network;
  std::map<std::vector<std::filesystem::path>, double> m_shifts;
};

/// The other people of a list as a cohort.
class ListCohort {
 public:
  ListCohort(const EmbeddingNetwork& network, const TrialList& list, const AcquiredImages& images)
      : m_network(network), m_images(images) {
    for (const auto& trial : list.trials) m_people.emplace(trial.subject, trial.references);
  }

  TrialOutcome normalised(const TrialOutcome& outcome, const Trial& trial, ScoreNormalisation way) {
    if (!std::isfinite(outcome.score)) return outcome;
    const auto score = normalisedScore(
        {outcome.score}, way, way == ScoreNormalisation::T ? std::nullopt : ofReferences(trial),
        way == ScoreNormalisation::Z ? std::nullopt : ofProbe(trial));
    if (!score) return {kFailed, "Too few other people for a cohort."};
    return {score->value, outcome.status};
  }

 private:
  using Paths = std::vector<std::filesystem::path>;

  double scoreOf(const std::filesystem::path& probe, const Paths& references) const {
    const Trial trial{.references = references, .probe = probe};
    return scoreTrial(m_network, trial, m_images).score;
  }

  /// Each sample of the others as a probe.
  std::optional<CohortSpread> ofReferences(const Trial& trial) {
    const auto known = m_ofReferences.find(trial.references);
    if (known != m_ofReferences.end()) return known->second;
    std::vector<double> scores;
    for (const auto& [subject, paths] : m_people) {
      if (subject == trial.subject) continue;
      for (const auto& path : paths) scores.push_back(scoreOf(path, trial.references));
    }
    return m_ofReferences[trial.references] = cohortSpread(scores);
  }

  std::optional<CohortSpread> ofProbe(const Trial& trial) const {
    std::vector<double> scores;
    for (const auto& [subject, paths] : m_people)
      if (subject != trial.subject) scores.push_back(scoreOf(trial.probe, paths));
    return cohortSpread(scores);
  }

  const EmbeddingNetwork& m_network;
  const AcquiredImages& m_images;
  std::map<std::string, Paths> m_people;
  std::map<Paths, std::optional<CohortSpread>> m_ofReferences;
};

GroupFigures figuresOf(const std::string& name, const std::vector<SubjectScore>& mated,
                       const std::vector<SubjectScore>& nonMated, int subjectCount,
                       const BootstrapOptions& bootstrap) {
  GroupFigures figures{.group = name};
  LabelledScores scores;
  std::set<int> people;
  for (const auto& s : mated) {
    scores.mated.push_back(s.score);
    people.insert(s.subject);
  }
  for (const auto& s : nonMated) {
    scores.nonMated.push_back(s.score);
    people.insert(s.subject);
  }
  const auto failed = [](const SubjectScore& s) { return !std::isfinite(s.score); };
  figures.failuresToAcquire =
      static_cast<int>(std::count_if(mated.begin(), mated.end(), failed) +
                       std::count_if(nonMated.begin(), nonMated.end(), failed));
  figures.matedTrials = static_cast<int>(mated.size());
  figures.nonMatedTrials = static_cast<int>(nonMated.size());
  figures.people = static_cast<int>(people.size());
  figures.equalErrorRate = equalErrorWithInterval(mated, nonMated, subjectCount, bootstrap);
  figures.threshold = equalError(scores).threshold;
  constexpr double kOnePercent = 0.01;
  constexpr double kTenthPercent = 0.001;
  figures.falseNonMatchRateAt1 = falseNonMatchRateAt(scores, kOnePercent);
  figures.falseNonMatchRateAtTenth = falseNonMatchRateAt(scores, kTenthPercent);
  return figures;
}

std::string scoreText(double score) {
  if (!std::isfinite(score)) return "-inf";
  char text[32];
  std::snprintf(text, sizeof(text), "%.6f", score);
  return text;
}

}  // namespace

const GroupFigures* EvaluationReport::group(std::string_view name) const {
  const auto at = std::find_if(groups.begin(), groups.end(),
                               [&](const GroupFigures& g) { return g.group == name; });
  return at == groups.end() ? nullptr : &*at;
}

Accuracy accuracyAt(const std::vector<Trial>& trials, const std::vector<TrialOutcome>& outcomes,
                    double threshold) {
  int right = 0;
  for (std::size_t i = 0; i < trials.size(); ++i)
    right += (outcomes[i].score > threshold) == trials[i].isMated() ? 1 : 0;
  return {right / static_cast<double>(trials.size()), threshold};
}

Accuracy bestAccuracy(const std::vector<Trial>& trials, const std::vector<TrialOutcome>& outcomes) {
  std::vector<std::pair<double, bool>> sorted;
  for (std::size_t i = 0; i < trials.size(); ++i)
    sorted.emplace_back(outcomes[i].score, trials[i].isMated());
  std::sort(sorted.begin(), sorted.end());
  // Below all scores everything matches; each score that the threshold passes changes one answer.
  auto right = std::count_if(sorted.begin(), sorted.end(), [](const auto& s) { return s.second; });
  auto most = right;
  Accuracy best{0, sorted.front().first};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    right += sorted[i].second ? -1 : 1;
    const bool isLast = i + 1 == sorted.size();
    if (right <= most || (!isLast && sorted[i + 1].first == sorted[i].first)) continue;
    most = right;
    best.threshold = isLast || !std::isfinite(sorted[i].first)
                         ? sorted[i].first
                         : (sorted[i].first + sorted[i + 1].first) / 2;
  }
  return accuracyAt(trials, outcomes, best.threshold);
}

std::optional<FoldAccuracy> foldAccuracy(const std::vector<Trial>& trials,
                                         const std::vector<TrialOutcome>& outcomes) {
  std::set<std::string> folds;
  for (const auto& trial : trials) folds.insert(trial.fold);
  if (folds.size() < 2 || folds.contains("")) return {};
  std::vector<double> accuracies;
  for (const auto& fold : folds) {
    std::vector<Trial> inside;
    std::vector<TrialOutcome> insideOutcomes;
    std::vector<Trial> outside;
    std::vector<TrialOutcome> outsideOutcomes;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      const bool isInside = trials[i].fold == fold;
      (isInside ? inside : outside).push_back(trials[i]);
      (isInside ? insideOutcomes : outsideOutcomes).push_back(outcomes[i]);
    }
    const auto chosen = bestAccuracy(outside, outsideOutcomes);
    accuracies.push_back(accuracyAt(inside, insideOutcomes, chosen.threshold).value);
  }
  const auto count = static_cast<double>(accuracies.size());
  const double mean = std::accumulate(accuracies.begin(), accuracies.end(), 0.0) / count;
  double squares = 0;
  for (const double value : accuracies) squares += (value - mean) * (value - mean);
  return FoldAccuracy{static_cast<int>(accuracies.size()), mean,
                      std::sqrt(squares / (count - 1) / count)};
}

std::vector<GroupFigures> groupFigures(const std::vector<Trial>& trials,
                                       const std::vector<TrialOutcome>& outcomes,
                                       const BootstrapOptions& bootstrap) {
  const auto numbers = numberSubjects(trials);
  std::map<TrialKind, std::vector<SubjectScore>> byKind;
  for (std::size_t i = 0; i < trials.size(); ++i)
    byKind[trials[i].kind].push_back({outcomes[i].score, numbers.at(trials[i].subject)});
  const auto& mated = byKind[TrialKind::Genuine];
  std::vector<GroupFigures> groups;
  if (mated.empty()) return groups;
  std::vector<SubjectScore> all;
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    const auto& nonMated = byKind[kind];
    if (nonMated.empty()) continue;
    all.insert(all.end(), nonMated.begin(), nonMated.end());
    groups.push_back(figuresOf(std::string(trialKindName(kind)), mated, nonMated,
                               static_cast<int>(numbers.size()), bootstrap));
  }
  if (!all.empty())
    groups.push_back(figuresOf("pooled", mated, all, static_cast<int>(numbers.size()), bootstrap));
  return groups;
}

Result<EvaluationReport> evaluateTrials(const EmbeddingNetwork& network, const TrialList& list,
                                        const std::filesystem::path& root,
                                        const JobContext<EvaluationProgress>& context,
                                        const EvaluationConditions& conditions) {
  const auto began = Clock::now();
  const auto images = acquireImages(network, list, root, context, conditions.region);
  if (!images) return images.error();
  IndividualShifts shifts(network);
  ListCohort cohort(network, list, *images);
  EvaluationReport report;
  report.images = static_cast<int>(images->size());
  report.millisecondsPerImage =
      std::chrono::duration<double, std::milli>(Clock::now() - began).count() / report.images;
  report.failuresToAcquire = static_cast<int>(std::count_if(
      images->begin(), images->end(), [](const auto& item) { return !item.second.sample; }));
  report.networkIdentity = network.identity();
  const auto numbers = numberSubjects(list.trials);
  report.people = static_cast<int>(numbers.size());
  for (const auto& trial : list.trials) {
    report.outcomes.push_back(scoreTrial(network, trial, *images));
    if (conditions.normalisation != ScoreNormalisation::None)
      report.outcomes.back() =
          cohort.normalised(report.outcomes.back(), trial, conditions.normalisation);
    if (conditions.isIndividual) report.outcomes.back().score -= shifts.of(trial, *images);
    const double score = report.outcomes.back().score;
    report.evidence.scores.push_back(static_cast<float>(score));
    report.evidence.groups.push_back(static_cast<std::uint8_t>(trial.kind));
    report.evidence.subjects.push_back(numbers.at(trial.subject));
  }
  report.groups = groupFigures(list.trials, report.outcomes);
  if (!report.groups.empty()) report.best = bestAccuracy(list.trials, report.outcomes);
  report.folds = foldAccuracy(list.trials, report.outcomes);
  return report;
}

Result<double> usualCopyScore(const EmbeddingNetwork& network, const TrialList& list,
                              const std::filesystem::path& root,
                              const JobContext<EvaluationProgress>& context) {
  std::set<std::filesystem::path> references;
  for (const auto& trial : list.trials)
    references.insert(trial.references.begin(), trial.references.end());
  const Verifier verifier(network);
  double sum = 0;
  int count = 0;
  int done = 0;
  for (const auto& path : references) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The measurement was stopped.", ""};
    if (const auto acquired = verifier.acquire(root / path)) {
      const auto score = network.copyScore(acquired->read.canvas);
      if (!score) return score.error();
      sum += *score;
      ++count;
    }
    context.emitEvent({++done, static_cast<int>(references.size())});
  }
  if (count == 0)
    return Error{ErrorCode::QualityInsufficient, "None of the references can be compared.", ""};
  return sum / count;
}

std::string writeScores(const TrialList& list, const EvaluationReport& report) {
  // Columns of an earlier evaluation give way.
  const std::string_view own[] = {"score", "status", "network"};
  std::vector<std::size_t> kept;
  for (std::size_t column = 0; column < list.table.columns.size(); ++column)
    if (std::find(std::begin(own), std::end(own), list.table.columns[column]) == std::end(own))
      kept.push_back(column);
  std::string text;
  const auto addRow = [&](const std::vector<std::string>& cells, const std::string& score,
                          const std::string& status, const std::string& network) {
    for (const auto column : kept) text += csvCell(cells[column]) + ',';
    text += score + ',' + csvCell(status) + ',' + network + '\n';
  };
  addRow(list.table.columns, "score", "status", "network");
  for (std::size_t i = 0; i < list.table.rows.size(); ++i)
    addRow(list.table.rows[i], scoreText(report.outcomes[i].score), report.outcomes[i].status,
           report.networkIdentity);
  return text;
}

Status recordInCard(const std::filesystem::path& path, const std::string& name,
                    const std::string& command, const EvaluationReport& report) {
  auto network = readNetworkFile(path);
  if (!network) return network.error();
  auto& figures = network->card.figures;
  std::erase_if(figures, [&](const CardFigure& figure) { return figure.name == name; });
  const auto* skilled = report.group("skilled");
  const auto* random = report.group("random");
  if (random != nullptr) {
    figures.push_back({name, command, report.people, static_cast<int>(report.outcomes.size()),
                       skilled == nullptr ? std::nullopt : std::optional(skilled->equalErrorRate),
                       random->equalErrorRate});
    std::sort(figures.begin(), figures.end(),
              [](const CardFigure& a, const CardFigure& b) { return a.name < b.name; });
  }
  network->evidence[name] = report.evidence;
  return writeNetworkFile(path, *network);
}

std::string writeReport(const EvaluationReport& report) {
  nlohmann::json groups = nlohmann::json::array();
  for (const auto& g : report.groups) {
    groups.push_back({{"group", g.group},
                      {"matedTrials", g.matedTrials},
                      {"nonMatedTrials", g.nonMatedTrials},
                      {"people", g.people},
                      {"failuresToAcquire", g.failuresToAcquire},
                      {"equalErrorRate", g.equalErrorRate.value},
                      {"equalErrorRateLow", g.equalErrorRate.low},
                      {"equalErrorRateHigh", g.equalErrorRate.high},
                      {"threshold", g.threshold},
                      {"fnmrAtFmr1Percent", g.falseNonMatchRateAt1},
                      {"fnmrAtFmr0.1Percent", g.falseNonMatchRateAtTenth}});
  }
  nlohmann::json json = {{"networkIdentity", report.networkIdentity},
                         {"trials", report.outcomes.size()},
                         {"people", report.people},
                         {"images", report.images},
                         {"failuresToAcquire", report.failuresToAcquire},
                         {"millisecondsPerImage", report.millisecondsPerImage},
                         {"groups", groups}};
  if (report.best)
    json["bestAccuracy"] = {{"value", report.best->value}, {"threshold", report.best->threshold}};
  if (report.folds)
    json["foldAccuracy"] = {{"folds", report.folds->folds},
                            {"mean", report.folds->mean},
                            {"standardError", report.folds->standardError}};
  return json.dump(2) + "\n";
}

}  // namespace countersign
