// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/evaluation/ThresholdTable.h"
#include "core/imaging/Camera.h"
#include "core/imaging/InkComplexity.h"

namespace countersign::cli {

namespace {

/// Where a questioned sample comes from: a file or a camera.
struct ProbeArguments {
  RegionArguments region;
  std::filesystem::path probe;
  std::string camera;

  bool isGiven() const { return !probe.empty() || !camera.empty(); }
};

struct VerifyArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  ProbeArguments probe;
  ProbeArguments face;  ///< Beside a signature; may be empty.
  std::string identifier;
  std::string recorded;
  std::string note;
  std::optional<double> amount;
  std::string blind;
  int candidates = 10;

  /// Only a recorded decision changes the store.
  Store::Access access() const {
    return recorded.empty() ? Store::Access::Read : Store::Access::Write;
  }
};

nlohmann::json rateJson(const RateAtThreshold& rate) {
  if (rate.trials == 0) return {};
  return {{"rate", rate.rate.value},
          {"low", rate.rate.low},
          {"high", rate.rate.high},
          {"trials", rate.trials},
          {"people", rate.people}};
}

void printRate(const char* what, const RateAtThreshold& rate) {
  if (rate.trials == 0) return;
  constexpr double kPercent = 100;
  std::printf("  %-22s %.1f %% (%.1f to %.1f; %d trials of %d people)\n", what,
              kPercent * rate.rate.value, kPercent * rate.rate.low, kPercent * rate.rate.high,
              rate.trials, rate.people);
}

/// A questioned sample of one kind, judged.
struct Judged {
  std::shared_ptr<const Desk> desk;
  Examination examination;
  std::optional<DecisionKey> decision;

  ThresholdTable table() const {
    const auto evidence = desk->evidence();
    return {evidence ? *evidence : desk->network().evidence(),
            static_cast<int>(examination.references.size())};
  }
};

nlohmann::json jsonOf(const Judged& judged) {
  const auto& e = judged.examination;
  const auto costs = judged.table().at(e.applied.rule.threshold.value);
  nlohmann::json references = nlohmann::json::array();
  for (std::size_t i = 0; i < e.scores.size(); ++i)
    references.push_back({{"reference", e.references[i].key.value},
                          {"source", e.references[i].sourceName},
                          {"score", e.scores[i].value}});
  const auto& decision = judged.decision;
  return {{"verdict", findingName(e.finding)},
          {"modality", modalityName(judged.desk->modality())},
          {"identifier", e.person.identifier},
          {"name", e.person.name},
          {"score", e.fused ? nlohmann::json(e.fused->value) : nlohmann::json()},
          {"threshold", e.applied.rule.threshold.value},
          {"band", e.applied.rule.band},
          {"thresholdSource", thresholdSourceName(e.applied.source)},
          {"amount", e.applied.amount ? nlohmann::json(*e.applied.amount) : nlohmann::json()},
          {"isAlwaysReferred", e.applied.isAlwaysReferred},
          {"network", e.service.identity},
          {"references", references},
          {"quality", e.probe->image.quality},
          {"complexity", e.probe->sample.signature
                             ? nlohmann::json(inkComplexity(e.probe->sample.canvas))
                             : nlohmann::json()},
          {"falseNonMatch", rateJson(costs.falseNonMatch)},
          {"skilledFalseMatch", rateJson(costs.skilledFalseMatch)},
          {"randomFalseMatch", rateJson(costs.randomFalseMatch)},
          {"decision", decision ? nlohmann::json(decision->value) : nlohmann::json()}};
}

const char* sourceInWords(ThresholdSource source) {
  switch (source) {
    case ThresholdSource::Office:
      break;
    case ThresholdSource::Amount:
      return "amount";
    case ThresholdSource::Individual:
      return "the spread of their references";
    case ThresholdSource::ByHand:
      return "hand for this person";
  }
  return "office";
}

void print(const Judged& judged, bool isOneOfTwo) {
  const auto& e = judged.examination;
  const auto& decision = judged.decision;
  if (isOneOfTwo)
    std::printf("%s: ", judged.desk->modality() == Modality::Face ? "Face" : "Signature");
  if (!e.fused) {
    std::printf("%s  %s\n", shouted(e.finding).c_str(), e.probe->image.quality.c_str());
  } else {
    std::printf("%s  %s %s  similarity %.3f, threshold %.3f", shouted(e.finding).c_str(),
                e.person.identifier.c_str(), e.person.name.c_str(), e.fused->value,
                e.applied.rule.threshold.value);
    if (e.applied.rule.band > 0) std::printf(" (refer within %.3f)", e.applied.rule.band);
    if (e.applied.source != ThresholdSource::Office)
      std::printf(", by %s", sourceInWords(e.applied.source));
    if (e.applied.isAlwaysReferred) std::printf("; amounts like this are always referred");
    std::printf("\n");
    for (std::size_t i = 0; i < e.scores.size(); ++i)
      std::printf("  %.3f  %s\n", e.scores[i].value, e.references[i].sourceName.c_str());
    if (e.probe->sample.signature && inkComplexity(e.probe->sample.canvas) < kSimplestMeasured)
      std::printf("Simpler than 99 of 100 signatures that the network's card was measured on\n");
    const auto table = judged.table();
    const auto costs = table.at(e.applied.rule.threshold.value);
    std::printf("At this threshold, with %d references:\n", table.references());
    printRate("own samples missed", costs.falseNonMatch);
    printRate("forgeries passed", costs.skilledFalseMatch);
    printRate("other people passed", costs.randomFalseMatch);
  }
  if (decision) std::printf("Recorded as decision %lld\n", static_cast<long long>(decision->value));
}

Result<std::shared_ptr<const ExaminedImage>> probeOf(const Desk& desk,
                                                     const ProbeArguments& arguments) {
  const auto shared =
      [](Result<ExaminedImage> examined) -> Result<std::shared_ptr<const ExaminedImage>> {
    if (!examined) return examined.error();
    return std::make_shared<const ExaminedImage>(*std::move(examined));
  };
  if (arguments.camera.empty())
    return shared(desk.examine(arguments.probe, arguments.region.region()));
  return examineFromCamera(desk, arguments.camera);
}

void addProbe(CLI::App& command, ProbeArguments& arguments) {
  addRegion(command, arguments.region, "the probe");
  auto* sources = command.add_option_group("probe", "Where the questioned sample comes from");
  sources->add_option("--probe", arguments.probe, "Image of the questioned signature or face");
  sources->add_option("--camera", arguments.camera,
                      "Camera (or video file) that takes the best picture of a good second, 30 "
                      "seconds at most; nothing checks that a living person stands before it");
  sources->require_option(1);
  for (const auto* option : {"--crop", "--rotate", "--face"})
    command.get_option(option)->excludes("--camera");
}

Exit runCameras(const Session& session) {
  auto list = nlohmann::json::array();
  for (const auto& camera : cameras()) {
    list.push_back({{"camera", camera.path}, {"name", camera.name}});
    if (!session.isJson) std::printf("%s  %s\n", camera.path.c_str(), camera.name.c_str());
  }
  if (session.isJson)
    printJson(list);
  else if (list.empty())
    std::printf("No camera was found.\n");
  return Exit::Done;
}

Result<Judged> judge(const Office& office, const Person& person, Modality modality,
                     const ProbeArguments& source, std::optional<double> amount) {
  const auto desk = office.desk(modality);
  if (!desk) return desk.error();
  const auto probe = probeOf(**desk, source);
  if (!probe) return probe.error();
  auto examination = (*desk)->verify(person.key, *probe, amount);
  if (!examination) return examination.error();
  return Judged{*desk, *std::move(examination), {}};
}

/// Two findings about one person are not combined: where they differ, somebody must look.
Finding jointFinding(const std::vector<Judged>& all) {
  const auto first = all.front().examination.finding;
  const bool areSame = std::all_of(
      all.begin(), all.end(), [&](const Judged& one) { return one.examination.finding == first; });
  return areSame ? first : Finding::Refer;
}

Exit runVerify(const VerifyArguments& arguments, const Session& session) {
  if (arguments.face.isGiven() && arguments.modality == Modality::Face)
    return fail({ErrorCode::OptionOutOfRange,
                 "The questioned sample is a face already; --face-photo and --face-camera stand "
                 "beside a signature.",
                 ""});
  const auto office = openOffice(session, arguments.store, arguments.access());
  if (!office) return fail(office.error());
  const auto person = (*office)->repository().findPerson(arguments.identifier);
  if (!person) return fail(person.error());
  std::vector<Judged> all;
  auto first = judge(**office, *person, arguments.modality, arguments.probe, arguments.amount);
  if (!first) return fail(first.error());
  all.push_back(*std::move(first));
  if (arguments.face.isGiven()) {
    auto second = judge(**office, *person, Modality::Face, arguments.face, arguments.amount);
    if (!second) return fail(second.error());
    all.push_back(*std::move(second));
  }
  if (!arguments.recorded.empty()) {
    for (auto& one : all) {
      RecordedAnswer answer{recordedFinding(arguments.recorded), arguments.note};
      if (!arguments.blind.empty()) answer.blind = recordedFinding(arguments.blind);
      const auto key = one.desk->record(one.examination, answer);
      if (!key) return fail(key.error());
      one.decision = *key;
    }
  }
  const auto finding = jointFinding(all);
  if (!session.isJson) {
    for (const auto& one : all) print(one, all.size() > 1);
  } else if (all.size() == 1) {
    printJson(jsonOf(all.front()));
  } else {
    printJson({{"verdict", findingName(finding)},
               {"verdicts", {jsonOf(all.front()), jsonOf(all.back())}}});
  }
  return exitOf(finding);
}

void printIdentification(const Identification& found, const Session& session) {
  if (session.isJson) {
    nlohmann::json candidates = nlohmann::json::array();
    for (const auto& c : found.candidates)
      candidates.push_back({{"identifier", c.person.identifier},
                            {"name", c.person.name},
                            {"score", c.score.value},
                            {"references", c.references}});
    const bool isKnown = found.finding == Finding::Match;
    printJson({{"verdict", isKnown                              ? "found"
                           : found.finding == Finding::NonMatch ? "unknown"
                                                                : findingName(found.finding)},
               {"people", found.people},
               {"threshold", found.service.rule.threshold.value},
               {"band", found.service.rule.band},
               {"network", found.service.identity},
               {"quality", found.probe->image.quality},
               {"candidates", candidates}});
    return;
  }
  switch (found.finding) {
    case Finding::Match:
      std::printf("FOUND  %s %s\n", found.candidates.front().person.identifier.c_str(),
                  found.candidates.front().person.name.c_str());
      break;
    case Finding::NonMatch:
      std::printf("UNKNOWN  nobody of %d people scores above %.3f\n", found.people,
                  found.service.rule.threshold.value);
      break;
    case Finding::Refer:
      std::printf("REFER  the best candidate is within %.3f of the threshold %.3f\n",
                  found.service.rule.band, found.service.rule.threshold.value);
      break;
    case Finding::CannotJudge:
      std::printf("CANNOT JUDGE  %s\n", found.probe->image.quality.c_str());
      break;
  }
  for (const auto& c : found.candidates)
    std::printf("  %.3f  %s %s\n", c.score.value, c.person.identifier.c_str(),
                c.person.name.c_str());
}

Exit runIdentify(const VerifyArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, arguments.access());
  if (!office) return fail(office.error());
  const auto opened = (*office)->desk(arguments.modality);
  if (!opened) return fail(opened.error());
  const auto& desk = *opened;
  const auto probe = probeOf(*desk, arguments.probe);
  if (!probe) return fail(probe.error());
  const auto found = desk->identify(*probe, arguments.candidates);
  if (!found) return fail(found.error());
  printIdentification(*found, session);
  if (!arguments.recorded.empty()) {
    const auto recorded = recordedFinding(arguments.recorded);
    std::optional<PersonKey> person;
    if (recorded == Finding::Match && !found->candidates.empty())
      person = found->candidates.front().person.key;
    if (const auto key = desk->record(*found, person, recorded, arguments.note); !key)
      return fail(key.error());
  }
  return exitOf(found->finding);
}

}  // namespace

void addVerifyCommands(CLI::App& app, Session& session) {
  auto verify = std::make_shared<VerifyArguments>();
  auto* command = app.add_subcommand(
      "verify", "Compare a questioned signature or face with those of a person on file");
  addStore(*command, verify->store);
  addModality(*command, verify->modality);
  addRecord(*command, verify->recorded, verify->note);
  command->add_option("--id", verify->identifier, "Identifier of the person")->required();
  command
      ->add_option("--amount", verify->amount,
                   "What is signed for, where the office has thresholds by amount")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--blind-answer", verify->blind,
                   "What a person said before they saw the program's answer; recorded with it")
      ->check(CLI::IsMember({"match", "non-match", "refer"}))
      ->needs("--record");
  addProbe(*command, verify->probe);
  auto* photo = command->add_option("--face-photo", verify->face.probe,
                                    "A photo of the person's face, judged beside the signature");
  command->add_option("--face-camera", verify->face.camera, "The same from a camera")
      ->excludes(photo);
  command->footer(
      "Exit codes: 0 match, 1 non-match, 3 refer, 4 cannot judge, 2 error. A signature and a face "
      "that do not agree are 3.");
  command->callback([verify, &session] {
    session.run = [verify, &session] { return runVerify(*verify, session); };
  });

  auto identify = std::make_shared<VerifyArguments>();
  command = app.add_subcommand(
      "identify", "Look for the person of a questioned signature or face among all on file");
  addStore(*command, identify->store);
  addModality(*command, identify->modality);
  addRecord(*command, identify->recorded, identify->note);
  addProbe(*command, identify->probe);
  command->add_option("--top", identify->candidates, "Candidates that are listed")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->footer("Exit codes: 0 found, 1 unknown, 3 refer, 4 cannot judge, 2 error.");
  command->callback([identify, &session] {
    session.run = [identify, &session] { return runIdentify(*identify, session); };
  });

  command = app.add_subcommand("cameras", "List the cameras that --camera can look through");
  command->callback([&session] { session.run = [&session] { return runCameras(session); }; });
}

}  // namespace countersign::cli
