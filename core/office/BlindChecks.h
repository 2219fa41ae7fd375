// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/biometrics/Desk.h"
#include "core/evaluation/ThresholdTable.h"

namespace countersign {

/// How often somebody's answers differ from what was recorded in the end.
struct AnswerErrors {
  RateAtThreshold missed;  ///< Said "not the same" (or nothing at all) of what was recorded as one.
  RateAtThreshold passed;  ///< Said "the same" of what was recorded as not the same.
  int referred = 0;        ///< Answers that left it open: they miss a match, and pass nothing.
};

/// Checks in which a clerk answered before they saw the program's answer.
struct BlindChecks {
  int checks = 0;     ///< That were recorded as a match or a non-match, and so can be counted.
  int undecided = 0;  ///< That were not.
  int changed = 0;    ///< Clerks who recorded something else than they had said blind.
  AnswerErrors clerk;
  AnswerErrors program;
};

/// Clerks and program by the same checks. What is true of a sample nobody knows at the desk: the
/// recorded decision stands for it, which the clerk made who had seen both answers. That favours
/// both, and whoever the clerk believes most.
///
/// @param network  only decisions with its scores.
BlindChecks blindChecks(const std::vector<DecisionSummary>& decisions, Modality modality,
                        const std::string& network);

/// Whether the clerk is to answer before the program's answer to this is shown. It is drawn by
/// image and person, so that nobody gets round it by giving the same image again.
bool isDrawnBlind(const Examination& examination);

}  // namespace countersign
