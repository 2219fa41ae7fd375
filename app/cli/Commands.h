// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/Error.h"
#include "core/base/Result.h"
#include "core/metric/EmbeddingNetwork.h"

namespace countersign::cli {

/// What a command's exit tells the caller.
enum class Exit { Match = 0, Done = 0, NonMatch = 1, Error = 2, Refer = 3, CannotJudge = 4 };

/// What all commands share.
struct Session {
  std::string commandLine;       ///< As typed, for cards and reports.
  std::filesystem::path models;  ///< --models; empty: look in the usual places.
  bool isJson = false;           ///< --json.
  std::function<Exit()> run;     ///< Set by the command that was chosen.
};

/// Prints the sentence of a failure to stderr, its detail to the log, and gives the exit for it.
Exit fail(const Error& error);

/// The option --modality: signature or face.
void addModality(CLI::App& command, Modality& modality);

/// The option --face: which face of a picture is meant. Empty: the only one.
void addFaceChoice(CLI::App& command, std::string& face, const std::string& whose);
FaceChoice faceChoice(const std::string& face);

/// The option --network: a network file, or the shipped one when it is not given.
void addNetwork(CLI::App& command, std::filesystem::path& network);

/// The network that --network and --models name, ready for use.
///
/// @return  NetworkIncompatible when it is for another modality.
Result<EmbeddingNetwork> openNetwork(const Session& session, const std::filesystem::path& asked,
                                     Modality modality);

void addCompareCommand(CLI::App& app, Session& session);
void addEmbedCommand(CLI::App& app, Session& session);
void addEvaluateCommand(CLI::App& app, Session& session);
void addExploreCommand(CLI::App& app, Session& session);
void addCalibrateCommand(CLI::App& app, Session& session);
void addChooseThresholdCommand(CLI::App& app, Session& session);
void addOneShotCommand(CLI::App& app, Session& session);
void addTrainCommand(CLI::App& app, Session& session);
void addGenerateCommand(CLI::App& app, Session& session);
void addAuditCorpusCommand(CLI::App& app, Session& session);
void addEnrolCommand(CLI::App& app, Session& session);
void addPeopleCommands(CLI::App& app, Session& session);
/// Adds "grounds", "due", "erase", "export-people" and "import-people".
void addPersonalDataCommands(CLI::App& app, Session& session);
void addVerifyCommands(CLI::App& app, Session& session);
void addHistoryCommands(CLI::App& app, Session& session);
void addNetworkCommand(CLI::App& app, Session& session);
/// Adds "policy", "person-threshold" and "blind-checks".
void addPolicyCommands(CLI::App& app, Session& session);
void addCompareNetworksCommand(CLI::App& app, Session& session);
void addImportNetworkCommand(CLI::App& app, Session& session);
void addAdjustNetworkCommand(CLI::App& app, Session& session);
void addRunsCommand(CLI::App& app, Session& session);
/// Adds "store" with "backup", "backups", "verify", "restore", "check".
void addStoreCommand(CLI::App& app, Session& session);
void addAuditCommands(CLI::App& app, Session& session);
void addInfoCommand(CLI::App& app, Session& session);

}  // namespace countersign::cli
