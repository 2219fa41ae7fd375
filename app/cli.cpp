// SPDX-License-Identifier: GPL-3.0-or-later
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include "app/cli/Commands.h"

namespace countersign::cli {

Exit fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  if (!error.detail.empty()) spdlog::debug("{}", error.detail);
  return error.code == ErrorCode::QualityInsufficient ? Exit::CannotJudge : Exit::Error;
}

void addModality(CLI::App& command, std::string& modality) {
  command.add_option("--modality", modality, "Kind of sample")
      ->check(CLI::IsMember({"signature"}))
      ->capture_default_str();
}

namespace {

int runCommandLine(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("countersign"));
  spdlog::set_level(spdlog::level::warn);
  CLI::App app("Verify signatures with a twin network.", "countersign-cli");
  app.require_subcommand(1);
  Session session;
  session.program = argv[0];
  session.commandLine = "countersign-cli";
  for (int i = 1; i < argc; ++i) session.commandLine += std::string(" ") + argv[i];
  addTrainCommand(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : static_cast<int>(Exit::Error);
  }
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
