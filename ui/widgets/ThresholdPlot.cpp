// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ThresholdPlot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/Plot.h"

namespace countersign::ui {

namespace {

constexpr double kHighest = 1.0;
/// Scores below are rare, and no threshold of use lies there.
constexpr double kLowestShown = -0.2;
constexpr int kPoints = 240;

/// Density of scores by a Gaussian kernel (Silverman's width), at evenly spaced points of the axis.
QVector<double> densityOf(const std::vector<double>& scores, const QVector<double>& at) {
  QVector<double> density(at.size(), 0.0);
  const auto first =
      std::find_if(scores.begin(), scores.end(), [](double score) { return std::isfinite(score); });
  const auto count = static_cast<double>(scores.end() - first);
  if (count < 2) return density;
  double mean = 0;
  for (auto s = first; s != scores.end(); ++s) mean += *s / count;
  double variance = 0;
  for (auto s = first; s != scores.end(); ++s) variance += (*s - mean) * (*s - mean) / count;
  const double width = std::max(0.012, 1.06 * std::sqrt(variance) * std::pow(count, -0.2));
  for (qsizetype i = 0; i < at.size(); ++i) {
    constexpr double kReach = 4;
    const auto low = std::lower_bound(first, scores.end(), at[i] - kReach * width);
    const auto high = std::upper_bound(low, scores.end(), at[i] + kReach * width);
    for (auto s = low; s != high; ++s) {
      const double z = (at[i] - *s) / width;
      density[i] += std::exp(-z * z / 2) / (count * width);
    }
  }
  return density;
}

QColor faded(QColor colour, int alpha) {
  colour.setAlpha(alpha);
  return colour;
}

}  // namespace

ThresholdPlot::ThresholdPlot(QWidget* parent)
    : QWidget(parent),
      m_plot(new QCustomPlot(this)),
      m_band(new QCPItemRect(m_plot)),
      m_inForceLine(new QCPItemLine(m_plot)),
      m_thresholdLine(new QCPItemLine(m_plot)),
      m_thresholdLabel(new QCPItemText(m_plot)),
      m_scoreLine(new QCPItemLine(m_plot)),
      m_scoreLabel(new QCPItemText(m_plot)) {
  auto* layout = new QVBoxLayout(this);
  constexpr int kFocusFrame = 3;
  layout->setContentsMargins(kFocusFrame, kFocusFrame, kFocusFrame, kFocusFrame);
  layout->addWidget(m_plot);
  m_plot->setFocusPolicy(Qt::NoFocus);
  m_plot->installEventFilter(this);
  setFocusPolicy(Qt::StrongFocus);
  setMinimumHeight(150);
  setAccessibleName(tr("Threshold"));
  setToolTip(
      tr("Drag to try a threshold. Keys: arrows by 0.01, with Shift by 0.001, Home for the "
         "network's default, Esc for the one in force."));

  m_plot->xAxis->setRange(kLowestShown, kHighest);
  m_plot->xAxis->setLabel(tr("Similarity"));
  m_plot->xAxis->ticker()->setTickCount(6);
  m_plot->yAxis->setVisible(false);
  m_plot->xAxis->grid()->setVisible(false);
  m_plot->axisRect()->setAutoMargins(QCP::msBottom);
  m_plot->axisRect()->setMargins(QMargins(kGrid, 36, kGrid, 0));
  m_plot->legend->setVisible(false);
  for (auto* item :
       {static_cast<QCPAbstractItem*>(m_band), static_cast<QCPAbstractItem*>(m_inForceLine),
        static_cast<QCPAbstractItem*>(m_thresholdLine),
        static_cast<QCPAbstractItem*>(m_thresholdLabel), static_cast<QCPAbstractItem*>(m_scoreLine),
        static_cast<QCPAbstractItem*>(m_scoreLabel)}) {
    item->setClipToAxisRect(false);
    for (auto* position : item->positions()) {
      position->setTypeX(QCPItemPosition::ptPlotCoords);
      position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    }
  }
  for (int kind = 0; kind < 3; ++kind) m_plot->addGraph();
  applyColours();
}

void ThresholdPlot::applyColours() {
  const auto& c = colours();
  m_plot->setBackground(QBrush(Qt::transparent));
  m_plot->setAttribute(Qt::WA_OpaquePaintEvent, false);
  m_plot->xAxis->setBasePen(QPen(c.line));
  m_plot->xAxis->setTickPen(QPen(c.line));
  m_plot->xAxis->setSubTickPen(Qt::NoPen);
  m_plot->xAxis->setTickLabelColor(c.muted);
  m_plot->xAxis->setLabelColor(c.muted);
  const auto small = scaled(font(), 0.9, false);
  m_plot->xAxis->setTickLabelFont(small);
  m_plot->xAxis->setLabelFont(small);
  const QColor kinds[] = {c.match, c.nonMatch, c.muted};
  constexpr Qt::PenStyle kStyles[] = {Qt::SolidLine, Qt::SolidLine, Qt::DashLine};
  for (int kind = 0; kind < 3; ++kind) {
    m_plot->graph(kind)->setPen(QPen(kinds[kind], 2, kStyles[kind]));
    m_plot->graph(kind)->setBrush(faded(kinds[kind], kind == 2 ? 24 : 44));
  }
  m_band->setPen(Qt::NoPen);
  m_band->setBrush(faded(c.refer, 48));
  m_inForceLine->setPen(QPen(c.muted, 1, Qt::DashLine));
  m_thresholdLine->setPen(QPen(c.accent, 2));
  m_thresholdLabel->setColor(c.accentText);
  m_thresholdLabel->setBrush(c.accent);
  m_thresholdLabel->setPen(Qt::NoPen);
  m_thresholdLabel->setPadding(QMargins(6, 2, 6, 2));
  m_thresholdLabel->setFont(scaled(font(), 1, true));
  m_scoreLine->setPen(QPen(c.text, 3));
  m_scoreLabel->setColor(c.text);
  m_scoreLabel->setFont(scaled(font(), 1, true));
  m_scoreLabel->setBrush(faded(c.window, 220));
  m_scoreLabel->setPadding(QMargins(4, 1, 4, 1));
  placeMarkers();
}

void ThresholdPlot::setTable(std::shared_ptr<const ThresholdTable> table) {
  if (table == m_table) return;
  m_table = std::move(table);
  drawDistributions();
}

void ThresholdPlot::drawDistributions() {
  QVector<double> at(kPoints);
  for (int i = 0; i < kPoints; ++i)
    at[i] = kLowestShown + (kHighest - kLowestShown) * i / (kPoints - 1);
  double highest = 0;
  const auto draw = [&](int graph, const std::vector<double>& scores) {
    const auto density = densityOf(scores, at);
    for (const double d : density) highest = std::max(highest, d);
    m_plot->graph(graph)->setData(at, density, true);
  };
  static const std::vector<double> kNone;
  draw(0, m_table ? m_table->matedScores() : kNone);
  draw(1, m_table ? m_table->skilledScores() : kNone);
  draw(2, m_table ? m_table->randomScores() : kNone);
  m_plot->yAxis->setRange(0, highest > 0 ? highest * 1.05 : 1);
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ThresholdPlot::setRule(const DecisionRule& inForce, double networkDefault) {
  m_inForce = inForce;
  m_default = networkDefault;
  m_threshold = inForce.threshold.value;
  placeMarkers();
}

void ThresholdPlot::setScore(std::optional<double> score) {
  m_score = score;
  placeMarkers();
}

void ThresholdPlot::setThreshold(double threshold) {
  constexpr double kThousand = 1000;
  const double rounded =
      std::round(std::clamp(threshold, kLowestShown, kHighest) * kThousand) / kThousand;
  // The threshold in force may have more decimals; it stays exact when it is hit.
  const bool isInForce = std::abs(rounded - m_inForce.threshold.value) < 0.5 / kThousand;
  const double value = isInForce ? m_inForce.threshold.value : rounded;
  if (value == m_threshold) return;
  m_threshold = value;
  placeMarkers();
  Q_EMIT thresholdChanged(m_threshold);
}

void ThresholdPlot::placeMarkers() {
  const auto line = [](QCPItemLine* item, double x, double top) {
    item->start->setCoords(x, top);
    item->end->setCoords(x, 1);
  };
  // A label in the middle of its line would be cut off at the plot's edges.
  const auto place = [](QCPItemText* label, double x, double top) {
    constexpr double kMargin = 0.08 * (kHighest - kLowestShown);
    const auto side = x > kHighest - kMargin       ? Qt::AlignRight
                      : x < kLowestShown + kMargin ? Qt::AlignLeft
                                                   : Qt::AlignHCenter;
    label->setPositionAlignment(side | Qt::AlignBottom);
    label->position->setCoords(x, top);
  };
  m_band->topLeft->setCoords(m_threshold - m_inForce.band, 0);
  m_band->bottomRight->setCoords(m_threshold + m_inForce.band, 1);
  m_band->setVisible(m_inForce.band > 0);
  line(m_inForceLine, m_inForce.threshold.value, 0);
  line(m_thresholdLine, m_threshold, 0);
  m_thresholdLabel->setText(QStringLiteral("τ ") + thresholdText(m_threshold));
  place(m_thresholdLabel, m_threshold, 0);
  m_scoreLine->setVisible(m_score.has_value());
  m_scoreLabel->setVisible(m_score.has_value());
  if (m_score) {
    line(m_scoreLine, std::max(*m_score, kLowestShown), 0.35);
    m_scoreLabel->setText(scoreText(*m_score));
    place(m_scoreLabel, std::max(*m_score, kLowestShown), 0.35);
  }
  setAccessibleDescription(tr("Threshold %1; in force %2; similarity %3")
                               .arg(thresholdText(m_threshold),
                                    thresholdText(m_inForce.threshold.value),
                                    m_score ? scoreText(*m_score) : tr("none")));
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void ThresholdPlot::dragTo(double pixel) { setThreshold(m_plot->xAxis->pixelToCoord(pixel)); }

bool ThresholdPlot::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m_plot) return QWidget::eventFilter(watched, event);
  const bool isPress = event->type() == QEvent::MouseButtonPress;
  if (isPress || event->type() == QEvent::MouseMove) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    if (isPress) setFocus(Qt::MouseFocusReason);
    if (mouse->buttons() & Qt::LeftButton) dragTo(mouse->position().x());
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void ThresholdPlot::keyPressEvent(QKeyEvent* event) {
  const double step = event->modifiers() & Qt::ShiftModifier ? 0.001 : 0.01;
  switch (event->key()) {
    case Qt::Key_Left:
      setThreshold(m_threshold - step);
      break;
    case Qt::Key_Right:
      setThreshold(m_threshold + step);
      break;
    case Qt::Key_Home:
      setThreshold(m_default);
      break;
    case Qt::Key_Escape:
      setThreshold(m_inForce.threshold.value);
      break;
    default:
      QWidget::keyPressEvent(event);
  }
}

void ThresholdPlot::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void ThresholdPlot::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void ThresholdPlot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyColours();
}

void ThresholdPlot::paintEvent(QPaintEvent*) {
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colours().accent, 2));
  painter.drawRoundedRect(rect().adjusted(1, 1, -1, -1), 6, 6);
}

}  // namespace countersign::ui
