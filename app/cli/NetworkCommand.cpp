// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/NetworkComparison.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"

namespace countersign::cli {

namespace {

struct NetworkArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  std::filesystem::path file;
  std::optional<double> threshold;
  std::optional<double> band;
  ComparisonOptions comparison;
};

Exit showService(const Office& office, Modality modality, const Session& session) {
  const auto desk = office.desk(modality);
  if (!desk) return fail(desk.error());
  const auto service = (*desk)->service();
  if (!service) return fail(service.error());
  const auto& card = (*desk)->network().card();
  if (session.isJson)
    printJson({{"name", card.name},
               {"identity", service->identity},
               {"threshold", service->rule.threshold.value},
               {"band", service->rule.band}});
  else
    std::printf("%s (%s) serves, threshold %.3f, refer band %.3f\n", card.name.c_str(),
                service->identity.c_str(), service->rule.threshold.value, service->rule.band);
  return Exit::Done;
}

Exit runUse(const NetworkArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Write);
  if (!office) return fail(office.error());
  const auto confirmation = confirmationFor(arguments.store, (*office)->store());
  if (!confirmation) return fail(confirmation.error());
  const StopOnSignal stop;
  // Nobody puts a network into service without having been shown what changes.
  const auto next = EmbeddingNetwork::load(arguments.file);
  if (!next) return fail(next.error());
  const auto modality = next->card().modality;
  const auto desk = (*office)->desk(modality);
  if (!desk) return fail(desk.error());
  if (next->identity() != (*desk)->network().identity()) {
    const auto comparison =
        compareForUser((*desk)->network(), *next, arguments.comparison, stop.token());
    if (!comparison) return fail(comparison.error());
    if (!session.isJson) printComparison(*comparison);
  }
  ProgressLine line;
  const auto status = (*office)->changeNetwork(
      arguments.file,
      {stop.token(),
       [&](const ReembeddingProgress& p) { line.show("embedding references", p.done, p.total); }},
      *confirmation);
  line.clear();
  if (!status) return fail(status.error());
  return showService(**office, modality, session);
}

Exit runThreshold(const NetworkArguments& arguments, const Session& session) {
  const bool isChange = arguments.threshold || arguments.band;
  const auto office =
      openOffice(session, arguments.store, isChange ? Store::Access::Write : Store::Access::Read);
  if (!office) return fail(office.error());
  if (isChange) {
    const auto desk = confirmedDesk(**office, arguments.modality, arguments.store);
    if (!desk) return fail(desk.error());
    if (auto status = desk->setRule(arguments.threshold, arguments.band); !status)
      return fail(status.error());
  }
  return showService(**office, arguments.modality, session);
}

}  // namespace

void addNetworkCommand(CLI::App& app, Session& session) {
  auto* network =
      app.add_subcommand("network", "The network that serves a store, and its threshold");
  network->require_subcommand(1);

  auto use = std::make_shared<NetworkArguments>();
  auto* command = network->add_subcommand(
      "use",
      "Compare another network with the one in service, embed all references by it, then put it "
      "into service");
  addStore(*command, use->store);
  addConfirmation(*command, use->store);
  command->add_option("FILE", use->file, "Network file")->required();
  addComparisonOptions(*command, use->comparison);
  command->footer(
      "Shows first how the two networks compare on the same trials. Stopped or broken off, the old "
      "network serves on; run it again to go on.");
  command->callback(
      [use, &session] { session.run = [use, &session] { return runUse(*use, session); }; });

  auto rule = std::make_shared<NetworkArguments>();
  command =
      network->add_subcommand("threshold", "Show or set τ and the refer band that are in force");
  addStore(*command, rule->store);
  addConfirmation(*command, rule->store);
  addModality(*command, rule->modality);
  command->add_option("--threshold", rule->threshold, "τ: a score above it is a match");
  command
      ->add_option("--band", rule->band,
                   "Half width of the band around τ in which the verdict is \"refer\"")
      ->check(CLI::NonNegativeNumber);
  command->callback([rule, &session] {
    session.run = [rule, &session] { return runThreshold(*rule, session); };
  });
}

}  // namespace countersign::cli
