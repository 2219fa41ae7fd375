// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/StoreOptions.h"
#include "core/training/TrainingRun.h"

namespace countersign::cli {

namespace {

struct RunsArguments {
  StoreArguments store;
  std::filesystem::path folder;
};

nlohmann::json optional(std::optional<double> value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json runJson(const KeptRun& run) {
  const auto& record = run.record;
  auto curves = nlohmann::json::array();
  for (const auto& point : run.curves)
    curves.push_back({{"step", point.step},
                      {"loss", point.loss},
                      {"terms", point.terms},
                      {"imagesPerSecond", point.imagesPerSecond},
                      {"easyTriplets", optional(point.easyTriplets)},
                      {"semiHardTriplets", optional(point.semiHardTriplets)},
                      {"hardTriplets", optional(point.hardTriplets)},
                      {"developmentEer", optional(point.developmentEer)},
                      {"randomEer", optional(point.randomEer)}});
  nlohmann::json json = {{"folder", record.files.runFolder.string()},
                         {"created", record.created},
                         {"state", runStateName(record.state)},
                         {"corpus", record.files.root.string()},
                         {"corpusFingerprint", record.corpusFingerprint},
                         {"startFrom", record.files.startFrom.string()},
                         {"options", nlohmann::json::parse(writeTrainingOptions(record.options))},
                         {"curves", curves}};
  if (record.result)
    json["result"] = {{"networkIdentity", record.result->identity},
                      {"bestStep", record.result->bestStep},
                      {"developmentEer", optional(record.result->developmentEer)},
                      {"randomEer", optional(record.result->randomEer)}};
  return json;
}

void printRun(const KeptRun& run) {
  const auto& record = run.record;
  std::string eer = "-";
  for (const auto& point : run.curves) {
    const auto rate = point.developmentEer ? point.developmentEer : point.randomEer;
    if (!rate) continue;
    char text[32];
    std::snprintf(text, sizeof(text), "%.1f %%", 100 * *rate);
    eer = text;
  }
  const auto step = run.curves.empty() ? 0 : run.curves.back().step;
  std::printf("%s  %-10s  step %lld of %d, development EER %s  %s\n", record.created.c_str(),
              std::string(runStateName(record.state)).c_str(), static_cast<long long>(step),
              record.options.steps, eer.c_str(), record.files.runFolder.string().c_str());
}

Exit runRuns(const RunsArguments& arguments, const Session& session) {
  const auto runs = keptRuns(arguments.folder.empty() ? runsOfStore(storeFolderOf(arguments.store))
                                                      : arguments.folder);
  if (session.isJson) {
    auto list = nlohmann::json::array();
    for (const auto& run : runs) list.push_back(runJson(run));
    printJson(list);
    return Exit::Done;
  }
  if (runs.empty()) std::printf("No training run is kept here.\n");
  for (const auto& run : runs) printRun(run);
  return Exit::Done;
}

}  // namespace

void addRunsCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<RunsArguments>();
  auto* command = app.add_subcommand(
      "runs", "Training runs that are kept: options, curves and what became of them");
  addStore(*command, arguments->store);
  command->add_option("--folder", arguments->folder,
                      "Folder of the runs (default: those of the store)");
  command->footer(
      "Each run's folder holds run.json, curves.csv and the network; --json prints all of it.");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runRuns(*arguments, session); };
  });
}

}  // namespace countersign::cli
