// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include "ui/support/ThresholdEvidence.h"
#include "ui/widgets/EvidencePlot.h"

namespace countersign::ui {

/// Views of one operating point, in the order of thresholdViewNames().
enum class ThresholdView { Errors, Det, Roc, Cost, Tippett, Reliability };
QStringList thresholdViewNames();

/// How often each kind of trial has which score.
void drawDistributions(EvidencePlot& plot, const ThresholdEvidence& evidence);

/// @param goal      whose costs and whose kind of false match are drawn, where there is a choice.
/// @param compared  another network on the same trials, drawn dotted where rates stand against
///                  rates (DET, ROC): its thresholds mean something else. May be null.
void drawView(EvidencePlot& plot, ThresholdView view, const ThresholdEvidence& evidence,
              const ThresholdGoal& goal, const ComparedEvidence* compared = nullptr);

}  // namespace countersign::ui
