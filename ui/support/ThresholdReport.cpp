// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/ThresholdReport.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include "ui/support/Formatting.h"
#include "ui/support/PaperPage.h"
#include "ui/widgets/EvidencePlot.h"

namespace countersign::ui {

namespace {

struct Words {
  Q_DECLARE_TR_FUNCTIONS(countersign::ui::ThresholdReport)
};

void paintReport(QPainter& painter, const QRectF& page, const ThresholdReportContent& content) {
  const auto& evidence = content.evidence;
  const auto costs = evidence.costs->at(content.threshold);
  PaperColumn column(painter, page);
  column.text(Words::tr("Countersign: what a threshold costs"), 9, false, Qt::darkGray);
  column.text(Words::tr("τ %1").arg(thresholdText(content.threshold)), 24, true);
  column.text(Words::tr("In force on %1: %2")
                  .arg(QLocale().toString(QDateTime::currentDateTime(), QLocale::ShortFormat),
                       thresholdText(content.inForce)),
              10);
  column.gap(6);
  const auto row = [&](const QString& name, const RateAtThreshold& rate) {
    if (rate.trials > 0) column.row(name, evidenceText(rate));
  };
  row(Words::tr("Own samples missed (FNMR)"), costs.falseNonMatch);
  row(Words::tr("Forgeries passed (FMR)"), costs.skilledFalseMatch);
  row(Words::tr("Other people passed (FMR)"), costs.randomFalseMatch);
  const double failed = costs.failureToAcquire(TrialKind::Genuine);
  if (failed > 0)
    column.row(Words::tr("Could not be read (FTA)"),
               Words::tr("%1; with them %2 of the rightful are turned away (FRR)")
                   .arg(percentText(failed), percentText(costs.falseRejectRate())));
  for (const auto kind : {TrialKind::Skilled, TrialKind::Random}) {
    const auto& rate = evidence.costs->equalErrorRate(kind);
    row(kind == TrialKind::Skilled ? Words::tr("Equal error rate, forgeries")
                                   : Words::tr("Equal error rate, other people"),
        rate);
  }
  for (const auto& worth : evidence.weighed)
    if (worth.isTested)
      column.row(worth.against == TrialKind::Skilled ? Words::tr("Strength against imitators")
                                                     : Words::tr("Strength against other people"),
                 Words::tr("Cllr %1 bits for people not calibrated on, at least %2; likelihood "
                           "ratios up to %3")
                     .arg(worth.cost, 0, 'f', 3)
                     .arg(worth.leastCost, 0, 'f', 3)
                     .arg(worth.calibration.people() + 1));
  column.gap(6);
  column.row(Words::tr("Rests on"), provenanceText(evidence));
  const auto network = QString::fromStdString(evidence.known.network);
  column.row(Words::tr("Network of the scores"),
             network.isEmpty() ? Words::tr("not known") : network, Qt::TextWrapAnywhere);
  column.row(Words::tr("Network in service"), content.networkName);
  if (content.compared != nullptr)
    column.row(Words::tr("Dotted: %1").arg(content.compared->name),
               comparedText(*content.compared).replace(QStringLiteral("\n"), QStringLiteral("; ")));
  column.gap(6);
  constexpr double kAir = 8;
  const double height = (page.bottom() - column.top() - 24) / 2 - kAir;
  if (!content.plots.empty())
    content.plots.front()->paintOn(painter, {page.left(), column.top(), page.width(), height});
  const double half = (page.width() - kAir) / 2;
  for (std::size_t i = 1; i < content.plots.size(); ++i)
    content.plots[i]->paintOn(painter, {page.left() + static_cast<double>(i - 1) * (half + kAir),
                                        column.top() + height + kAir, half, height});
  column.moveTo(page.bottom() - 12);
  column.text(Words::tr("These figures hold for people and samples like those that they rest on."),
              8, false, Qt::darkGray);
}

}  // namespace

Status writeThresholdPdf(const QString& path, const ThresholdReportContent& content) {
  return writePdfPage(
      path, Words::tr("Countersign: what a threshold costs"),
      [&](QPainter& painter, const QRectF& page) { paintReport(painter, page, content); });
}

}  // namespace countersign::ui
