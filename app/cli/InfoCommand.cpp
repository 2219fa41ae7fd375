// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>

#include "app/ModelFolder.h"
#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "core/evaluation/BootstrapInterval.h"
#include "core/metric/Backend.h"

namespace countersign::cli {

namespace {

void printCard(const NetworkFile& network) {
  const auto& card = network.card;
  const auto& a = card.architecture;
  std::printf("Network     %s (%s)\nIdentity    %s\n", card.name.c_str(),
              std::string(modalityName(card.modality)).c_str(), network.identity().c_str());
  std::printf("Input       canvas of %d x %d pixels, normaliser %s\n", a.canvas.width,
              a.canvas.height, card.normaliserVersion.c_str());
  std::printf("Score       %s, mean of the best %d references; threshold %.3f, refer band %.3f\n",
              std::string(scoreKindName(card.score)).c_str(), card.fusedReferences,
              card.defaultThreshold, card.defaultBand);
  if (card.referenceCopies > 0)
    std::printf("References  embedded with %d changed copies%s\n", card.referenceCopies,
                card.usualCopyScore > 0 ? "; scores are evened out by them" : "");
  std::printf("Trained     %s with %s, seed %llu, %d images shown\n", card.training.date.c_str(),
              card.training.libraries.c_str(), static_cast<unsigned long long>(card.training.seed),
              card.training.images);
  for (const auto& data : card.training.data) std::printf("            %s\n", data.c_str());
  std::printf("            %s\n", card.training.command.c_str());
  int people = 0;
  const auto rate = [&people](const Estimate& measured, const char* against) {
    const auto e = widenedIfFaultless(measured, people);
    std::printf(" %.1f %% (%.1f to %.1f) against %s", 100 * e.value, 100 * e.low, 100 * e.high,
                against);
  };
  for (const auto& f : card.figures) {
    people = f.people;
    std::printf("%-28s %d people, %d trials: EER", f.name.c_str(), f.people, f.trials);
    if (f.skilledEer) {
      rate(*f.skilledEer, "skilled forgeries");
      std::printf(",");
    }
    rate(f.randomEer, "other people");
    std::printf("\n");
  }
}

Exit runInfo(const std::filesystem::path& asked, const Session& session) {
  auto path = asked;
  if (path.empty()) {
    const auto models = findModelFolder(session.models);
    if (!models) return fail(models.error());
    path = defaultNetwork(*models, Modality::Signature);
  }
  const auto network = readNetworkFile(path);
  if (!network) return fail(network.error());
  if (auto status = prepareBackend(); !status) return fail(status.error());
  if (session.isJson) {
    auto json = nlohmann::json::parse(writeCard(network->card));
    json["identity"] = network->identity();
    json["program"] = {{"version", COUNTERSIGN_VERSION},
                       {"libraries", backendVersions()},
                       {"blasKernel", blasKernel()}};
    printJson(json);
    return Exit::Done;
  }
  std::printf("Countersign %s, %s, BLAS kernel %s\n\n", COUNTERSIGN_VERSION,
              backendVersions().c_str(), blasKernel().c_str());
  printCard(*network);
  return Exit::Done;
}

}  // namespace

void addInfoCommand(CLI::App& app, Session& session) {
  auto network = std::make_shared<std::filesystem::path>();
  auto* command = app.add_subcommand(
      "info", "Say what this program and a network are, and what the network was measured to do");
  addNetwork(*command, *network);
  command->callback([network, &session] {
    session.run = [network, &session] { return runInfo(*network, session); };
  });
}

}  // namespace countersign::cli
