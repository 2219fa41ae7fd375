// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <memory>
#include <optional>

#include "app/cli/Commands.h"
#include "app/cli/Json.h"
#include "app/cli/StoreOptions.h"
#include "core/biometrics/Verifier.h"
#include "core/metric/Backend.h"

namespace countersign::cli {

namespace {

struct CompareArguments {
  Modality modality = Modality::Signature;
  std::filesystem::path network;
  std::optional<double> threshold;
  std::optional<double> band;
  std::filesystem::path probe;
  std::vector<std::filesystem::path> references;
  RegionArguments region;
  std::string referenceFace;

  SampleRegion referenceRegion() const {
    SampleRegion chosen;
    chosen.face = faceChoice(referenceFace);
    return chosen;
  }
};

/// All that was said about one verification, for either way of printing it.
struct Outcome {
  const CompareArguments& arguments;
  const EmbeddingNetwork& network;
  const Verification& verification;
  const AcquiredSample& probe;
  const std::vector<AcquiredSample>& references;
};

void printText(const Outcome& outcome) {
  const auto& v = outcome.verification;
  std::printf("%s  similarity %.3f, threshold %.3f", shouted(findingOf(v.verdict)).c_str(),
              v.fused.value, v.rule.threshold.value);
  if (v.rule.band > 0) std::printf(" (refer within %.3f)", v.rule.band);
  std::printf("\n");
  for (std::size_t i = 0; i < v.scores.size(); ++i)
    std::printf("  %.3f  %s\n", v.scores[i].value, outcome.arguments.references[i].c_str());
  const auto remark = [](const std::filesystem::path& path, const AcquiredSample& sample) {
    const auto& text = sample.read.quality;
    if (!text.empty()) std::printf("  %s: %s\n", path.c_str(), text.c_str());
  };
  remark(outcome.arguments.probe, outcome.probe);
  for (std::size_t i = 0; i < outcome.references.size(); ++i)
    remark(outcome.arguments.references[i], outcome.references[i]);
}

nlohmann::json sampleJson(const std::filesystem::path& path, const AcquiredSample& sample) {
  const auto& box = sample.read.box;
  nlohmann::json json = {{"path", path.string()},
                         {"box", {box.x, box.y, box.width, box.height}},
                         {"quality", sample.read.quality}};
  if (const auto& s = sample.read.signature) {
    const auto& dpi = sample.dotsPerInch;
    json.update({{"strokeWidth", s->strokeWidth},
                 {"inkShare", s->inkShare},
                 {"inkThreshold", s->threshold},
                 {"contrast", s->contrast},
                 {"wasInverted", s->wasInverted},
                 {"removedLines", s->removedLines},
                 {"removedSpecks", s->removedSpecks},
                 {"dotsPerInch", dpi ? nlohmann::json(*dpi) : nlohmann::json()}});
  }
  if (const auto& face = sample.read.face) {
    const auto& q = face->quality;
    json.update({{"faces", face->faces.size()},
                 {"face", *face->chosen + 1},
                 {"detectionScore", q.detectionScore},
                 {"eyeDistance", q.eyeDistance},
                 {"yaw", q.yaw},
                 {"pitch", q.pitch},
                 {"roll", q.roll},
                 {"sharpness", q.sharpness},
                 {"brightness", q.brightness},
                 {"insideShare", q.insideShare}});
  }
  return json;
}

void printOutcomeJson(const Outcome& outcome) {
  const auto& v = outcome.verification;
  nlohmann::json references = nlohmann::json::array();
  for (std::size_t i = 0; i < v.scores.size(); ++i) {
    references.push_back(sampleJson(outcome.arguments.references[i], outcome.references[i]));
    references.back()["score"] = v.scores[i].value;
  }
  const nlohmann::json json = {{"verdict", verdictName(v.verdict)},
                               {"score", v.fused.value},
                               {"threshold", v.rule.threshold.value},
                               {"band", v.rule.band},
                               {"network", outcome.network.card().name},
                               {"networkIdentity", outcome.network.identity()},
                               {"probe", sampleJson(outcome.arguments.probe, outcome.probe)},
                               {"references", references}};
  printJson(json);
}

/// Programs that asked for JSON learn from it, too, why nothing can be judged.
Exit failToAcquire(const Error& error, const Session& session) {
  if (session.isJson && error.code == ErrorCode::QualityInsufficient) {
    const nlohmann::json json = {{"verdict", "cannot judge"}, {"reason", error.message}};
    printJson(json);
  }
  return fail(error);
}

Exit runCompare(const CompareArguments& arguments, const Session& session) {
  setComputeThreads(1);  // one small image: more threads would cost more than they bring
  const auto network = openNetwork(session, arguments.network, arguments.modality);
  if (!network) return fail(network.error());
  const Verifier verifier(*network);
  const auto probe = verifier.acquire(arguments.probe, arguments.region.region());
  if (!probe) return failToAcquire(probe.error(), session);
  std::vector<AcquiredSample> references;
  std::vector<EmbeddedSample> embedded;
  for (const auto& path : arguments.references) {
    auto reference = verifier.acquireReference(path, arguments.referenceRegion());
    if (!reference) return failToAcquire(reference.error(), session);
    embedded.push_back(reference->embedded);
    references.push_back(*std::move(reference));
  }
  auto rule = verifier.defaultRule();
  if (arguments.threshold) rule.threshold.value = *arguments.threshold;
  if (arguments.band) rule.band = *arguments.band;
  const auto verification = verifier.verify(probe->embedded, embedded, rule);
  if (!verification) return fail(verification.error());
  const Outcome outcome{arguments, *network, *verification, *probe, references};
  session.isJson ? printOutcomeJson(outcome) : printText(outcome);
  return exitOf(findingOf(verification->verdict));
}

}  // namespace

void addCompareCommand(CLI::App& app, Session& session) {
  auto arguments = std::make_shared<CompareArguments>();
  auto* command = app.add_subcommand(
      "compare", "Compare a questioned signature or face with references of one person");
  addModality(*command, arguments->modality);
  addNetwork(*command, arguments->network);
  command->add_option("--threshold", arguments->threshold,
                      "τ: a score above it is a match (default: the network's)");
  command
      ->add_option("--band", arguments->band,
                   "Half width of the band around τ in which the verdict is \"refer\"")
      ->check(CLI::NonNegativeNumber);
  addRegion(*command, arguments->region, "the probe");
  command->add_option("--reference-face", arguments->referenceFace, "The same for the references")
      ->check(CLI::IsMember({"largest", "central"}))
      ->needs(command->get_option("--modality"))
      ->type_name("");
  command->add_option("--probe", arguments->probe, "Image of the questioned signature or face")
      ->required();
  command
      ->add_option("REFERENCE", arguments->references,
                   "Images of the person's own signatures or faces")
      ->required();
  command->callback([arguments, &session] {
    session.run = [arguments, &session] { return runCompare(*arguments, session); };
  });
}

}  // namespace countersign::cli
