// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/StoreOptions.h"
#include "core/office/BlindChecks.h"

namespace countersign::cli {

namespace {

struct PolicyArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  std::optional<std::string> amounts;
  std::string individual;
  std::optional<double> blindShare;

  bool isChange() const { return amounts || !individual.empty() || blindShare; }
};

nlohmann::json jsonOf(const DecisionPolicy& policy) {
  auto bands = nlohmann::json::array();
  for (const auto& band : policy.amounts)
    bands.push_back(
        {{"upTo", std::isfinite(band.upTo) ? nlohmann::json(band.upTo) : nlohmann::json()},
         {"threshold", band.threshold.value}});
  return {
      {"amounts", bands}, {"individual", policy.isIndividual}, {"blindShare", policy.blindShare}};
}

void print(const NetworkInService& service) {
  std::printf("threshold %.3f\n", service.rule.threshold.value);
  for (const auto& band : service.policy.amounts) {
    if (std::isfinite(band.upTo))
      std::printf("  up to %.2f: %.3f\n", band.upTo, band.threshold.value);
    else
      std::printf("  above: %.3f\n", band.threshold.value);
  }
  if (!service.policy.amounts.empty() && std::isfinite(service.policy.amounts.back().upTo))
    std::printf("  above: always referred\n");
  std::printf("%s\n", service.policy.isIndividual
                          ? "every person has a threshold by the spread of their own references"
                          : "the same threshold for everybody");
  constexpr double kPercent = 100;
  std::printf("%.1f %% of the checks in the window are blind\n",
              kPercent * service.policy.blindShare);
}

Exit runPolicy(const PolicyArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store,
                                 arguments.isChange() ? Store::Access::Write : Store::Access::Read);
  if (!office) return fail(office.error());
  const auto desk = confirmedDesk(**office, arguments.modality, arguments.store);
  if (!desk) return fail(desk.error());
  auto service = desk->service();
  if (!service) return fail(service.error());
  if (arguments.isChange()) {
    auto& policy = service->policy;
    if (arguments.amounts) {
      auto bands = parseAmountBands(*arguments.amounts);
      if (!bands) return fail(bands.error());
      policy.amounts = *std::move(bands);
    }
    if (!arguments.individual.empty()) policy.isIndividual = arguments.individual == "on";
    if (arguments.blindShare) policy.blindShare = *arguments.blindShare;
    if (auto status = desk->setPolicy(policy); !status) return fail(status.error());
  }
  if (session.isJson)
    printJson(jsonOf(service->policy));
  else
    print(*service);
  return Exit::Done;
}

struct PersonArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  std::string identifier;
  std::optional<double> threshold;
  std::string reason;
  bool isCleared = false;
  std::optional<double> amount;

  bool isChange() const { return threshold || isCleared; }
};

nlohmann::json jsonOf(const PersonRule& rule) {
  nlohmann::json json = {
      {"threshold", rule.applied.rule.threshold.value},
      {"source", thresholdSourceName(rule.applied.source)},
      {"isAlwaysReferred", rule.applied.isAlwaysReferred},
      {"office", rule.office.value},
      {"references", rule.references},
      {"individual", rule.individual ? nlohmann::json(rule.individual->value) : nlohmann::json()}};
  if (rule.byHand)
    json["byHand"] = {{"threshold", rule.byHand->threshold.value},
                      {"reason", rule.byHand->reason},
                      {"author", rule.byHand->set.author},
                      {"time", toIso8601(rule.byHand->set.time)}};
  return json;
}

void print(const Person& person, const PersonRule& rule) {
  std::printf("%s %s: threshold %.3f (%s)%s\n", person.identifier.c_str(), person.name.c_str(),
              rule.applied.rule.threshold.value,
              std::string(thresholdSourceName(rule.applied.source)).c_str(),
              rule.applied.isAlwaysReferred ? ", always referred" : "");
  std::printf("  the office's: %.3f\n", rule.office.value);
  if (rule.individual)
    std::printf("  by the spread of %d references: %.3f\n", rule.references,
                rule.individual->value);
  if (rule.byHand)
    std::printf("  by hand: %.3f, by %s on %s: %s\n", rule.byHand->threshold.value,
                rule.byHand->set.author.c_str(), toIso8601(rule.byHand->set.time).c_str(),
                rule.byHand->reason.c_str());
}

Exit runPerson(const PersonArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store,
                                 arguments.isChange() ? Store::Access::Write : Store::Access::Read);
  if (!office) return fail(office.error());
  const auto desk = confirmedDesk(**office, arguments.modality, arguments.store);
  if (!desk) return fail(desk.error());
  const auto person = (*office)->repository().findPerson(arguments.identifier);
  if (!person) return fail(person.error());
  if (arguments.isChange()) {
    const auto status =
        arguments.threshold
            ? desk->setPersonThreshold(person->key, *arguments.threshold, arguments.reason)
            : desk->clearPersonThreshold(person->key);
    if (!status) return fail(status.error());
  }
  const auto rule = desk->ruleFor(person->key, arguments.amount);
  if (!rule) return fail(rule.error());
  if (session.isJson)
    printJson(jsonOf(*rule));
  else
    print(*person, *rule);
  return Exit::Done;
}

struct BlindArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
};

nlohmann::json jsonOf(const AnswerErrors& errors) {
  return {{"missed", measuredJson(errors.missed)},
          {"passed", measuredJson(errors.passed)},
          {"referred", errors.referred}};
}

void print(const char* who, const AnswerErrors& errors) {
  constexpr double kPercent = 100;
  const auto text = [](const RateAtThreshold& rate) -> std::string {
    if (rate.trials == 0) return "no such check";
    std::array<char, 96> line{};
    std::snprintf(line.data(), line.size(), "%.1f %% (%.1f to %.1f; %d checks of %d people)",
                  kPercent * rate.rate.value, kPercent * rate.rate.low, kPercent * rate.rate.high,
                  rate.trials, rate.people);
    return line.data();
  };
  std::printf("%-12s missed %s, passed %s, left open %d\n", who, text(errors.missed).c_str(),
              text(errors.passed).c_str(), errors.referred);
}

Exit runBlind(const BlindArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::Read);
  if (!office) return fail(office.error());
  const auto desk = (*office)->desk(arguments.modality);
  if (!desk) return fail(desk.error());
  const auto decisions = (*office)->repository().decisions();
  if (!decisions) return fail(decisions.error());
  const auto found = blindChecks(*decisions, arguments.modality, (*desk)->network().identity());
  if (session.isJson) {
    printJson({{"checks", found.checks},
               {"undecided", found.undecided},
               {"changed", found.changed},
               {"clerk", jsonOf(found.clerk)},
               {"program", jsonOf(found.program)}});
    return Exit::Done;
  }
  std::printf(
      "%d blind checks were decided, %d were not; %d were recorded otherwise than they had "
      "been answered blind\n",
      found.checks, found.undecided, found.changed);
  if (found.checks == 0) return Exit::Done;
  print("clerks", found.clerk);
  print("program", found.program);
  std::printf("What was recorded stands for the truth, which favours whom the clerk believed.\n");
  return Exit::Done;
}

}  // namespace

void addPolicyCommands(CLI::App& app, Session& session) {
  auto policy = std::make_shared<PolicyArguments>();
  auto* command = app.add_subcommand(
      "policy", "Show or set thresholds by amount and by person, and the share of blind checks");
  addStore(*command, policy->store);
  addConfirmation(*command, policy->store);
  addModality(*command, policy->modality);
  command->add_option("--amounts", policy->amounts,
                      "500:0.8,5000:0.85: up to 500 the threshold is 0.8, up to 5000 it is 0.85, "
                      "and all above is referred; rest:0.9 at the end refers none; none");
  command
      ->add_option("--individual", policy->individual,
                   "on: every person has a threshold by the spread of their own references")
      ->check(CLI::IsMember({"on", "off"}));
  command->add_option("--blind-share", policy->blindShare,
                      "Share of the checks in the window in which the clerk answers first, 0 to 1");
  command->callback([policy, &session] {
    session.run = [policy, &session] { return runPolicy(*policy, session); };
  });

  auto person = std::make_shared<PersonArguments>();
  command = app.add_subcommand("person-threshold",
                               "Show or set the threshold that one person is verified with");
  addStore(*command, person->store);
  addConfirmation(*command, person->store);
  addModality(*command, person->modality);
  command->add_option("--id", person->identifier, "Identifier of the person")->required();
  auto* threshold =
      command->add_option("--threshold", person->threshold, "Set it by hand; needs a reason");
  auto* reason = command->add_option("--reason", person->reason, "Why");
  threshold->needs(reason);
  reason->needs(threshold);
  command->add_flag("--clear", person->isCleared, "Take a threshold set by hand away again")
      ->excludes(threshold);
  command->add_option("--amount", person->amount, "What is signed for")
      ->check(CLI::NonNegativeNumber);
  command->callback([person, &session] {
    session.run = [person, &session] { return runPerson(*person, session); };
  });

  auto blind = std::make_shared<BlindArguments>();
  command = app.add_subcommand("blind-checks",
                               "Errors of clerks who answered first, beside the program's");
  addStore(*command, blind->store);
  addModality(*command, blind->modality);
  command->callback(
      [blind, &session] { session.run = [blind, &session] { return runBlind(*blind, session); }; });
}

}  // namespace countersign::cli
