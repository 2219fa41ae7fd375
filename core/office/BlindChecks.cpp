// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/BlindChecks.h"

#include <algorithm>
#include <map>
#include <span>

#include "core/base/Sha256.h"

namespace countersign {

namespace {

/// Answers as scores: 1 for "the same", 0 for anything else.
AnswerErrors errorsOf(const std::vector<const DecisionSummary*>& checks,
                      const std::vector<Finding>& answers) {
  ScoreEvidence evidence;
  std::map<PersonKey, std::int32_t> people;
  AnswerErrors errors;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const auto& check = *checks[i];
    const bool isMated = check.recorded == Finding::Match;
    evidence.scores.push_back(answers[i] == Finding::Match ? 1.0F : 0.0F);
    evidence.groups.push_back(
        static_cast<std::uint8_t>(isMated ? TrialKind::Genuine : TrialKind::Skilled));
    evidence.subjects.push_back(
        people.emplace(check.person->key, static_cast<std::int32_t>(people.size())).first->second);
    if (answers[i] != Finding::Match && answers[i] != Finding::NonMatch) ++errors.referred;
  }
  constexpr double kBetween = 0.5;
  const auto costs = ThresholdTable(evidence, 1, "answers").at(kBetween);
  errors.missed = costs.falseNonMatch;
  errors.passed = costs.skilledFalseMatch;
  return errors;
}

}  // namespace

bool isDrawnBlind(const Examination& examination) {
  if (!examination.fused) return false;
  const auto about =
      examination.probe->image.sourceHash + ':' + std::to_string(examination.person.key.value);
  const auto hash = Sha256().add(std::as_bytes(std::span(about))).finish();
  constexpr int kHexadecimal = 16;
  constexpr std::size_t kDigits = 8;
  constexpr double kValues = 4294967296.0;  // of so many digits
  const auto drawn = std::stoul(hash.substr(0, kDigits), nullptr, kHexadecimal);
  return static_cast<double>(drawn) / kValues < examination.service.policy.blindShare;
}

BlindChecks blindChecks(const std::vector<DecisionSummary>& decisions, Modality modality,
                        const std::string& network) {
  BlindChecks found;
  std::vector<const DecisionSummary*> checks;
  std::vector<Finding> clerk;
  std::vector<Finding> program;
  for (const auto& decision : decisions) {
    if (!decision.blind || !decision.person || decision.modality != modality ||
        decision.network != network)
      continue;
    if (decision.recorded != Finding::Match && decision.recorded != Finding::NonMatch) {
      ++found.undecided;
      continue;
    }
    checks.push_back(&decision);
    clerk.push_back(*decision.blind);
    // That an amount is always referred says nothing about what the program sees.
    program.push_back(decision.applied.isAlwaysReferred && decision.score
                          ? findingOf(decide({*decision.score}, decision.applied.rule))
                          : decision.finding);
    if (*decision.blind != decision.recorded) ++found.changed;
  }
  found.checks = static_cast<int>(checks.size());
  found.clerk = errorsOf(checks, clerk);
  found.program = errorsOf(checks, program);
  return found;
}

}  // namespace countersign
