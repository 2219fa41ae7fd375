// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/Error.h"

namespace countersign::cli {

/// What a command's exit tells the caller.
enum class Exit { Match = 0, Done = 0, NonMatch = 1, Error = 2, Refer = 3, CannotJudge = 4 };

/// What all commands share.
struct Session {
  std::string program;               ///< argv[0].
  std::string commandLine;           ///< As typed, for cards and reports.
  std::filesystem::path models;      ///< --models; empty: look in the usual places.
  bool isJson = false;               ///< --json.
  std::function<Exit()> run;         ///< Set by the command that was chosen.
};

/// Prints the sentence of a failure to stderr, its detail to the log, and gives the exit for it.
Exit fail(const Error& error);

/// The option --modality, which is there for the kinds of sample that are yet to come.
void addModality(CLI::App& command, std::string& modality);

void addTrainCommand(CLI::App& app, Session& session);

}  // namespace countersign::cli
