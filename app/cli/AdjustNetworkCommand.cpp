// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/evaluation/TrialEvaluation.h"
#include "core/metric/Backend.h"
#include "core/metric/NetworkFile.h"

namespace countersign::cli {

namespace {

struct AdjustArguments {
  std::filesystem::path network;
  std::filesystem::path output;
  std::optional<int> referenceCopies;
  std::optional<int> fusedReferences;
  std::filesystem::path evenedOutOn;
  std::filesystem::path thresholdFrom;
  std::filesystem::path root = ".";
};

/// The usual score of references with their copies, measured on a trial list.
Result<double> measured(const NetworkFile& file, const AdjustArguments& arguments) {
  setComputeThreads(1);
  const auto network = EmbeddingNetwork::of(file);
  if (!network) return network.error();
  const auto list = readTrialList(arguments.evenedOutOn);
  if (!list) return list.error();
  const StopOnSignal stop;
  ProgressLine line;
  return usualCopyScore(*network, *list, arguments.root,
                        {stop.token(), [&](const EvaluationProgress& p) {
                           line.show("measuring", p.done, p.total);
                         }});
}

/// τ where a trial list has its equal error: against skilled forgeries where it has any.
Result<double> equalErrorThreshold(const NetworkFile& file, const AdjustArguments& arguments) {
  setComputeThreads(1);
  const auto network = EmbeddingNetwork::of(file);
  if (!network) return network.error();
  const auto list = readTrialList(arguments.thresholdFrom);
  if (!list) return list.error();
  const StopOnSignal stop;
  ProgressLine line;
  const auto report = evaluateTrials(*network, *list, arguments.root,
                                     {stop.token(), [&](const EvaluationProgress& p) {
                                        line.show("embedding", p.done, p.total);
                                      }});
  if (!report) return report.error();
  if (report->groups.empty())
    return Error{ErrorCode::OptionOutOfRange,
                 "A threshold needs a list with mated and non-mated trials.", ""};
  return report->groups.front().threshold;
}

Exit runAdjust(const AdjustArguments& arguments, const Session& session) {
  auto network = readNetworkFile(arguments.network);
  if (!network) return fail(network.error());
  auto& card = network->card;
  const int copies = arguments.referenceCopies.value_or(card.referenceCopies);
  // What is usual for other copies is not known; it stays where they stay.
  if (copies != card.referenceCopies) card.usualCopyScore = 0;
  card.referenceCopies = copies;
  card.fusedReferences = arguments.fusedReferences.value_or(card.fusedReferences);
  if (!arguments.evenedOutOn.empty()) {
    const auto usual = measured(*network, arguments);
    if (!usual) return fail(usual.error());
    card.usualCopyScore = std::clamp(*usual, 0.0, 1.0);
  }
  if (!arguments.thresholdFrom.empty()) {
    const auto threshold = equalErrorThreshold(*network, arguments);
    if (!threshold) return fail(threshold.error());
    card.defaultThreshold = *threshold;
  }
  card.figures.clear();
  network->evidence.clear();
  if (auto status = writeNetworkFile(arguments.output, *network); !status)
    return fail(status.error());
  if (session.isJson) {
    const nlohmann::json json = {
        {"output", arguments.output.string()},     {"networkIdentity", network->identity()},
        {"referenceCopies", card.referenceCopies}, {"usualCopyScore", card.usualCopyScore},
        {"threshold", card.defaultThreshold},      {"fusedReferences", card.fusedReferences}};
    printJson(json);
  } else {
    std::printf(
        "%s written: references with %d changed copies%s, mean of the best %d, threshold %.3f\n",
        quoted(arguments.output).c_str(), card.referenceCopies,
        card.usualCopyScore > 0 ? ", evened out by them" : "", card.fusedReferences,
        card.defaultThreshold);
  }
  return Exit::Done;
}

}  // namespace

void addAdjustNetworkCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<AdjustArguments>();
  auto* command = app.add_subcommand(
      "adjust-network", "Write a copy of a network that uses references in another way");
  command->add_option("network", arguments->network, "Network file")->required();
  command->add_option("--output", arguments->output, "Network file to write")->required();
  command
      ->add_option("--reference-copies", arguments->referenceCopies,
                   "Changed copies with which a reference is embedded when it is enrolled")
      ->check(CLI::Range(0, kMostReferenceCopies));
  command->add_option(
      "--even-out", arguments->evenedOutOn,
      "Trial list (CSV) on whose references to measure how alike a reference is to its copies; "
      "scores with less usual ones are then evened out");
  command->add_option("--threshold-from", arguments->thresholdFrom,
                      "Trial list (CSV) whose equal error gives the threshold that a user starts "
                      "with; the old one suits scores as they were");
  command->add_option("--root", arguments->root, "Folder that the list's paths are relative to")
      ->capture_default_str();
  constexpr int kMostFused = 100;
  command
      ->add_option("--fused-references", arguments->fusedReferences,
                   "Best so many scores that are averaged where there are several references")
      ->check(CLI::Range(1, kMostFused));
  command->footer(
      "The weights stay; figures and evidence are left out, since they were measured otherwise. "
      "Compare both with compare-networks, and measure the new one with evaluate.");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runAdjust(*arguments, session); };
  });
}

}  // namespace countersign::cli
