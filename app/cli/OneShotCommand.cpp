// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/evaluation/OneShotRuns.h"
#include "core/metric/Backend.h"

namespace countersign::cli {

namespace {

struct OneShotArguments {
  std::filesystem::path network;
  std::filesystem::path runs;
};

Exit runOneShot(const OneShotArguments& arguments, const Session& session) {
  setComputeThreads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  const auto network = openNetwork(session, arguments.network, Modality::Signature);
  if (!network) return fail(network.error());
  const auto runs = readOneShotRuns(arguments.runs);
  if (!runs) return fail(runs.error());
  const StopOnSignal stop;
  ProgressLine line;
  const auto report = answerOneShotRuns(*network, *runs, arguments.runs,
                                        {stop.token(), [&](const EvaluationProgress& p) {
                                           line.show("embedding", p.done, p.total);
                                         }});
  line.clear();
  if (!report) return fail(report.error());
  if (session.isJson) {
    const nlohmann::json json = {{"answers", report->answers},
                                 {"right", report->right},
                                 {"accuracy", report->accuracy.value},
                                 {"accuracyLow", report->accuracy.low},
                                 {"accuracyHigh", report->accuracy.high},
                                 {"byRun", report->byRun},
                                 {"networkIdentity", network->identity()}};
    printJson(json);
  } else {
    std::printf("%d of %d answers right: %.1f %% (95 %% over runs: %.1f to %.1f)\n", report->right,
                report->answers, 100 * report->accuracy.value, 100 * report->accuracy.low,
                100 * report->accuracy.high);
  }
  return Exit::Done;
}

}  // namespace

void addOneShotCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<OneShotArguments>();
  auto* command = app.add_subcommand(
      "one-shot", "Measure how often a network finds the class of an image from one example each");
  command->footer(
      "The folder holds the runs of an N-way task as Omniglot publishes them: run01, run02 ...,\n"
      "each with a file class_labels.txt of lines \"test-image training-image\".");
  addNetwork(*command, arguments->network);
  command->add_option("--runs", arguments->runs, "Folder of the runs")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runOneShot(*arguments, session); };
  });
}

}  // namespace countersign::cli
