// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

#include "ui/support/ThresholdEvidence.h"

namespace countersign::ui {

class EvidencePlot;

/// What stands on the page that a supervisor signs.
struct ThresholdReportContent {
  const ThresholdEvidence& evidence;
  double threshold = 0;  ///< The one that is being tried.
  double inForce = 0;
  QString networkName;
  const ComparedEvidence* compared = nullptr;  ///< Drawn dotted; null where nothing is compared.
  std::vector<EvidencePlot*> plots;
};

/// Writes the threshold, what it costs, what that rests on and the plots on one page (A4) as PDF;
/// replaces the file as a whole.
Status writeThresholdPdf(const QString& path, const ThresholdReportContent& content);

}  // namespace countersign::ui
