// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/NetworkComparison.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/base/File.h"
#include "core/evaluation/ThresholdChoice.h"
#include "core/office/OfficeTrials.h"

namespace countersign::cli {

namespace {

struct ChooseArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  bool isOwn = false;
  std::filesystem::path scores;
  int references = Desk::kFewestAdvised;
  std::string against;
  std::optional<double> falseMatch;
  std::optional<double> falseNonMatch;
  bool isEqualError = false;
  bool isLeastCost = false;
  ThresholdGoal::Costs costs;
  std::vector<double> at;
  std::filesystem::path compareWith;
  std::filesystem::path writeScores;
  std::filesystem::path writeCurve;
  bool putIntoForce = false;
  bool isForVerdicts = false;
  bool isCardForVerdicts = false;

  bool isChange() const { return putIntoForce || isForVerdicts || isCardForVerdicts; }
};

/// Known trials, where they are from, and what they come to.
struct Evidence {
  std::string source;
  OfficeTrials trials;
  std::optional<ThresholdTable> table;
  std::optional<ComparedTrials> compared;

  const KnownTrials& known() const { return trials.known; }
};

TrialSource sourceOf(const ChooseArguments& arguments) {
  if (!arguments.scores.empty())
    return {.kind = TrialSource::Kind::Table, .table = arguments.scores};
  if (arguments.isOwn) return {TrialSource::Kind::Store};
  return {TrialSource::Kind::Card, arguments.references};
}

Result<Evidence> evidenceOf(const ChooseArguments& arguments, const Desk& desk,
                            const std::stop_token& stop) {
  Evidence evidence;
  const auto source = sourceOf(arguments);
  ProgressLine line;
  const JobContext<EvaluationProgress> comparing{
      stop, [&](const EvaluationProgress& p) { line.show("comparing", p.done, p.total); }};
  auto trials = officeTrials(desk, source, comparing);
  line.clear();
  if (!trials) return trials.error();
  evidence.trials = *std::move(trials);
  std::string lists;
  for (const auto& list : evidence.trials.lists)
    lists.append(lists.empty() ? "" : " ").append(list);
  switch (source.kind) {
    case TrialSource::Kind::Card:
      evidence.source = "the network's card: " + lists;
      break;
    case TrialSource::Kind::Store:
      evidence.source = "the people of this store";
      break;
    case TrialSource::Kind::Table:
      evidence.source = "the table " + lists;
      break;
  }
  evidence.table.emplace(
      evidence.known().evidence, evidence.known().references, lists, BootstrapOptions{},
      JobContext<int>{stop, [&](int done) {
                        line.show("working out intervals", done, BootstrapOptions{}.replicates);
                      }});
  line.clear();
  if (stop.stop_requested()) return Error{ErrorCode::Cancelled, "Stopped.", ""};
  if (evidence.table->isEmpty())
    return Error{ErrorCode::NotFound,
                 "There are no mated trials: nothing is known of this network's errors.", ""};
  if (arguments.compareWith.empty()) return evidence;
  auto compared =
      compareOfficeTrials(desk, source, evidence.known(), arguments.compareWith, comparing);
  line.clear();
  if (!compared) return compared.error();
  evidence.compared = *std::move(compared);
  return evidence;
}

TrialKind kindAgainst(const ChooseArguments& arguments, const ThresholdTable& table) {
  if (arguments.against == "skilled") return TrialKind::Skilled;
  if (arguments.against == "random") return TrialKind::Random;
  return table.skilledScores().empty() ? TrialKind::Random : TrialKind::Skilled;
}

std::optional<ThresholdGoal> goalOf(const ChooseArguments& arguments, TrialKind against) {
  ThresholdGoal goal;
  goal.against = against;
  goal.costs = arguments.costs;
  if (arguments.falseMatch) {
    goal.kind = ThresholdGoal::Kind::FalseMatchRate;
    goal.target = *arguments.falseMatch;
  } else if (arguments.falseNonMatch) {
    goal.kind = ThresholdGoal::Kind::FalseNonMatchRate;
    goal.target = *arguments.falseNonMatch;
  } else if (arguments.isLeastCost) {
    goal.kind = ThresholdGoal::Kind::LeastCost;
  } else if (!arguments.isEqualError) {
    return {};
  }
  return goal;
}

nlohmann::json orNull(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json jsonAt(double threshold, const ThresholdTable& table) {
  const auto costs = table.at(threshold);
  const auto confusion = table.confusionAt(threshold);
  nlohmann::json json = {{"threshold", threshold},
                         {"fnmr", measuredJson(costs.falseNonMatch)},
                         {"fmrSkilled", measuredJson(costs.skilledFalseMatch)},
                         {"fmrRandom", measuredJson(costs.randomFalseMatch)},
                         {"frr", costs.falseRejectRate()},
                         {"farSkilled", orNull(costs.falseAcceptRate(TrialKind::Skilled))},
                         {"farRandom", orNull(costs.falseAcceptRate(TrialKind::Random))}};
  for (const auto kind : {TrialKind::Genuine, TrialKind::Skilled, TrialKind::Random}) {
    const auto& row = confusion.rows.at(static_cast<std::size_t>(kind));
    json["fta"][std::string(trialKindName(kind))] = costs.failureToAcquire(kind);
    json["counts"][std::string(trialKindName(kind))] = {
        {"match", row.match}, {"nonMatch", row.nonMatch}, {"notAcquired", row.notAcquired}};
  }
  return json;
}

void printRate(const char* name, const RateAtThreshold& rate) {
  if (rate.trials == 0) return;
  if (rate.rate.value == 0)
    std::printf("  %-22s none in %d trials: at most %.2f %% (3 / %d people)\n", name, rate.trials,
                100 * rate.rate.high, rate.people);
  else
    std::printf("  %-22s %6.2f %% (95 %%: %.2f to %.2f; %d trials of %d people)\n", name,
                100 * rate.rate.value, 100 * rate.rate.low, 100 * rate.rate.high, rate.trials,
                rate.people);
}

void printAt(double threshold, const ThresholdTable& table) {
  const auto costs = table.at(threshold);
  std::printf("at threshold %.4f\n", threshold);
  printRate("FNMR", costs.falseNonMatch);
  printRate("FMR, skilled forgeries", costs.skilledFalseMatch);
  printRate("FMR, other people", costs.randomFalseMatch);
  if (const double failed = costs.failureToAcquire(TrialKind::Genuine); failed > 0)
    std::printf("  %-22s %6.2f %%, so FRR %.2f %%\n", "own not read, FTA", 100 * failed,
                100 * costs.falseRejectRate());
}

void print(const Evidence& evidence) {
  const auto& table = *evidence.table;
  std::printf("Rests on %s, %d reference(s) each: %zu mated, %zu skilled, %zu random trials\n",
              evidence.source.c_str(), table.references(), table.matedScores().size(),
              table.skilledScores().size(), table.randomScores().size());
  if (const auto& own = evidence.trials.store) {
    if (own->singles > 0)
      std::printf("  %d people with a single reference have no mated trial\n", own->singles);
    if (static_cast<std::int64_t>(table.randomScores().size()) < own->possibleNonMated)
      std::printf("  an even choice of %lld possible comparisons with other people\n",
                  static_cast<long long>(own->possibleNonMated));
    if (own->forgeries > 0)
      std::printf(
          "  %d forgeries are those that were recorded as no match; of others that passed "
          "nothing is known\n",
          own->forgeries);
  }
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    const auto& rate = table.equalErrorRate(kind);
    if (rate.trials > 0)
      std::printf("  EER, %-17s %6.2f %% (95 %%: %.2f to %.2f)\n",
                  kind == TrialKind::Skilled ? "skilled forgeries" : "other people",
                  100 * rate.rate.value, 100 * rate.rate.low, 100 * rate.rate.high);
  }
}

void print(const ComparedTrials& compared) {
  std::printf("with %s on the same trials\n", compared.name.c_str());
  printGroups(compared.groups);
}

std::string curveCsv(const ThresholdTable& table) {
  std::string text = "threshold,fnmr,fmrSkilled,fmrRandom\n";
  constexpr int kPoints = 2000;
  for (const auto& point : errorCurve(table, kPoints)) {
    text += std::to_string(point.threshold) + ',' + std::to_string(point.falseNonMatch) + ',';
    if (!table.skilledScores().empty()) text += std::to_string(point.skilledFalseMatch);
    text += ',';
    if (!table.randomScores().empty()) text += std::to_string(point.randomFalseMatch);
    text += '\n';
  }
  return text;
}

Status writeTables(const ChooseArguments& arguments, const Evidence& evidence) {
  if (!arguments.writeScores.empty()) {
    if (!evidence.known().hasSamples())
      return Error{ErrorCode::OptionOutOfRange,
                   "A card holds no names of samples; --write-scores goes with --own.", ""};
    if (auto status =
            writeFileAtomically(arguments.writeScores, writeKnownTrials(evidence.known()));
        !status)
      return status;
  }
  if (arguments.writeCurve.empty()) return ok();
  return writeFileAtomically(arguments.writeCurve, curveCsv(*evidence.table));
}

Exit runChoose(const ChooseArguments& arguments, const Session& session) {
  const auto office =
      openOffice(session, arguments.store,
                 arguments.isChange() ? Store::Access::Write : Store::Access::WriteIfFree);
  if (!office) return fail(office.error());
  const auto desk = (*office)->desk(arguments.modality);
  if (!desk) return fail(desk.error());
  const auto service = (*desk)->service();
  if (!service) return fail(service.error());
  const StopOnSignal stop;
  const auto evidence = evidenceOf(arguments, **desk, stop.token());
  if (!evidence) return fail(evidence.error());
  if (auto status = writeTables(arguments, *evidence); !status) return fail(status.error());
  const auto& table = *evidence->table;
  const auto against = kindAgainst(arguments, table);
  auto thresholds = arguments.at;
  std::optional<ThresholdChoice> choice;
  const auto goal = goalOf(arguments, against);
  if (goal) {
    choice = chooseThreshold(table, *goal);
    if (!choice)
      return fail({ErrorCode::NotFound,
                   against == TrialKind::Skilled
                       ? "There are no skilled forgeries among these trials."
                       : "There are no trials with other people.",
                   ""});
  } else if (thresholds.empty() && arguments.putIntoForce) {
    return fail({ErrorCode::OptionOutOfRange,
                 "Say which threshold is to be put into force: a goal such as --fmr 0.01, or --at.",
                 ""});
  } else if (thresholds.empty()) {
    thresholds.push_back(service->rule.threshold.value);
  }
  if (!session.isJson) {
    print(*evidence);
    for (const double threshold : thresholds) printAt(threshold, table);
    if (evidence->compared) print(*evidence->compared);
    if (choice) {
      std::printf("chosen: ");
      printAt(choice->threshold, table);
      std::printf(
          "  expected cost %.4f a comparison, at %.3g for a false match, %.3g for a false "
          "non-match, %.3g %% impostors\n",
          choice->expectedCost, arguments.costs.falseMatch, arguments.costs.falseNonMatch,
          100 * arguments.costs.impostorShare);
      if (!choice->canBeClaimed)
        std::printf(
            "  %d people cannot show a rate of %.4g %%: without any error they show %.2f %% "
            "at best\n",
            choice->people, 100 * goal->target, 100 * choice->lowestClaim);
    }
  }
  if (arguments.putIntoForce) {
    if (evidence->known().network != service->identity)
      return fail({ErrorCode::NetworkIncompatible,
                   evidence->known().network.empty()
                       ? "The table does not say which network made its scores, so its threshold "
                         "cannot be put into force."
                       : "Another network than the one in service made these scores; its threshold "
                         "would mean nothing here.",
                   ""});
    auto confirmation = confirmationFor(arguments.store, (*office)->store());
    if (!confirmation) return fail(confirmation.error());
    const auto confirmed = (*desk)->confirmedBy(*std::move(confirmation));
    if (auto status = confirmed.setRule(choice ? choice->threshold : thresholds.front(), {},
                                        service->identity);
        !status)
      return fail(status.error());
    if (!session.isJson) std::printf("It is in force.\n");
  }
  if (arguments.isForVerdicts || arguments.isCardForVerdicts) {
    const auto status = arguments.isForVerdicts ? (*desk)->weighByOwnPeople(
                                                      evidence->known().evidence,
                                                      table.references(), evidence->known().network)
                                                : (*desk)->weighByCard();
    if (!status) return fail(status.error());
    if (!session.isJson)
      std::printf("Verdicts are weighed by %s.\n",
                  arguments.isForVerdicts ? "the people on file" : "the network's card");
  }
  if (!session.isJson) return Exit::Done;
  nlohmann::json json = {{"source", evidence->source},
                         {"references", table.references()},
                         {"network", evidence->known().network},
                         {"against", trialKindName(against)},
                         {"eerSkilled", measuredJson(table.equalErrorRate(TrialKind::Skilled))},
                         {"eerRandom", measuredJson(table.equalErrorRate(TrialKind::Random))},
                         {"at", nlohmann::json::array()}};
  for (const double threshold : thresholds) json["at"].push_back(jsonAt(threshold, table));
  if (choice) {
    json["chosen"] = jsonAt(choice->threshold, table);
    json["chosen"]["expectedCost"] = choice->expectedCost;
    json["chosen"]["canBeClaimed"] = choice->canBeClaimed;
    json["chosen"]["lowestClaim"] = choice->lowestClaim;
  }
  if (const auto& own = evidence->trials.store)
    json["own"] = {{"people", own->people},
                   {"singles", own->singles},
                   {"forgeries", own->forgeries},
                   {"possibleNonMated", own->possibleNonMated}};
  if (const auto& compared = evidence->compared)
    json["compared"] = nlohmann::json::parse(
        writeComparison({evidence->known().network,
                         compared->known.network,
                         {{.name = compared->name, .groups = compared->groups}}}));
  printJson(json);
  return Exit::Done;
}

}  // namespace

void addChooseThresholdCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<ChooseArguments>();
  auto* command = app.add_subcommand(
      "choose-threshold", "Say what thresholds cost, and find the one that meets a goal");
  addStore(*command, arguments->store);
  addConfirmation(*command, arguments->store);
  addModality(*command, arguments->modality);
  command->add_flag("--own", arguments->isOwn,
                    "Rest on the people of the store (each reference against the others)");
  command
      ->add_option("--scores", arguments->scores,
                   "Rest on this trial list (as evaluate takes it); one without scores is compared "
                   "first, with images beside it or one folder above")
      ->excludes("--own");
  command
      ->add_option("--references", arguments->references,
                   "Of the card's lists, use those with about so many references")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--against", arguments->against,
                   "What false matches are counted of (default: skilled forgeries, if any)")
      ->check(CLI::IsMember({"skilled", "random"}));
  auto* goals = command->add_option_group("goal", "What is asked of the threshold");
  goals->add_option("--fmr", arguments->falseMatch, "A false match rate of at most this")
      ->check(CLI::Range(0.0, 1.0));
  goals->add_option("--fnmr", arguments->falseNonMatch, "A false non-match rate of at most this")
      ->check(CLI::Range(0.0, 1.0));
  goals->add_flag("--equal-error", arguments->isEqualError, "Both rates equal");
  goals->add_flag("--least-cost", arguments->isLeastCost, "The least expected cost");
  goals->require_option(0, 1);
  command->add_option("--cost-false-match", arguments->costs.falseMatch, "What a false match costs")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--cost-false-non-match", arguments->costs.falseNonMatch,
                   "What turning the right person away, or asking again, costs")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--impostors", arguments->costs.impostorShare,
                   "Share of samples that are not the claimed person's")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--at", arguments->at,
                      "Say what these thresholds cost (default: the one in force)");
  command->add_option("--compare-with", arguments->compareWith,
                      "Say, too, how another network does on the same trials: a network, or a "
                      "table (.csv) of its scores");
  command->add_option("--write-scores", arguments->writeScores, "Table of the trials to write");
  command->add_option("--write-curve", arguments->writeCurve,
                      "Table of error rates by threshold to write");
  auto* own = command
                  ->add_flag("--use-for-verdicts", arguments->isForVerdicts,
                             "Weigh verdicts (rates, likelihood ratios) by the people of the "
                             "store from now on")
                  ->needs("--own");
  command
      ->add_flag("--use-card-for-verdicts", arguments->isCardForVerdicts,
                 "Weigh them by the network's card again")
      ->excludes(own);
  command->add_flag("--put-into-force", arguments->putIntoForce,
                    "Decide with the chosen threshold from now on");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runChoose(*arguments, session); };
  });
}

}  // namespace countersign::cli
