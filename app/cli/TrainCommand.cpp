// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/metric/NetworkFile.h"
#include "core/training/TrainingJob.h"

namespace countersign::cli {

namespace {

struct TrainArguments {
  TrainingFiles files;
  std::filesystem::path options;
  std::vector<std::string> changes;
  bool isExplained = false;
};

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::string percent(std::optional<double> rate) {
  if (!rate) return "-";
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100 * *rate);
  return text;
}

void printEpoch(const EpochFinished& e) {
  std::fprintf(stderr,
               "\repoch %d/%d  loss %.3f  development EER %s%s (random %s)  triplets %.0f %% easy, "
               "%.0f %% semi-hard, %.0f %% hard  waited %.0f %% for data  %s left\n",
               e.epoch, e.epochs, e.trainingLoss, percent(e.developmentEer).c_str(),
               e.isBest ? " *" : "", percent(e.randomEer).c_str(), 100 * e.easyTriplets,
               100 * e.semiHardTriplets, 100 * e.hardTriplets, 100 * e.dataWait,
               duration(e.secondsLeft).c_str());
  for (const auto& sentence : e.advice) std::fprintf(stderr, "%s\n", sentence.c_str());
}

/// What is in the file, or what suits the corpus, with the changes of --set.
Result<TrainingOptions> readOptions(const TrainArguments& arguments) {
  TrainingOptions options;
  if (!arguments.options.empty()) {
    constexpr std::uintmax_t kLargest = 1U << 20U;
    const auto text = readTextFile(arguments.options, kLargest);
    if (!text) return text.error();
    auto read = parseTrainingOptions(*text);
    if (!read) return read.error();
    options = *std::move(read);
  } else if (!arguments.files.root.empty()) {
    const auto manifest = trainingManifest(arguments.files);
    if (!manifest) return manifest.error();
    std::optional<NetworkCard> start;
    if (!arguments.files.startFrom.empty()) {
      auto network = readNetworkFile(arguments.files.startFrom);
      if (!network) return network.error();
      start = std::move(network->card);
    }
    options = suggestedOptions(*manifest, start ? &*start : nullptr);
  }
  std::vector<OptionChange> changes;
  for (const auto& change : arguments.changes) {
    const auto equals = change.find('=');
    if (equals == std::string::npos)
      return Error{ErrorCode::OptionOutOfRange, "--set takes NAME=VALUE, not " + change + ".", ""};
    changes.push_back({change.substr(0, equals), change.substr(equals + 1)});
  }
  return changes.empty() ? Result(options) : withOptions(options, changes);
}

/// Every option with its value, range and meaning.
Exit explain(const TrainingOptions& options, const Session& session) {
  const auto fields = optionFields(options);
  if (session.isJson) {
    auto list = nlohmann::json::array();
    for (const auto& field : fields) {
      nlohmann::json item = {{"name", field.name},
                             {"value", nlohmann::json::parse(field.value)},
                             {"sentence", field.sentence}};
      if (field.lowest < field.highest) item["range"] = {field.lowest, field.highest};
      if (!field.choices.empty()) item["choices"] = field.choices;
      list.push_back(std::move(item));
    }
    printJson(list);
    return Exit::Done;
  }
  for (const auto& field : fields) {
    std::string range;
    if (!field.choices.empty()) {
      for (const auto& choice : field.choices)
        range.append(range.empty() ? "" : ", ").append(choice);
    } else if (field.lowest < field.highest) {
      char text[64];
      std::snprintf(text, sizeof(text), "%.6g to %.6g", field.lowest, field.highest);
      range = text;
    }
    std::printf("%s = %s\n    %s%s%s%s\n", field.name.c_str(), field.value.c_str(),
                field.sentence.c_str(), range.empty() ? "" : " (", range.c_str(),
                range.empty() ? "" : ")");
  }
  return Exit::Done;
}

Exit runTraining(TrainArguments arguments, const Session& session) {
  const auto options = readOptions(arguments);
  if (!options) return fail(options.error());
  if (arguments.isExplained) return explain(*options, session);
  if (arguments.files.root.empty() || arguments.files.output.empty())
    return fail({ErrorCode::OptionOutOfRange,
                 "Training needs --root, the folder of the images, and --output, the network file.",
                 ""});
  auto& files = arguments.files;
  files.command = session.commandLine;
  if (files.runFolder.empty()) {
    files.runFolder = files.output;
    files.runFolder += ".run";
  }
  const StopOnSignal stop;
  ProgressLine line;
  const auto report = [&](const TrainingEvent& event) {
    std::visit(
        Overloaded{[&](const CorpusProgress& p) { line.show("reading images", p.done, p.total); },
                   [&](const BatchFinished& b) {
                     char text[96];
                     std::snprintf(text, sizeof(text), "training, loss %.3f, %.0f images/s", b.loss,
                                   b.imagesPerSecond);
                     line.show(text, b.step, b.steps);
                   },
                   [](const CurvePoint&) {}, [](const BatchSeen&) {},
                   [&](const EpochFinished& e) {
                     line.clear();
                     printEpoch(e);
                   }},
        event);
  };
  const auto result = train(*options, files, {stop.token(), report});
  line.clear();
  if (!result) return fail(result.error());
  for (const auto& sample : result->leftOut)
    std::fprintf(stderr, "left out %s\n", sample.reason.c_str());
  if (session.isJson) {
    const auto rate = [](std::optional<double> value) {
      return value ? nlohmann::json(*value) : nlohmann::json();
    };
    const nlohmann::json json = {
        {"output", files.output.string()},      {"networkIdentity", result->identity},
        {"bestStep", result->bestStep},         {"developmentEer", rate(result->developmentEer)},
        {"randomEer", rate(result->randomEer)}, {"threshold", result->threshold},
        {"leftOut", result->leftOut.size()}};
    printJson(json);
    return Exit::Done;
  }
  std::printf("%s written: development EER %s (random %s) at step %lld, default threshold %.3f\n",
              quoted(files.output).c_str(), percent(result->developmentEer).c_str(),
              percent(result->randomEer).c_str(), static_cast<long long>(result->bestStep),
              result->threshold);
  return Exit::Done;
}

}  // namespace

void addTrainCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<TrainArguments>();
  auto* command = app.add_subcommand("train", "Train a twin network on a corpus of your own");
  auto& files = arguments->files;
  command->add_option("--corpus", files.manifest,
                      "Table with the columns path, subject, label, split (CSV; default: found out "
                      "from the folder)");
  command->add_option("--root", files.root, "Folder that the table's paths are relative to");
  command->add_option("--output", files.output, "Network file to write");
  command->add_option("--options", arguments->options,
                      "Training options (JSON; default: what suits the corpus)");
  command->add_option("--set", arguments->changes, "Change an option: NAME=VALUE");
  command->add_flag("--explain", arguments->isExplained,
                    "List the options with their values, ranges and meaning, and train nothing");
  command
      ->add_option("--start-from", files.startFrom,
                   "Network to fine-tune; one for faces trains faces (default: start from random "
                   "weights, for signatures)")
      ->check(CLI::ExistingFile);
  command->add_option("--run", files.runFolder,
                      "Folder for the two checkpoints (default: the output's name + .run)");
  command->add_option("--checkpoint-every", files.stepsPerCheckpoint, "Steps between checkpoints")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_flag("--resume", files.isResumed,
                    "Go on from the newest checkpoint, if there is one");
  auto* nodes = command->add_option(
      "--nodes", files.nodes.count,
      "Processes that train together, on this machine or others: start the same command once for "
      "each, with --node 0, 1, ... and an --output of its own. Each computes its share; a batch is "
      "that many times as large. What goes between them is neither encrypted nor authenticated: "
      "let them meet on this machine, or over a private tunnel");
  command->add_option("--node", files.nodes.index, "Number of this one")->needs(nodes);
  command
      ->add_option("--meet", files.nodes.place,
                   "Where they meet: an address of node 0, and a port that is free there")
      ->needs(nodes)
      ->capture_default_str();
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runTraining(*arguments, session); };
  });
}

}  // namespace countersign::cli
