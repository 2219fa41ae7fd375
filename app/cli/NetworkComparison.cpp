// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/NetworkComparison.h"

#include <cstdio>

#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/corpus/CorpusLayout.h"

namespace countersign::cli {

namespace {

struct CompareNetworksArguments {
  std::filesystem::path before;
  std::filesystem::path after;
  std::filesystem::path report;
  ComparisonOptions options;
};

Exit runCompareNetworks(const CompareNetworksArguments& arguments, const Session& session) {
  const auto after = EmbeddingNetwork::load(arguments.after);
  if (!after) return fail(after.error());
  const auto before = openNetwork(session, arguments.before, after->card().modality);
  if (!before) return fail(before.error());
  const StopOnSignal stop;
  const auto comparison = compareForUser(*before, *after, arguments.options, stop.token());
  if (!comparison) return fail(comparison.error());
  const auto json = writeComparison(*comparison);
  if (!arguments.report.empty()) {
    if (auto status = writeFileAtomically(arguments.report, json); !status)
      return fail(status.error());
  }
  session.isJson ? static_cast<void>(std::fputs(json.c_str(), stdout))
                 : printComparison(*comparison);
  return Exit::Done;
}

}  // namespace

void addComparisonOptions(CLI::App& command, ComparisonOptions& options) {
  command.add_option("--root", options.root, "Folder that the paths of --trials are relative to")
      ->capture_default_str();
  command.add_option("--trials", options.trials, "Trial lists (CSV) to compare on, too");
  command.add_option("--corpus", options.corpus,
                     "Folder of images: compare on those of its people who were not trained on");
  addFaceChoice(command, options.face, "every picture of faces");
}

Result<NetworkComparison> compareForUser(const EmbeddingNetwork& before,
                                         const EmbeddingNetwork& after,
                                         const ComparisonOptions& options,
                                         const std::stop_token& stop) {
  std::vector<ComparisonTrials> trials;
  if (!options.corpus.empty()) {
    const auto corpus = detectCorpus(options.corpus);
    if (!corpus) return corpus.error();
    auto heldOut = heldOutTrials(corpus->manifest, options.corpus);
    if (!heldOut)
      return Error{ErrorCode::FileMalformed,
                   "Nobody in " + quoted(options.corpus) + " was held out to compare on.", ""};
    trials.push_back(*std::move(heldOut));
  }
  SampleRegion region;
  region.face = faceChoice(options.face);
  if (!trials.empty()) trials.back().region = region;
  for (const auto& file : options.trials) {
    auto list = readTrialList(file);
    if (!list) return list.error();
    trials.push_back(
        {file.stem().string(), *std::move(list), options.root, false, nullptr, region});
  }
  auto invented = inventedTrials(after.card().modality, stop);
  if (!invented) return invented.error();
  trials.push_back(*std::move(invented));
  ProgressLine line;
  auto comparison = compareNetworks(
      before, after, trials,
      {stop, [&](const EvaluationProgress& p) { line.show("comparing", p.done, p.total); }});
  line.clear();
  return comparison;
}

void printGroups(const std::vector<GroupComparison>& groups) {
  for (const auto& group : groups) {
    const auto& e = group.equalError;
    std::printf(
        "  %-8s EER %5.2f %% -> %5.2f %%   difference %+.2f points (95 %%: %+.2f to %+.2f)   %d "
        "people, %d mated, %d non-mated\n",
        group.group.c_str(), 100 * e.before.value, 100 * e.after.value, 100 * e.difference.value,
        100 * e.difference.low, 100 * e.difference.high, group.people, group.matedTrials,
        group.nonMatedTrials);
  }
}

void printComparison(const NetworkComparison& comparison) {
  for (const auto& list : comparison.lists) {
    std::printf("%s\n", list.name.c_str());
    printGroups(list.groups);
  }
  std::printf("%s\n", comparison.verdict().c_str());
}

void addCompareNetworksCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CompareNetworksArguments>();
  auto* command = app.add_subcommand(
      "compare-networks", "How two networks do on the same trials, with the difference's interval");
  command->footer(
      "The trials are those of people whom the program invents, and whatever --trials and --corpus "
      "name.\nThe interval of the difference draws people, not trials: the same ones for both "
      "networks.");
  command->add_option("AFTER", arguments->after, "Network file")->required();
  command->add_option("--before", arguments->before,
                      "Network to compare with (default: the one that comes with the program)");
  addComparisonOptions(*command, arguments->options);
  command->add_option("--report", arguments->report, "Report to write (JSON)");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runCompareNetworks(*arguments, session); };
  });
}

}  // namespace countersign::cli
