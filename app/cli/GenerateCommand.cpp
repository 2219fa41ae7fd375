// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/corpus/SyntheticCorpus.h"

namespace countersign::cli {

namespace {

struct GenerateArguments {
  SyntheticCorpusOptions options;
  std::filesystem::path output;
};

Exit runGenerate(const GenerateArguments& arguments, const Session& session) {
  const StopOnSignal stop;
  ProgressLine line;
  const auto status = writeSyntheticCorpus(arguments.output, arguments.options,
                                           {stop.token(), [&](const SyntheticCorpusProgress& p) {
                                              line.show("generating signers", p.done, p.total);
                                            }});
  line.clear();
  if (!status) return fail(status.error());
  const auto& o = arguments.options;
  if (session.isJson) {
    const nlohmann::json json = {{"output", arguments.output.string()},
                                 {"signers", o.signers},
                                 {"genuine", o.genuine},
                                 {"forgeries", o.forgeries},
                                 {"seed", o.seed}};
    printJson(json);
  } else {
    std::printf(
        "%s written: %d invented signers, with %d genuine signatures and %d forgeries each\n",
        quoted(arguments.output).c_str(), o.signers, o.genuine, o.forgeries);
  }
  return Exit::Done;
}

}  // namespace

void addGenerateCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<GenerateArguments>();
  auto& options = arguments->options;
  auto* command =
      app.add_subcommand("generate", "Write signatures of invented people, genuine and forged");
  command->add_option("--signers", options.signers, "Invented people")->capture_default_str();
  command->add_option("--genuine", options.genuine, "Genuine signatures of each")
      ->capture_default_str();
  command->add_option("--forgeries", options.forgeries, "Skilled forgeries of each")
      ->capture_default_str();
  command->add_option("--seed", options.seed, "The same seed gives the same files")
      ->capture_default_str();
  command->add_option("--output", arguments->output, "Folder to write")->required();
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runGenerate(*arguments, session); };
  });
}

}  // namespace countersign::cli
