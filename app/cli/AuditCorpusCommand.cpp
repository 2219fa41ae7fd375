// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "core/base/File.h"
#include "core/corpus/CorpusLayout.h"
#include "core/metric/EmbeddingNetwork.h"
#include "core/training/CorpusAudit.h"

namespace countersign::cli {

namespace {

struct AuditArguments {
  std::filesystem::path root;
  std::filesystem::path manifest;
  std::filesystem::path network;
  std::filesystem::path output;
  int threads = 0;
};

Result<DetectedCorpus> corpusOf(const AuditArguments& arguments) {
  if (arguments.manifest.empty()) return detectCorpus(arguments.root);
  auto manifest = readManifest(arguments.manifest);
  if (!manifest) return manifest.error();
  return DetectedCorpus{CorpusLayout::Manifest, *std::move(manifest)};
}

nlohmann::json jsonOf(const DetectedCorpus& corpus, const CorpusAudit& audit) {
  nlohmann::json problems = nlohmann::json::array();
  for (const auto& problem : audit.problems)
    problems.push_back({{"path", problem.path.generic_string()},
                        {"subject", problem.subject},
                        {"sentence", problem.sentence}});
  nlohmann::json leaks = nlohmann::json::array();
  for (const auto& finding : audit.leaks)
    leaks.push_back({{"trait", leakTraitName(finding.trait)},
                     {"balancedAccuracy", finding.accuracy.value},
                     {"low", finding.accuracy.low},
                     {"high", finding.accuracy.high},
                     {"isLeak", finding.isLeak()},
                     {"isUncertain", finding.isUncertain()}});
  return {{"layout", corpusLayoutName(corpus.layout)},
          {"people", audit.people},
          {"genuine", audit.genuine},
          {"forgeries", audit.forgeries},
          {"problems", problems},
          {"leaks", leaks}};
}

void print(const DetectedCorpus& corpus, const CorpusAudit& audit, bool isInk) {
  std::printf("layout: %s\n%d people, %d genuine images, %d forgeries\n",
              std::string(corpusLayoutName(corpus.layout)).c_str(), audit.people, audit.genuine,
              audit.forgeries);
  for (const auto& problem : audit.problems) std::printf("problem: %s\n", problem.sentence.c_str());
  if (audit.leaks.empty() && isInk)
    std::printf(
        "Leaks could not be looked for: that takes ten people with genuine signatures and "
        "forgeries.\n");
  for (const auto& finding : audit.leaks)
    std::printf("%s: %s\n",
                finding.isLeak()        ? "LEAK"
                : finding.isUncertain() ? "uncertain"
                                        : "no leak",
                finding.sentence().c_str());
}

/// As the network to be trained would read: signatures, unless it is one for faces.
Result<std::unique_ptr<const SampleReader>> readerOf(const AuditArguments& arguments) {
  if (arguments.network.empty()) return makeSignatureReader({});
  const auto network = readNetworkFile(arguments.network);
  if (!network) return network.error();
  auto reader = makeSampleReader(*network);
  if (reader && !*reader)
    return Error{ErrorCode::NetworkIncompatible, "The network does not read pictures.", ""};
  return reader;
}

Exit runAudit(const AuditArguments& arguments, const Session& session) {
  const auto corpus = corpusOf(arguments);
  if (!corpus) return fail(corpus.error());
  const auto reader = readerOf(arguments);
  if (!reader) return fail(reader.error());
  const StopOnSignal stop;
  ProgressLine line;
  const int threads = arguments.threads > 0
                          ? arguments.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const auto audit = auditCorpus(corpus->manifest, arguments.root, **reader, threads,
                                 {stop.token(), [&](const CorpusProgress& p) {
                                    line.show("looking at images", p.done, p.total);
                                  }});
  line.clear();
  if (!audit) return fail(audit.error());
  if (!arguments.output.empty()) {
    const auto status = writeFileAtomically(arguments.output, writeManifest(audit->usable));
    if (!status) return fail(status.error());
  }
  if (session.isJson)
    printJson(jsonOf(*corpus, *audit));
  else
    print(*corpus, *audit, (*reader)->format().channels == 1);
  return Exit::Done;
}

}  // namespace

void addAuditCorpusCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<AuditArguments>();
  auto* command = app.add_subcommand(
      "audit-corpus",
      "Say what a folder of signatures or faces holds, what is wrong with it, and whether anything "
      "but shape gives forgeries away");
  command->add_option("--root", arguments->root, "Folder of the images")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--corpus", arguments->manifest,
                      "Table of the images (default: found out from the folder)");
  command
      ->add_option("--network", arguments->network,
                   "Network that is to be fine-tuned, if it is one for faces")
      ->check(CLI::ExistingFile);
  command->add_option("--write-manifest", arguments->output,
                      "Table to write, of the images that can be used");
  command->add_option("--threads", arguments->threads, "Threads (default: all processors)")
      ->check(CLI::PositiveNumber);
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runAudit(*arguments, session); };
  });
}

}  // namespace countersign::cli
