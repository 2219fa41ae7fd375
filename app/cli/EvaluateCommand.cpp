// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/ModelFolder.h"
#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/evaluation/ThresholdTable.h"
#include "core/evaluation/TrialEvaluation.h"
#include "core/metric/Backend.h"

namespace countersign::cli {

namespace {

struct EvaluateArguments {
  Modality modality = Modality::Signature;
  std::filesystem::path network;
  std::filesystem::path root = ".";
  std::filesystem::path trials;
  std::filesystem::path scores;
  std::filesystem::path report;
  std::string cardName;
  int threads = 0;
  std::string face;
  std::optional<double> threshold;
  bool isIndividual = false;
  std::string normalisation = "none";
};

/// What is true of one group at the threshold of its equal error rate, failures to acquire apart
/// (ISO/IEC 19795-1); the figures of the group itself count them as rejections.
nlohmann::json ratesApart(const ThresholdTable& table, const GroupFigures& group) {
  const auto costs = table.at(group.threshold);
  nlohmann::json json = {{"threshold", group.threshold},
                         {"fnmr", costs.falseNonMatch.rate.value},
                         {"ftaMated", costs.failureToAcquire(TrialKind::Genuine)},
                         {"frr", costs.falseRejectRate()}};
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    if (group.group != trialKindName(kind)) continue;
    const auto accepted = costs.falseAcceptRate(kind);
    json["fmr"] = costs.falseMatch(kind).rate.value;
    json["ftaNonMated"] = costs.failureToAcquire(kind);
    json["far"] = accepted ? nlohmann::json(*accepted) : nlohmann::json();
  }
  return json;
}

ThresholdTable tableOf(const EvaluationReport& report) {
  return {report.evidence, 1, "trials", {.replicates = 0}};
}

void printFailures(const EvaluationReport& report) {
  const auto table = tableOf(report);
  for (const auto& group : report.groups) {
    if (group.group == "pooled" || group.failuresToAcquire == 0) continue;
    const auto rates = ratesApart(table, group);
    const auto percent = [&](const char* name) { return 100 * rates.value(name, 0.0); };
    std::printf(
        "%-8s at %.3f, failures apart: FNMR %.2f %%, FTA %.2f %%, so FRR %.2f %%   FMR %.2f %%, "
        "FTA %.2f %%, so FAR %.2f %%\n",
        group.group.c_str(), group.threshold, percent("fnmr"), percent("ftaMated"), percent("frr"),
        percent("fmr"), percent("ftaNonMated"), percent("far"));
  }
}

void printReport(const EvaluationReport& report) {
  std::printf("%zu trials of %d people, %d images, %d failures to acquire, %.1f ms per image\n",
              report.outcomes.size(), report.people, report.images, report.failuresToAcquire,
              report.millisecondsPerImage);
  for (const auto& g : report.groups) {
    std::printf(
        "%-8s EER %5.2f %% (95 %%: %.2f to %.2f) at %.3f   FNMR %5.2f %% at FMR 1 %%, %5.2f %% "
        "at FMR 0.1 %%   %d mated, %d non-mated\n",
        g.group.c_str(), 100 * g.equalErrorRate.value, 100 * g.equalErrorRate.low,
        100 * g.equalErrorRate.high, g.threshold, 100 * g.falseNonMatchRateAt1,
        100 * g.falseNonMatchRateAtTenth, g.matedTrials, g.nonMatedTrials);
  }
  if (report.failuresToAcquire > 0) printFailures(report);
  if (report.best)
    std::printf("accuracy %.2f %% at best, at %.3f\n", 100 * report.best->value,
                report.best->threshold);
  if (report.folds)
    std::printf("accuracy %.2f %% (standard error %.2f) over %d folds, threshold from the others\n",
                100 * report.folds->mean, 100 * report.folds->standardError, report.folds->folds);
}

/// The report into the card, which wants all groups when it is made for publication.
Status record(const EvaluateArguments& arguments, const EvaluationReport& report) {
  const bool isFace = arguments.modality == Modality::Face;
  if (report.group("random") == nullptr || (!isFace && report.group("skilled") == nullptr))
    return Error{ErrorCode::OptionOutOfRange,
                 isFace ? "A card records lists that have mated and non-mated trials."
                        : "A card records lists that have genuine, skilled and random trials.",
                 ""};
  std::string command = "countersign-cli evaluate";
  if (isFace) command += " --modality face";
  if (!arguments.face.empty()) command += " --face " + arguments.face;
  const std::string folder = isFace ? "faces" : "signatures";
  command += " --root " + folder + " --trials " + folder + "/";
  return recordInCard(arguments.network, arguments.cardName,
                      command + arguments.trials.filename().string(), report);
}

Exit runEvaluate(const EvaluateArguments& arguments, const Session& session) {
  const auto cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  setComputeThreads(arguments.threads > 0 ? arguments.threads : cores);
  const auto network = openNetwork(session, arguments.network, arguments.modality);
  if (!network) return fail(network.error());
  const auto list = readTrialList(arguments.trials);
  if (!list) return fail(list.error());
  SampleRegion region;
  region.face = faceChoice(arguments.face);
  const StopOnSignal stop;
  ProgressLine line;
  const auto report = evaluateTrials(
      *network, *list, arguments.root,
      {stop.token(), [&](const EvaluationProgress& p) { line.show("embedding", p.done, p.total); }},
      {region, arguments.isIndividual,
       scoreNormalisationOf(arguments.normalisation).value_or(ScoreNormalisation::None)});
  line.clear();
  if (!report) return fail(report.error());
  if (!arguments.scores.empty()) {
    auto written = *report;
    // Scores on another scale are not the network's own: no threshold of theirs may serve with it.
    if (arguments.isIndividual || arguments.normalisation != "none")
      written.networkIdentity.clear();
    if (auto status = writeFileAtomically(arguments.scores, writeScores(*list, written)); !status)
      return fail(status.error());
  }
  if (!arguments.report.empty()) {
    if (auto status = writeFileAtomically(arguments.report, writeReport(*report)); !status)
      return fail(status.error());
  }
  if (!arguments.cardName.empty()) {
    if (auto status = record(arguments, *report); !status) return fail(status.error());
  }
  const auto asked = accuracyAt(list->trials, report->outcomes, arguments.threshold.value_or(0));
  if (session.isJson) {
    auto json = nlohmann::json::parse(writeReport(*report));
    const auto table = tableOf(*report);
    for (std::size_t i = 0; i < report->groups.size(); ++i)
      json["groups"][i]["failuresApart"] = ratesApart(table, report->groups[i]);
    if (arguments.threshold)
      json["accuracy"] = {{"value", asked.value}, {"threshold", asked.threshold}};
    printJson(json);
    return Exit::Done;
  }
  printReport(*report);
  if (arguments.threshold)
    std::printf("accuracy %.2f %% at %.3f\n", 100 * asked.value, asked.threshold);
  return Exit::Done;
}

}  // namespace

void addEvaluateCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<EvaluateArguments>();
  auto* command =
      app.add_subcommand("evaluate", "Measure a network's error rates on a list of trials");
  command->footer(
      "The trial list has the columns references (paths separated by |), probe, label\n"
      "(mated or nonMated), group (genuine, skilled or random; of faces the label or the\n"
      "fold) and subject.");
  addModality(*command, arguments->modality);
  addNetwork(*command, arguments->network);
  addFaceChoice(*command, arguments->face, "every image");
  command->add_option("--threshold", arguments->threshold,
                      "Say, too, how many answers are right at this threshold");
  command
      ->add_option(
          "--normalise", arguments->normalisation,
          "Scores in standard deviations of a cohort, the other people of the list: z (their "
          "samples with the references), t (the probe with their references), s (both)")
      ->check(CLI::IsMember({"none", "z", "t", "s"}))
      ->capture_default_str();
  command
      ->add_flag("--individual", arguments->isIndividual,
                 "Every person has a threshold of their own, by the spread of their references; "
                 "scores are shifted by what it differs from everybody's")
      ->excludes("--normalise");
  command->add_option("--root", arguments->root, "Folder that the list's paths are relative to")
      ->capture_default_str();
  command->add_option("--trials", arguments->trials, "Trial list (CSV)")->required();
  command->add_option("--scores", arguments->scores,
                      "Table to write: the list with score, status and network (none for scores "
                      "that were normalised or shifted)");
  command->add_option("--report", arguments->report, "Report to write (JSON)");
  command->add_option("--threads", arguments->threads, "Threads (default: all processors)")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--record-as", arguments->cardName,
                   "Write figures and score distributions into the network's card under this name")
      ->needs("--network")
      ->excludes("--individual")
      ->excludes("--normalise");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runEvaluate(*arguments, session); };
  });
}

}  // namespace countersign::cli
