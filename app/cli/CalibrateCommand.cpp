// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>

#include "app/ModelFolder.h"
#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/base/File.h"
#include "core/evaluation/ScoredTrials.h"
#include "core/office/StoreTrials.h"

namespace countersign::cli {

namespace {

struct CalibrateArguments {
  StoreArguments store;
  bool isOwn = false;
  Modality modality = Modality::Signature;
  std::filesystem::path network;
  std::vector<std::string> lists;
  std::filesystem::path scores;
  std::string method = "auto";
  std::optional<double> score;
  std::filesystem::path tippett;
};

/// What a likelihood ratio is against, and what it was found to be worth.
struct Calibrated {
  std::string list;
  TrialKind against = TrialKind::Random;
  CalibrationTrials trials;
  ScoreCalibration calibration;
  LabelledScores llrs;  ///< Of people whom the calibration had not seen.
  double leastCost = 0;
};

std::optional<Calibrated> calibrated(const std::string& list, const ScoreEvidence& evidence,
                                     TrialKind against, const std::string& method) {
  Calibrated made{.list = list,
                  .against = against,
                  .trials = trialsAgainst(evidence, against),
                  .calibration = {},
                  .llrs = {}};
  const auto& trials = made.trials;
  if (!trials.canBeFitted()) return {};
  const auto chosen = method == "auto"       ? ScoreCalibration::usual(trials)
                      : method == "logistic" ? CalibrationMethod::Logistic
                                             : CalibrationMethod::Isotonic;
  made.calibration = ScoreCalibration::fit(trials, chosen);
  made.llrs = personDisjointLlrs(trials, chosen);
  LabelledScores all;
  for (const auto& trial : trials.mated) all.mated.push_back(trial.score);
  for (const auto& trial : trials.nonMated) all.nonMated.push_back(trial.score);
  made.leastCost = leastCostOfLlrs(all);
  return made;
}

const char* nameOf(CalibrationMethod method) {
  return method == CalibrationMethod::Logistic ? "logistic" : "isotonic";
}

const char* whom(TrialKind kind) {
  return kind == TrialKind::Skilled ? "a skilled imitator" : "a random other person";
}

nlohmann::json jsonOf(const Calibrated& one, const std::optional<double>& score) {
  const auto& c = one.calibration;
  nlohmann::json json = {{"list", one.list},
                         {"against", trialKindName(one.against)},
                         {"mated", one.trials.mated.size()},
                         {"nonMated", one.trials.nonMated.size()},
                         {"people", c.people()},
                         {"method", nameOf(c.method())},
                         {"limit", c.limit()},
                         {"leastCost", one.leastCost}};
  if (!one.llrs.mated.empty()) json["cost"] = costOfLlrs(one.llrs);
  if (c.method() == CalibrationMethod::Logistic) {
    json["slope"] = c.slope();
    json["offset"] = c.offset();
  }
  if (score) {
    const double llr = c.logLikelihoodRatio(*score);
    json["score"] = *score;
    json["logLikelihoodRatio"] = llr;
    json["words"] = verbalScale(llr);
  }
  constexpr int kBins = 10;
  auto bins = nlohmann::json::array();
  if (!one.llrs.mated.empty())
    for (const auto& bin : reliability(one.llrs, kBins))
      bins.push_back({{"said", bin.said}, {"seen", bin.seen}, {"trials", bin.trials}});
  json["reliability"] = bins;
  return json;
}

void print(const Calibrated& one, const std::optional<double>& score) {
  const auto& c = one.calibration;
  std::printf("%s, the same person against %s: %zu and %zu trials of %d people\n", one.list.c_str(),
              whom(one.against), one.trials.mated.size(), one.trials.nonMated.size(), c.people());
  if (c.method() == CalibrationMethod::Logistic)
    std::printf("  logistic: ln LR = %.3f x score %+.3f", c.slope(), c.offset());
  else
    std::printf("  isotonic");
  std::printf(", at most 1 : %d either way\n", c.people() + 1);
  if (!one.llrs.mated.empty())
    std::printf("  cost %.3f bits for people it has not seen (", costOfLlrs(one.llrs));
  else
    std::printf("  too few people to tell its cost (");
  std::printf("at least %.3f with any calibration, 1 says nothing)\n", one.leastCost);
  if (!score) return;
  const double llr = c.logLikelihoodRatio(*score);
  const auto words = std::string(verbalScale(llr));
  const double ratio = std::exp(std::abs(llr));
  if (words == "no support")
    std::printf("  score %.3f: says hardly anything (LR %.2f)\n", *score, std::exp(llr));
  else
    std::printf("  score %.3f: %.1f times likelier from %s: %s\n", *score, ratio,
                llr > 0 ? "the same person" : whom(one.against), words.c_str());
}

Status writeTippett(const std::filesystem::path& path, const std::vector<Calibrated>& all) {
  std::string text = "list,against,llr,mated,nonMated\n";
  constexpr int kPoints = 200;
  for (const auto& one : all) {
    if (one.llrs.mated.empty()) continue;
    for (const auto& point : tippett(one.llrs, kPoints))
      text += csvCell(one.list) + ',' + std::string(trialKindName(one.against)) + ',' +
              std::to_string(point.llr) + ',' + std::to_string(point.mated) + ',' +
              std::to_string(point.nonMated) + '\n';
  }
  return writeFileAtomically(path, text);
}

using Evidence = std::map<std::string, ScoreEvidence, std::less<>>;

/// Of the people of a store, by the network in service there.
Result<Evidence> ownEvidence(const CalibrateArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, Store::Access::WriteIfFree);
  if (!office) return office.error();
  const auto desk = (*office)->desk(arguments.modality);
  if (!desk) return desk.error();
  const StopOnSignal stop;
  ProgressLine line;
  auto made = storeTrials(**desk, {stop.token(), [&](const EvaluationProgress& p) {
                                     line.show("comparing references", p.done, p.total);
                                   }});
  line.clear();
  if (!made) return made.error();
  return Evidence{{std::string(kPeopleOnFile), std::move(made->known.evidence)}};
}

Result<Evidence> evidenceOf(const CalibrateArguments& arguments, const Session& session) {
  if (arguments.isOwn) return ownEvidence(arguments, session);
  if (!arguments.scores.empty()) {
    auto scored = readScoredTrials(arguments.scores);
    if (!scored) return scored.error();
    return Evidence{{arguments.scores.filename().string(), std::move(scored->evidence)}};
  }
  auto path = arguments.network;
  if (path.empty()) {
    const auto models = findModelFolder(session.models);
    if (!models) return models.error();
    path = defaultNetwork(*models, arguments.modality);
  }
  auto network = readNetworkFile(path);
  if (!network) return network.error();
  if (network->evidence.empty())
    return Error{ErrorCode::NotFound, "The network's card has no scores.", ""};
  if (arguments.lists.empty()) return std::move(network->evidence);
  std::string name;
  std::vector<const ScoreEvidence*> lists;
  for (const auto& list : arguments.lists) {
    const auto at = network->evidence.find(list);
    if (at == network->evidence.end())
      return Error{ErrorCode::NotFound, "The network's card has no scores of " + list + ".", ""};
    lists.push_back(&at->second);
    if (!name.empty()) name += " + ";
    name += list;
  }
  return Evidence{{name, pooled(lists)}};
}

Exit runCalibrate(const CalibrateArguments& arguments, const Session& session) {
  const auto evidence = evidenceOf(arguments, session);
  if (!evidence) return fail(evidence.error());
  std::vector<Calibrated> all;
  for (const auto& [list, scores] : *evidence)
    for (const auto against : {TrialKind::Skilled, TrialKind::Random})
      if (auto one = calibrated(list, scores, against, arguments.method))
        all.push_back(*std::move(one));
  if (all.empty())
    return fail({ErrorCode::FileMalformed,
                 "There are no scores of both kinds, mated and non-mated, to calibrate on.", ""});
  if (!arguments.tippett.empty())
    if (auto status = writeTippett(arguments.tippett, all); !status) return fail(status.error());
  if (session.isJson) {
    auto json = nlohmann::json::array();
    for (const auto& one : all) json.push_back(jsonOf(one, arguments.score));
    printJson(json);
    return Exit::Done;
  }
  for (const auto& one : all) print(one, arguments.score);
  std::printf("It holds for people and samples like these; it is evidence, not proof.\n");
  return Exit::Done;
}

}  // namespace

void addCalibrateCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CalibrateArguments>();
  auto* command = app.add_subcommand(
      "calibrate", "Say how strong a score is as evidence: likelihood ratios and what they cost");
  addModality(*command, arguments->modality);
  addNetwork(*command, arguments->network);
  addStore(*command, arguments->store);
  command
      ->add_flag("--own", arguments->isOwn,
                 "Calibrate on the people of the store, by the network in service there")
      ->excludes("--network");
  command->add_option("--list", arguments->lists,
                      "A list of the network's card (default: each by itself); several are pooled");
  command
      ->add_option("--scores", arguments->scores,
                   "Calibrate on this table instead, which evaluate --scores wrote")
      ->excludes("--network")
      ->excludes("--list")
      ->excludes("--own");
  command->add_option("--method", arguments->method, "How a score becomes a likelihood ratio")
      ->check(CLI::IsMember({"auto", "logistic", "isotonic"}))
      ->capture_default_str();
  command->add_option("--score", arguments->score, "Say what this score is worth");
  command->add_option("--tippett", arguments->tippett,
                      "Table to write: shares of likelihood ratios above each value (CSV)");
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runCalibrate(*arguments, session); };
  });
}

}  // namespace countersign::cli
