// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/OfficeTrials.h"

#include <algorithm>
#include <system_error>

#include "core/base/File.h"
#include "core/evaluation/ThresholdTable.h"

namespace countersign {

namespace {

/// A list without scores, compared by a network.
Result<KnownTrials> scoredBy(const EmbeddingNetwork& network, const TrialList& list,
                             const std::filesystem::path& table,
                             const JobContext<EvaluationProgress>& context) {
  if (list.trials.empty()) return Error{ErrorCode::NotFound, quoted(table) + " has no trials.", ""};
  const auto& first = list.trials.front().probe;
  auto root = table.parent_path();
  if (const auto found = besideTable(table, first); found != root / first)
    root = root.parent_path();
  const auto report = evaluateTrials(network, list, root, context);
  if (!report) return report.error();
  if (2 * report->failuresToAcquire > report->images)
    return Error{ErrorCode::FileNotReadable,
                 "Most images that " + quoted(table) +
                     " names cannot be read: they are looked for in its folder and in the one "
                     "above.",
                 ""};
  // A written table and a fresh one are told apart by nothing, then.
  return parseScoredTrials(writeScores(list, *report));
}

Result<KnownTrials> tableTrials(const EmbeddingNetwork& network, const std::filesystem::path& table,
                                const JobContext<EvaluationProgress>& context) {
  const auto list = readTrialList(table);
  if (!list) return list.error();
  return list->table.columnIndex("score") ? readScoredTrials(table)
                                          : scoredBy(network, *list, table, context);
}

/// Some lists of a card, as one.
Result<KnownTrials> cardTrials(const EmbeddingNetwork& network,
                               const std::vector<std::string>& names) {
  KnownTrials known;
  known.network = network.identity();
  std::vector<const ScoreEvidence*> lists;
  for (const auto& name : names) {
    const auto at = network.evidence().find(name);
    if (at == network.evidence().end())
      return Error{ErrorCode::OptionOutOfRange,
                   "The other network was not measured on “" + name +
                       "”; compare on the people on file, or on a table with its images.",
                   ""};
    lists.push_back(&at->second);
  }
  known.evidence = pooled(lists);
  return known;
}

Result<KnownTrials> trialsBy(const std::shared_ptr<const EmbeddingNetwork>& other, const Desk& desk,
                             const TrialSource& source,
                             const JobContext<EvaluationProgress>& context) {
  switch (source.kind) {
    case TrialSource::Kind::Card:
      return cardTrials(*other, listsFor(desk.network().evidence(), source.references).names);
    case TrialSource::Kind::Table: {
      const auto list = readTrialList(source.table);
      if (!list) return list.error();
      return scoredBy(*other, *list, source.table, context);
    }
    case TrialSource::Kind::Store:
      break;
  }
  StoreTrialOptions options;
  options.network = other;
  auto made = storeTrials(desk, context, options);
  if (!made) return made.error();
  return std::move(made->known);
}

}  // namespace

std::filesystem::path besideTable(const std::filesystem::path& table,
                                  const std::filesystem::path& file) {
  const auto folder = table.parent_path();
  std::error_code ignored;
  if (auto above = folder.parent_path() / file;
      !std::filesystem::exists(folder / file, ignored) && std::filesystem::exists(above, ignored))
    return above;
  return folder / file;
}

Result<OfficeTrials> officeTrials(const Desk& desk, const TrialSource& source,
                                  const JobContext<EvaluationProgress>& context) {
  OfficeTrials trials;
  switch (source.kind) {
    case TrialSource::Kind::Store: {
      auto store = storeTrials(desk, context);
      if (!store) return store.error();
      trials.known = std::move(store->known);
      trials.store = *std::move(store);
      trials.lists = {std::string(kOwnPeople)};
      return trials;
    }
    case TrialSource::Kind::Table: {
      auto known = tableTrials(desk.network(), source.table, context);
      if (!known) return known.error();
      trials.known = *std::move(known);
      trials.lists = {source.table.filename().string()};
      return trials;
    }
    case TrialSource::Kind::Card:
      break;
  }
  const auto lists = listsFor(desk.network().evidence(), source.references);
  auto known = cardTrials(desk.network(), lists.names);
  if (!known) return known.error();
  trials.known = *std::move(known);
  trials.known.references = lists.references;
  trials.lists = lists.names;
  return trials;
}

Result<ComparedTrials> compareOfficeTrials(const Desk& desk, const TrialSource& source,
                                           const KnownTrials& mine,
                                           const std::filesystem::path& other,
                                           const JobContext<EvaluationProgress>& context) {
  ComparedTrials compared;
  compared.name = other.filename().string();
  if (other.extension() == ".csv") {
    auto known = readScoredTrials(other);
    if (!known) return known.error();
    compared.known = *std::move(known);
  } else {
    auto network = EmbeddingNetwork::load(other);
    if (!network) return network.error();
    if (network->card().modality != desk.modality() || network->card().architecture.kind == "gru")
      return Error{ErrorCode::NetworkIncompatible,
                   quoted(other) + " compares another kind of sample than the network in service.",
                   ""};
    const auto shared = std::make_shared<const EmbeddingNetwork>(*std::move(network));
    auto known = trialsBy(shared, desk, source, context);
    if (!known) return known.error();
    compared.known = *std::move(known);
  }
  auto groups = compareOnSameTrials(mine.evidence, compared.known.evidence);
  if (!groups) return groups.error();
  compared.groups = *std::move(groups);
  return compared;
}

}  // namespace countersign
