// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <memory>
#include <vector>

#include "core/biometrics/Desk.h"
#include "core/evaluation/ThresholdTable.h"
#include "ui/support/Exhibit.h"

class QPainter;
class QRectF;

namespace countersign::ui {

/// A recorded decision with everything that is shown of it.
struct DecisionFile {
  Decision decision;
  std::shared_ptr<const Exhibit> probe;
  std::vector<std::shared_ptr<const Exhibit>> references;
  QString networkName;  ///< Empty when its network does not serve any more.
  ThresholdCosts costs;
  int costReferences = 0;
  QString population;  ///< Whom the costs were measured on.
  Desk::Reproduction reproduction;
};

/// Reads a decision with its images and works its score out anew. Runs on a job's thread.
Result<DecisionFile> loadDecision(const Desk& desk, DecisionKey key);

/// Writes the decision on one page (A4) as PDF; replaces the file as a whole.
Status writeDecisionPdf(const QString& path, const DecisionFile& file);

/// Paints the page, in points of 1/72 inch.
void paintDecision(QPainter& painter, const QRectF& page, const DecisionFile& file);

}  // namespace countersign::ui
