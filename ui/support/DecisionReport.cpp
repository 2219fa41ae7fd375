// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/DecisionReport.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QPageSize>
#include <QPainter>
#include <QPdfWriter>
#include <algorithm>

#include "ui/support/Formatting.h"
#include "ui/support/ImageLoading.h"

namespace countersign::ui {

namespace {

struct DecisionReport {
  Q_DECLARE_TR_FUNCTIONS(DecisionReport)
};

/// Writes lines from top to bottom.
class Column {
 public:
  Column(QPainter& painter, const QRectF& page) : m_painter(painter), m_page(page) {
    m_top = page.top();
  }

  void text(const QString& text, double points, bool isBold = false,
            const QColor& colour = Qt::black) {
    QFont font = m_painter.font();
    font.setPointSizeF(points);
    font.setBold(isBold);
    m_painter.setFont(font);
    m_painter.setPen(colour);
    const QRectF room(m_page.left(), m_top, m_page.width(), m_page.bottom() - m_top);
    QRectF used;
    m_painter.drawText(room, Qt::AlignLeft | Qt::TextWordWrap, text, &used);
    m_top += used.height() + 2;
  }

  /// A value without spaces is broken anywhere.
  void row(const QString& name, const QString& value, int wrap = Qt::TextWordWrap) {
    constexpr double kNameWidth = 150;
    QFont font = m_painter.font();
    font.setPointSizeF(9);
    font.setBold(false);
    m_painter.setFont(font);
    m_painter.setPen(Qt::darkGray);
    m_painter.drawText(QRectF(m_page.left(), m_top, kNameWidth, 100),
                       Qt::AlignLeft | Qt::TextWordWrap, name);
    m_painter.setPen(Qt::black);
    QRectF used;
    m_painter.drawText(QRectF(m_page.left() + kNameWidth, m_top, m_page.width() - kNameWidth, 200),
                       Qt::AlignLeft | wrap, value, &used);
    m_top += std::max(used.height(), 11.0) + 3;
  }

  void picture(const QRectF& place, const QImage& image, const QString& caption) {
    m_painter.setPen(QPen(Qt::lightGray, 0.5));
    m_painter.drawRect(place);
    if (!image.isNull()) {
      QRectF target({}, QSizeF(image.size()).scaled(place.size() * 0.94, Qt::KeepAspectRatio));
      target.moveCenter(place.center());
      m_painter.drawImage(target, image);
    }
    QFont font = m_painter.font();
    font.setPointSizeF(8);
    font.setBold(false);
    m_painter.setFont(font);
    m_painter.setPen(Qt::black);
    m_painter.drawText(QRectF(place.left(), place.bottom() + 2, place.width(), 12),
                       Qt::AlignHCenter, caption);
  }

  void gap(double points) { m_top += points; }
  double top() const { return m_top; }
  void moveTo(double top) { m_top = top; }

 private:
  QPainter& m_painter;
  QRectF m_page;
  double m_top = 0;
};

QString costLine(const RateAtThreshold& rate) {
  return rate.trials == 0 ? DecisionReport::tr("not measured") : evidenceText(rate);
}

void paintPictures(Column& column, const QRectF& page, const DecisionFile& file) {
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
    const ThresholdTable table(desk.network().evidence(),
                               static_cast<int>(content.references.size()));
    file.costs = table.at(content.rule.threshold.value);
    file.costReferences = table.references();
  }
  file.decision = *std::move(decision);
  return file;
}

void paintDecision(QPainter& painter, const QRectF& page, const DecisionFile& file) {
  const auto& summary = file.decision.summary;
  const auto& content = file.decision.content;
  const auto who =
      summary.person ? personText(*summary.person) : DecisionReport::tr("Unknown person");
  Column column(painter, page);
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
  const auto& rule = content.rule;
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
    column.text(DecisionReport::tr("Measured with %n reference(s) each, on people who are not this "
                                   "office's; other populations may fare otherwise.",
                                   nullptr, file.costReferences),
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
  QByteArray bytes;
  {
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    constexpr int kPointsPerInch = 72;
    writer.setResolution(kPointsPerInch);
    writer.setPageSize(QPageSize(QPageSize::A4));
    constexpr double kMargin = 48;
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout::Point);
    writer.setTitle(
        DecisionReport::tr("Countersign: decision %1").arg(file.decision.summary.key.value));
    writer.setCreator(QStringLiteral("Countersign"));
    QPainter painter(&writer);
    const QRectF page(0, 0, writer.width(), writer.height());
    paintDecision(painter, page.adjusted(kMargin, kMargin, -kMargin, -kMargin), file);
  }
  return writeFileAtomically(path.toStdString(),
                             {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace countersign::ui
