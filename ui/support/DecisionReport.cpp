// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/DecisionReport.h"

#include <QCoreApplication>
#include <QPainter>
#include <algorithm>

#include "ui/support/Formatting.h"
#include "ui/support/ImageLoading.h"
#include "ui/support/PaperPage.h"
#include "ui/support/VerdictText.h"

namespace countersign::ui {

namespace {

struct DecisionReport {
  Q_DECLARE_TR_FUNCTIONS(DecisionReport)
};

QString costLine(const RateAtThreshold& rate) {
  return rate.trials == 0 ? DecisionReport::tr("not measured") : evidenceText(rate);
}

void paintPictures(PaperColumn& column, const QRectF& page, const DecisionFile& file) {
  constexpr double kProbeHeight = 120;
  column.picture(QRectF(page.left(), column.top(), page.width(), kProbeHeight),
                 file.probe ? file.probe->picture : QImage(),
                 DecisionReport::tr("Questioned: %1")
                     .arg(QString::fromStdString(file.decision.content.probe.sourceName)));
  column.gap(kProbeHeight + 22);
  const auto count = file.references.size();
  if (count == 0) return;
  constexpr std::size_t kMostColumns = 4;
  const auto columns = std::min(kMostColumns, count);
  // One page, however many references there are.
  const auto rows = (count + columns - 1) / columns;
  const double width =
      (page.width() - 8 * (static_cast<double>(columns) - 1)) / static_cast<double>(columns);
  const double height = std::min(64.0, 190.0 / static_cast<double>(rows) - 16);
  const double first = column.top();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = i / columns;
    const std::size_t place = i % columns;
    const double x = page.left() + static_cast<double>(place) * (width + 8);
    const double y = first + static_cast<double>(row) * (height + 18);
    const auto& exhibit = file.references[i];
    column.picture(QRectF(x, y, width, height), exhibit ? exhibit->picture : QImage(),
                   DecisionReport::tr("Reference %1: %2")
                       .arg(i + 1)
                       .arg(scoreText(file.decision.content.references[i].score)));
  }
  column.moveTo(first + static_cast<double>(rows) * (height + 18));
}

}  // namespace

Result<DecisionFile> loadDecision(const Desk& desk, DecisionKey key) {
  auto decision = desk.repository().decision(key);
  if (!decision) return decision.error();
  DecisionFile file;
  const auto& content = decision->content;
  if (const auto probe =
          desk.examine(content.probe.original, content.probe.sourceName, content.probe.region))
    file.probe = std::make_shared<const Exhibit>(exhibitOf(*probe));
  std::vector<ReferenceKey> keys;
  for (const auto& reference : content.references) keys.push_back(reference.reference);
  file.references = exhibitsOf(desk, keys);
  auto reproduction = desk.reproduce(*decision);
  if (!reproduction) return reproduction.error();
  file.reproduction = *reproduction;
  if (content.network == desk.network().identity()) {
    file.networkName = QString::fromStdString(desk.network().card().name);
    const auto evidence = desk.evidence();
    if (!evidence) return evidence.error();
    const ThresholdTable table(*evidence, static_cast<int>(content.references.size()));
    file.costs = table.at(content.applied.rule.threshold.value);
    file.costReferences = table.references();
    file.population = populationText(table);
  }
  file.decision = *std::move(decision);
  return file;
}

void paintDecision(QPainter& painter, const QRectF& page, const DecisionFile& file) {
  const auto& summary = file.decision.summary;
  const auto& content = file.decision.content;
  const auto who =
      summary.person ? personText(*summary.person) : DecisionReport::tr("Unknown person");
  PaperColumn column(painter, page);
  column.text(DecisionReport::tr("Countersign: record of decision %1").arg(summary.key.value), 9,
              false, Qt::darkGray);
  column.text(findingText(summary.recorded), 24, true);
  column.text(summary.isIdentification
                  ? DecisionReport::tr("Sought among everybody on file: %1").arg(who)
              : summary.modality == Modality::Face
                  ? DecisionReport::tr("Is the questioned face that of %1?").arg(who)
                  : DecisionReport::tr("Is the questioned signature that of %1?").arg(who),
              12);
  column.gap(8);
  paintPictures(column, page, file);
  column.gap(4);
  const auto& rule = content.applied.rule;
  column.row(
      DecisionReport::tr("Similarity"),
      content.score
          ? scoreText(*content.score) + DecisionReport::tr(" (mean of the best %n reference(s))",
                                                           nullptr, content.fusedReferences)
          : DecisionReport::tr("none: %1").arg(QString::fromStdString(content.probe.quality)));
  column.row(DecisionReport::tr("Threshold τ"),
             rule.band > 0 ? DecisionReport::tr("%1, refer within %2")
                                 .arg(thresholdText(rule.threshold.value), thresholdText(rule.band))
                           : thresholdText(rule.threshold.value));
  if (const auto& amount = content.applied.amount)
    column.row(DecisionReport::tr("Amount"), amountText(*amount));
  if (const auto why = ruleOf(content.applied); !why.isEmpty()) column.row(QString(), why);
  if (content.blind)
    column.row(DecisionReport::tr("Answered before the program"), findingText(*content.blind));
  column.row(DecisionReport::tr("The program said"), findingText(summary.finding));
  column.row(
      DecisionReport::tr("Decided"),
      DecisionReport::tr("%1 by %2, %3 (UTC %4, event %5)")
          .arg(findingText(summary.recorded), QString::fromStdString(summary.event.author),
               timeText(summary.event.time), QString::fromStdString(toIso8601(summary.event.time)))
          .arg(summary.event.sequence));
  if (!summary.note.empty())
    column.row(DecisionReport::tr("Note"), QString::fromStdString(summary.note));
  column.row(DecisionReport::tr("Score worked out anew"),
             file.reproduction.score
                 ? DecisionReport::tr("%1, %2").arg(scoreText(file.reproduction.score->value),
                                                    file.reproduction.isSame
                                                        ? DecisionReport::tr("the same")
                                                        : DecisionReport::tr("NOT the same"))
                 : DecisionReport::tr("there is no score"));
  column.gap(6);
  column.text(DecisionReport::tr("What this threshold costs"), 10, true);
  if (file.costReferences > 0) {
    column.row(DecisionReport::tr("Own samples missed"), costLine(file.costs.falseNonMatch));
    column.row(DecisionReport::tr("Forgeries passed"), costLine(file.costs.skilledFalseMatch));
    column.row(DecisionReport::tr("Other people passed"), costLine(file.costs.randomFalseMatch));
    column.text(
        DecisionReport::tr("Measured with %n reference(s) each, on %1; other populations may "
                           "fare otherwise.",
                           nullptr, file.costReferences)
            .arg(file.population),
        8, false, Qt::darkGray);
  } else {
    column.text(DecisionReport::tr("The network of this decision does not serve any more; its card "
                                   "says what it was measured to do."),
                9);
  }
  column.gap(6);
  column.row(DecisionReport::tr("Network"),
             (file.networkName.isEmpty() ? QString() : file.networkName + u' ') +
                 QString::fromStdString(content.network),
             Qt::TextWrapAnywhere);
  column.row(DecisionReport::tr("Questioned image, SHA-256"),
             QString::fromStdString(content.probe.sourceHash), Qt::TextWrapAnywhere);
}

Status writeDecisionPdf(const QString& path, const DecisionFile& file) {
  return writePdfPage(
      path, DecisionReport::tr("Countersign: decision %1").arg(file.decision.summary.key.value),
      [&](QPainter& painter, const QRectF& page) { paintDecision(painter, page, file); });
}

}  // namespace countersign::ui
