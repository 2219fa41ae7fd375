// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/NetworkComparison.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/File.h"
#include "core/base/TemporaryFolder.h"
#include "core/corpus/SyntheticCorpus.h"
#include "core/corpus/SyntheticFace.h"
#include "core/imaging/ImageFile.h"

namespace countersign {

namespace {

using Json = nlohmann::json;

std::string percent(double rate) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", 100 * std::abs(rate));
  return text;
}

/// "forgeries" or "other people".
const char* wordFor(const std::string& group) {
  return group == "skilled" ? "forgeries" : "other people";
}

/// Four photos each of twenty invented people.
Result<std::vector<SampleRecord>> drawFaces(const std::filesystem::path& folder,
                                            const std::stop_token& stop) {
  constexpr std::uint64_t kSeed = 20;
  constexpr std::uint64_t kPeople = 20;
  constexpr std::uint64_t kPhotos = 4;
  std::vector<SampleRecord> samples;
  for (std::uint64_t person = 0; person < kPeople; ++person) {
    if (stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The comparison was stopped.", ""};
    const SyntheticFace face(kSeed, person);
    for (std::uint64_t photo = 0; photo < kPhotos; ++photo) {
      const auto name = std::to_string(person) + "-" + std::to_string(photo) + ".png";
      const auto png = encodePng(face.snapshot(photo).picture);
      if (auto status = writeFileAtomically(
              folder / name, {reinterpret_cast<const char*>(png.data()), png.size()});
          !status)
        return status.error();
      samples.push_back({name, std::to_string(person), SampleLabel::Genuine, Split::Validation});
    }
  }
  return samples;
}

Json estimateJson(const Estimate& estimate) {
  return {estimate.value, estimate.low, estimate.high};
}
Estimate estimateOf(const Json& json) { return {json.at(0), json.at(1), json.at(2)}; }

}  // namespace

Result<std::vector<GroupComparison>> compareOnSameTrials(const ScoreEvidence& before,
                                                         const ScoreEvidence& after) {
  if (before.groups != after.groups || before.subjects != after.subjects)
    return Error{ErrorCode::OptionOutOfRange, "The networks were not measured on the same trials.",
                 ""};
  int subjects = 0;
  std::map<TrialKind, PairedScores> byKind;
  for (std::size_t i = 0; i < before.scores.size(); ++i) {
    const int subject = before.subjects[i];
    subjects = std::max(subjects, subject + 1);
    auto& scores = byKind[static_cast<TrialKind>(before.groups[i])];
    scores.before.push_back({before.scores[i], subject});
    scores.after.push_back({after.scores[i], subject});
  }
  std::vector<GroupComparison> groups;
  const auto& mated = byKind[TrialKind::Genuine];
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    const auto& nonMated = byKind[kind];
    if (mated.before.empty() || nonMated.before.empty()) continue;
    std::set<int> people;
    for (const auto* scores : {&mated.before, &nonMated.before})
      for (const auto& score : *scores) people.insert(score.subject);
    groups.push_back({.group = std::string(trialKindName(kind)),
                      .people = static_cast<int>(people.size()),
                      .matedTrials = static_cast<int>(mated.before.size()),
                      .nonMatedTrials = static_cast<int>(nonMated.before.size()),
                      .equalError = equalErrorDifference(mated, nonMated, subjects)});
    auto& group = groups.back();
    group.equalError.people = group.people;
    for (auto* rate : {&group.equalError.before, &group.equalError.after})
      *rate = widenedIfFaultless(*rate, group.people);
  }
  return groups;
}

std::string NetworkComparison::verdict() const {
  std::string better;
  std::string worse;
  const auto add = [](std::string& text, const ListComparison& list, const GroupComparison& group) {
    if (!text.empty()) text += "; ";
    text.append(percent(group.equalError.difference.value)).append(" points on ");
    text.append(list.name).append(" against ").append(wordFor(group.group));
  };
  bool isAny = false;
  for (const auto& list : lists) {
    for (const auto& group : list.groups) {
      isAny = true;
      if (!group.equalError.isCertain()) continue;
      add(group.equalError.difference.value < 0 ? better : worse, list, group);
    }
  }
  if (!isAny) return "There are no trials to compare the networks on.";
  std::string sentence;
  if (!better.empty()) sentence.append("The new network makes fewer errors: ").append(better + ".");
  if (!worse.empty())
    sentence.append(better.empty() ? "" : " ")
        .append("The new network makes more errors: ")
        .append(worse + ".");
  if (sentence.empty())
    sentence =
        "No difference can be told from chance with so few people. Keep the network in service "
        "unless there is a reason to change.";
  return sentence;
}

Result<NetworkComparison> compareNetworks(const EmbeddingNetwork& before,
                                          const EmbeddingNetwork& after,
                                          const std::vector<ComparisonTrials>& trials,
                                          const JobContext<EvaluationProgress>& context) {
  const auto& cards = {before.card(), after.card()};
  if (std::any_of(cards.begin(), cards.end(),
                  [](const NetworkCard& card) { return card.architecture.kind == "gru"; }))
    return Error{ErrorCode::NetworkIncompatible, "A network for pen data cannot compare images.",
                 ""};
  if (before.card().modality != after.card().modality)
    return Error{ErrorCode::NetworkIncompatible,
                 "One of the networks compares signatures, the other one faces.", ""};
  NetworkComparison comparison{before.identity(), after.identity(), {}};
  std::vector<int> images;
  int total = 0;
  for (const auto& some : trials) {
    std::set<std::filesystem::path> files;
    for (const auto& trial : some.list.trials) {
      files.insert(trial.probe);
      files.insert(trial.references.begin(), trial.references.end());
    }
    images.push_back(static_cast<int>(files.size()));
    total += 2 * images.back();
  }
  int done = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const auto& some = trials[i];
    if (some.list.trials.empty()) continue;
    std::vector<EvaluationReport> reports;
    for (const auto* network : {&before, &after}) {
      auto report = evaluateTrials(*network, some.list, some.root,
                                   {context.stop,
                                    [&](const EvaluationProgress& progress) {
                                      context.emitEvent({done + progress.done, total});
                                    }},
                                   {some.region});
      if (!report) return report.error();
      if (2 * report->failuresToAcquire > report->images)
        return Error{ErrorCode::FileNotReadable,
                     "Most images of the " + some.name + " cannot be read any more in " +
                         quoted(some.root) + ".",
                     ""};
      reports.push_back(*std::move(report));
      done += images[i];
    }
    auto groups = compareOnSameTrials(reports[0].evidence, reports[1].evidence);
    if (!groups) return groups.error();
    comparison.lists.push_back(
        {some.name, *std::move(groups), some.isInvented, std::move(reports[1])});
  }
  return comparison;
}

std::optional<ComparisonTrials> heldOutTrials(const CorpusManifest& manifest,
                                              const std::filesystem::path& root) {
  for (const auto split : {Split::Validation, Split::Development}) {
    auto samples = manifest.of(split);
    // Pen data is no image that a clerk would verify.
    std::erase_if(samples, [](const SampleRecord& s) { return s.path.extension() == ".txt"; });
    auto list = trialsOf(samples);
    const auto has = [&](TrialKind kind) {
      return std::any_of(list.trials.begin(), list.trials.end(),
                         [&](const Trial& trial) { return trial.kind == kind; });
    };
    if (!has(TrialKind::Genuine) || !(has(TrialKind::Skilled) || has(TrialKind::Random))) continue;
    return ComparisonTrials{split == Split::Validation
                                ? "held-out people"
                                : "development people (they chose the weights)",
                            std::move(list), root, false, nullptr};
  }
  return std::nullopt;
}

Result<ComparisonTrials> inventedTrials(Modality modality, const std::stop_token& stop) {
  const auto temporary = TemporaryFolder::make();
  if (!temporary) return temporary.error();
  const auto& folder = (*temporary)->path();
  if (modality == Modality::Face) {
    auto samples = drawFaces(folder, stop);
    if (!samples) return samples.error();
    return ComparisonTrials{"invented people", trialsOf(*samples), folder, true, *temporary};
  }
  const SyntheticCorpusOptions options{.signers = 20, .genuine = 4, .forgeries = 3, .seed = 20};
  if (auto status = writeSyntheticCorpus(folder, options, {stop, {}}); !status)
    return status.error();
  auto manifest = readManifest(folder / "manifest.csv");
  if (!manifest) return manifest.error();
  return ComparisonTrials{"invented people", trialsOf(manifest->samples), folder, true, *temporary};
}

std::string writeComparison(const NetworkComparison& comparison) {
  Json lists = Json::array();
  for (const auto& list : comparison.lists) {
    Json groups = Json::array();
    for (const auto& group : list.groups)
      groups.push_back({{"group", group.group},
                        {"people", group.people},
                        {"matedTrials", group.matedTrials},
                        {"nonMatedTrials", group.nonMatedTrials},
                        {"eerBefore", estimateJson(group.equalError.before)},
                        {"eerAfter", estimateJson(group.equalError.after)},
                        {"difference", estimateJson(group.equalError.difference)}});
    lists.push_back({{"trials", list.name}, {"groups", groups}});
  }
  const Json json = {{"before", comparison.before},
                     {"after", comparison.after},
                     {"verdict", comparison.verdict()},
                     {"lists", lists}};
  return json.dump(2) + "\n";
}

Result<NetworkComparison> parseComparison(std::string_view text) try {
  const auto json = Json::parse(text);
  NetworkComparison comparison{json.at("before"), json.at("after"), {}};
  for (const auto& list : json.at("lists")) {
    ListComparison read{.name = list.at("trials")};
    for (const auto& group : list.at("groups"))
      read.groups.push_back({group.at("group"),
                             group.at("people"),
                             group.at("matedTrials"),
                             group.at("nonMatedTrials"),
                             {estimateOf(group.at("eerBefore")), estimateOf(group.at("eerAfter")),
                              estimateOf(group.at("difference")), group.at("people")}});
    comparison.lists.push_back(std::move(read));
  }
  return comparison;
} catch (const std::exception& e) {
  return Error{ErrorCode::FileMalformed, "The comparison of two networks cannot be read.",
               e.what()};
}

}  // namespace countersign
