// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "core/base/Clock.h"
#include "core/base/File.h"
#include "core/metric/Backend.h"
#include "core/metric/FaceNetworkImport.h"

namespace countersign::cli {

namespace {

struct ImportArguments {
  std::filesystem::path file;
  std::filesystem::path output;
  std::string name = "face";
  std::vector<std::string> source;
  std::filesystem::path detector;
  double threshold = 0.5;
  bool isMirrorAveraged = false;
};

Exit runImport(const ImportArguments& arguments, const Session& session) {
  auto network = importMobileFaceNet(arguments.file);
  if (!network) return fail(network.error());
  auto& card = network->card;
  card.name = arguments.name;
  card.isMirrorAveraged = arguments.isMirrorAveraged;
  card.defaultThreshold = arguments.threshold;
  if (!arguments.detector.empty()) {
    auto files = FaceDetectorFiles::read(arguments.detector);
    if (!files) return fail(files.error());
    network->detector = *std::move(files);
  }
  card.training.command = "countersign-cli import-network " + arguments.file.filename().string();
  card.training.data = arguments.source;
  card.training.date = toIso8601(systemTime());
  card.training.libraries = backendVersions();
  // A file that says so much of itself must also work.
  if (const auto works = EmbeddingNetwork::of(*network); !works) return fail(works.error());
  if (auto status = writeNetworkFile(arguments.output, *network); !status)
    return fail(status.error());
  if (session.isJson) {
    const nlohmann::json json = {{"output", arguments.output.string()},
                                 {"networkIdentity", network->identity()},
                                 {"tensors", network->weights.size()}};
    printJson(json);
  } else {
    std::printf("%s written: %zu tensors, identity %s\n", quoted(arguments.output).c_str(),
                network->weights.size(), network->identity().c_str());
  }
  return Exit::Done;
}

}  // namespace

void addImportNetworkCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* command = app.add_subcommand(
      "import-network", "Turn a published MobileFaceNet (.tflite) into a network file");
  command->add_option("file", arguments->file, "TensorFlow Lite file")->required();
  command->add_option("--output", arguments->output, "Network file to write")->required();
  command->add_option("--name", arguments->name, "The network's name")->capture_default_str();
  command->add_option("--source", arguments->source,
                      "Where the weights come from and on what terms, for the card; one sentence "
                      "each");
  command->add_option("--detector", arguments->detector,
                      "Folder with near.tflite, far.tflite and landmarks.tflite, which find the "
                      "faces; without it the network takes aligned chips only");
  command->add_option("--threshold", arguments->threshold, "τ that a user starts with")
      ->capture_default_str();
  command->add_flag("--mirror", arguments->isMirrorAveraged,
                    "Embed each face together with its mirror image");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runImport(*arguments, session); };
  });
}

}  // namespace countersign::cli
