// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "core/biometrics/Desk.h"
#include "core/evaluation/ScoredTrials.h"
#include "core/evaluation/ThresholdTable.h"

namespace countersign::ui {

/// What somebody should know about a score that led to a finding: how rare it is among those that
/// it should not be found among.
///
/// @param table  the evidence for that many references; may be null or empty.
/// @return  a sentence, or nothing where the evidence has no such trials.
QString meaningOf(const Examination& examination, const ThresholdTable* table);

/// Why the τ of a decision is another than everybody's, and what follows of the amount; nothing
/// where it is the office's.
QString ruleOf(const AppliedRule& applied);

/// That a signature is simpler than those the rates were measured on; nothing where it is not, or
/// where the rates are those of the office's own people.
///
/// @param complexity  inkComplexity(); nothing for a face.
QString simplicityOf(std::optional<double> complexity, const ThresholdTable* table);

/// What a log likelihood ratio says, in one sentence: how many times likelier, from whom, and the
/// grade of the forensic scale.
///
/// @param against  Skilled: an imitator; Random: somebody else.
QString strengthText(double llr, TrialKind against);
/// The same of a score, against imitators where the evidence has them, otherwise against other
/// people; nothing where there is no evidence.
QString strengthOf(double score, const EvidenceStrength* strength);

/// Whose samples figures rest on: "your own people on file", or "31 people (Bengali writers, …) who
/// are not yours".
QString populationText(const ThresholdTable& table);

/// What a threshold costs, in one short sentence without intervals: own samples missed, and what
/// passes; nothing where there is no evidence.
QString ratesOf(double threshold, const ThresholdTable& table);

}  // namespace countersign::ui
