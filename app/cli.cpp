// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <map>

#include "app/ModelFolder.h"
#include "app/cli/Commands.h"
#include "core/base/File.h"
#include "core/imaging/ImageDecoder.h"

namespace countersign::cli {

Exit fail(const Error& error) {
  std::fprintf(
      stderr, "%s%s\n", error.message.c_str(),
      error.code == ErrorCode::ConfirmationNeeded ? " Name it with --confirm-account." : "");
  if (!error.detail.empty()) spdlog::debug("{}", error.detail);
  return error.code == ErrorCode::QualityInsufficient ? Exit::CannotJudge : Exit::Error;
}

void addModality(CLI::App& command, Modality& modality) {
  static const std::map<std::string, Modality> kNames{
      {std::string(modalityName(Modality::Signature)), Modality::Signature},
      {std::string(modalityName(Modality::Face)), Modality::Face}};
  command.add_option("--modality", modality, "Kind of sample: signature (default) or face")
      ->transform(CLI::CheckedTransformer(kNames).description(""))
      ->type_name("");
}

void addFaceChoice(CLI::App& command, std::string& face, const std::string& whose) {
  constexpr int kMostFaces = 999;
  auto* option =
      command
          .add_option(
              "--face", face,
              "Which face of " + whose +
                  " is meant where it shows several: largest, central, or its number from the "
                  "left")
          ->check(CLI::IsMember({"largest", "central"}) | CLI::Range(1, kMostFaces))
          ->type_name("");
  // Where a network says what it is about, nobody needs to.
  if (auto* modality = command.get_option_no_throw("--modality")) option->needs(modality);
}

FaceChoice faceChoice(const std::string& face) {
  if (face.empty()) return {};
  if (face == "largest") return {FaceChoice::Kind::Largest};
  if (face == "central") return {FaceChoice::Kind::MostCentral};
  return {FaceChoice::Kind::Number, std::stoi(face)};
}

void addNetwork(CLI::App& command, std::filesystem::path& network) {
  command.add_option("--network", network,
                     "Network file (default: the one that comes with the program)");
}

Result<EmbeddingNetwork> openNetwork(const Session& session, const std::filesystem::path& asked,
                                     Modality modality) {
  // Whoever opens a network is about to read images; both get ready at the same time.
  ImageDecoder::shared().start();
  if (asked.empty()) {
    const auto models = findModelFolder(session.models);
    if (!models) return models.error();
    return EmbeddingNetwork::load(defaultNetwork(*models, modality));
  }
  auto network = EmbeddingNetwork::load(asked);
  if (network && network->card().modality != modality)
    return Error{ErrorCode::NetworkIncompatible,
                 quoted(asked) + " compares " +
                     std::string(modalityName(network->card().modality)) +
                     "s; this command was asked to compare " + std::string(modalityName(modality)) +
                     "s (--modality).",
                 ""};
  return network;
}

namespace {

int runCommandLine(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("countersign"));
  spdlog::set_level(spdlog::level::warn);
  CLI::App app(
      "Is this signature, or this face, the same person's as the ones on file? A twin network "
      "compares them.",
      "countersign-cli");
  app.footer(
      "Exit codes: 0 match (or done), 1 non-match, 3 refer to a person, 4 cannot judge\n"
      "(nothing in the image can be compared), 2 anything that went wrong.");
  app.set_version_flag("--version", "countersign-cli " COUNTERSIGN_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  Session session;
  session.commandLine = "countersign-cli";
  for (int i = 1; i < argc; ++i) session.commandLine += std::string(" ") + argv[i];
  bool isVerbose = false;
  app.add_option("--models", session.models, "Folder with the networks");
  app.add_flag("--json", session.isJson, "Print the result as JSON");
  app.add_flag("--verbose", isVerbose, "Print details of what went wrong");
  addEnrolCommand(app, session);
  addPeopleCommands(app, session);
  addPersonalDataCommands(app, session);
  addVerifyCommands(app, session);
  addHistoryCommands(app, session);
  addNetworkCommand(app, session);
  addPolicyCommands(app, session);
  addStoreCommand(app, session);
  addAuditCommands(app, session);
  addCompareCommand(app, session);
  addEmbedCommand(app, session);
  addEvaluateCommand(app, session);
  addExploreCommand(app, session);
  addCalibrateCommand(app, session);
  addChooseThresholdCommand(app, session);
  addTrainCommand(app, session);
  addImportNetworkCommand(app, session);
  addAdjustNetworkCommand(app, session);
  addRunsCommand(app, session);
  addCompareNetworksCommand(app, session);
  addAuditCorpusCommand(app, session);
  addOneShotCommand(app, session);
  addGenerateCommand(app, session);
  addInfoCommand(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(Exit::Error);
  }
  if (isVerbose) spdlog::set_level(spdlog::level::debug);
  return static_cast<int>(session.run());
}

}  // namespace

}  // namespace countersign::cli

int main(int argc, char** argv) try {
  return countersign::cli::runCommandLine(argc, argv);
} catch (const std::exception& e) {
  std::fprintf(stderr, "Something went wrong that Countersign did not expect: %s\n", e.what());
  return static_cast<int>(countersign::cli::Exit::Error);
}
