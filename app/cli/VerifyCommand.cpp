// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>

#include "app/cli/Json.h"
#include "app/cli/Progress.h"
#include "app/cli/StoreOptions.h"
#include "core/evaluation/ThresholdTable.h"
#include "core/imaging/FaceCapture.h"
#include "core/imaging/ImageFile.h"

namespace countersign::cli {

namespace {

struct VerifyArguments {
  StoreArguments store;
  Modality modality = Modality::Signature;
  RegionArguments region;
  std::string identifier;
  std::filesystem::path probe;
  std::string camera;
  std::string recorded;
  std::string note;
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

void printExamination(const Examination& e, const EmbeddingNetwork& network, const Session& session,
                      const std::optional<DecisionKey>& decision) {
  const ThresholdTable table(network.evidence(), static_cast<int>(e.references.size()));
  const auto costs = table.at(e.service.rule.threshold.value);
  if (session.isJson) {
    nlohmann::json references = nlohmann::json::array();
    for (std::size_t i = 0; i < e.scores.size(); ++i)
      references.push_back({{"reference", e.references[i].key.value},
                            {"source", e.references[i].sourceName},
                            {"score", e.scores[i].value}});
    printJson({{"verdict", findingName(e.finding)},
               {"modality", modalityName(network.card().modality)},
               {"identifier", e.person.identifier},
               {"name", e.person.name},
               {"score", e.fused ? nlohmann::json(e.fused->value) : nlohmann::json()},
               {"threshold", e.service.rule.threshold.value},
               {"band", e.service.rule.band},
               {"network", e.service.identity},
               {"references", references},
               {"quality", e.probe->image.quality},
               {"falseNonMatch", rateJson(costs.falseNonMatch)},
               {"skilledFalseMatch", rateJson(costs.skilledFalseMatch)},
               {"randomFalseMatch", rateJson(costs.randomFalseMatch)},
               {"decision", decision ? nlohmann::json(decision->value) : nlohmann::json()}});
    return;
  }
  if (!e.fused) {
    std::printf("%s  %s\n", shouted(e.finding).c_str(), e.probe->image.quality.c_str());
  } else {
    std::printf("%s  %s %s  similarity %.3f, threshold %.3f", shouted(e.finding).c_str(),
                e.person.identifier.c_str(), e.person.name.c_str(), e.fused->value,
                e.service.rule.threshold.value);
    if (e.service.rule.band > 0) std::printf(" (refer within %.3f)", e.service.rule.band);
    std::printf("\n");
    for (std::size_t i = 0; i < e.scores.size(); ++i)
      std::printf("  %.3f  %s\n", e.scores[i].value, e.references[i].sourceName.c_str());
    std::printf("At this threshold, with %d references:\n", table.references());
    printRate("own samples missed", costs.falseNonMatch);
    printRate("forgeries passed", costs.skilledFalseMatch);
    printRate("other people passed", costs.randomFalseMatch);
  }
  if (decision) std::printf("Recorded as decision %lld\n", static_cast<long long>(decision->value));
}

Result<std::shared_ptr<const ExaminedImage>> probeOf(const Desk& desk,
                                                     const VerifyArguments& arguments) {
  const auto shared =
      [](Result<ExaminedImage> examined) -> Result<std::shared_ptr<const ExaminedImage>> {
    if (!examined) return examined.error();
    return std::make_shared<const ExaminedImage>(*std::move(examined));
  };
  if (arguments.camera.empty())
    return shared(desk.examine(arguments.probe, arguments.region.region()));
  if (desk.modality() != Modality::Face)
    return Error{ErrorCode::OptionOutOfRange, "A camera takes faces; say so with --modality face.",
                 ""};
  const auto reader = desk.network().reader();
  if (!reader) return reader.error();
  constexpr double kPatience = 30;
  const StopOnSignal stop;
  const auto captured = captureFace(arguments.camera, *reader, kPatience, stop.token());
  if (!captured) return captured.error();
  return shared(desk.examine(encodePng(captured->frame.picture), "camera"));
}

void addProbe(CLI::App& command, VerifyArguments& arguments) {
  auto* sources = command.add_option_group("probe", "Where the questioned sample comes from");
  sources->add_option("--probe", arguments.probe, "Image of the questioned signature or face");
  sources->add_option("--camera", arguments.camera,
                      "Camera (or video file) that takes the best picture of a good second, 30 "
                      "seconds at most; nothing checks that a living person stands before it");
  sources->require_option(1);
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

Exit runVerify(const VerifyArguments& arguments, const Session& session) {
  const auto office = openOffice(session, arguments.store, arguments.access());
  if (!office) return fail(office.error());
  const auto opened = (*office)->desk(arguments.modality);
  if (!opened) return fail(opened.error());
  const auto& desk = *opened;
  const auto person = (*office)->repository().findPerson(arguments.identifier);
  if (!person) return fail(person.error());
  const auto probe = probeOf(*desk, arguments);
  if (!probe) return fail(probe.error());
  const auto examination = desk->verify(person->key, *probe);
  if (!examination) return fail(examination.error());
  std::optional<DecisionKey> decision;
  if (!arguments.recorded.empty()) {
    const auto key =
        desk->record(*examination, recordedFinding(arguments.recorded), arguments.note);
    if (!key) return fail(key.error());
    decision = *key;
  }
  printExamination(*examination, desk->network(), session, decision);
  return exitOf(examination->finding);
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
  const auto probe = probeOf(*desk, arguments);
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
  addRegion(*command, verify->region, "the probe");
  addRecord(*command, verify->recorded, verify->note);
  command->add_option("--id", verify->identifier, "Identifier of the person")->required();
  addProbe(*command, *verify);
  command->callback([verify, &session] {
    session.run = [verify, &session] { return runVerify(*verify, session); };
  });

  auto identify = std::make_shared<VerifyArguments>();
  command = app.add_subcommand(
      "identify", "Look for the person of a questioned signature or face among all on file");
  addStore(*command, identify->store);
  addModality(*command, identify->modality);
  addRegion(*command, identify->region, "the probe");
  addRecord(*command, identify->recorded, identify->note);
  addProbe(*command, *identify);
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
