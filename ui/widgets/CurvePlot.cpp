// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CurvePlot.h"

#include <QEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/Plot.h"
#include "ui/widgets/PlotStyle.h"

namespace countersign::ui {

namespace {

QColor lineColour(int index) {
  const auto& c = colours();
  const QColor all[] = {c.match, c.nonMatch, c.refer, c.accent, c.text, c.muted};
  return all[static_cast<std::size_t>(index) % std::size(all)];
}

}  // namespace

CurvePlot::CurvePlot(const QString& horizontal, const QString& vertical, bool isFilled,
                     QWidget* parent)
    : QWidget(parent), m_isFilled(isFilled), m_plot(new QCustomPlot(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_plot);
  m_plot->setFocusPolicy(Qt::NoFocus);
  m_plot->setMouseTracking(true);
  m_plot->installEventFilter(this);
  constexpr int kSmallest = 120;
  setMinimumHeight(kSmallest);
  setAccessibleName(vertical);
  m_plot->xAxis->setLabel(horizontal);
  m_plot->yAxis->setLabel(vertical);
  m_plot->yAxis->setTickLabels(!isFilled);
  m_plot->yAxis->setTicks(!isFilled);
  m_plot->yAxis->ticker()->setTickCount(4);
  m_plot->xAxis->ticker()->setTickCount(4);
  m_plot->xAxis->grid()->setVisible(false);
  putLegendAbove(*m_plot);
  applyColours();
}

void CurvePlot::applyColours() {
  dressPlot(*m_plot, font(), colours());
  for (int i = 0; i < m_plot->graphCount(); ++i) {
    auto* graph = m_plot->graph(i);
    graph->setPen(QPen(lineColour(i), 2, graph->pen().style()));
    if (!m_isFilled) continue;
    auto fill = lineColour(i);
    constexpr int kTint = 44;
    fill.setAlpha(kTint);
    graph->setBrush(fill);
  }
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::setCurves(const std::vector<Curve>& curves) {
  const auto count = static_cast<int>(curves.size());
  while (m_plot->graphCount() > count) m_plot->removeGraph(m_plot->graphCount() - 1);
  while (m_plot->graphCount() < count) m_plot->addGraph();
  for (int i = 0; i < count; ++i) {
    const auto& curve = curves[static_cast<std::size_t>(i)];
    auto* graph = m_plot->graph(i);
    graph->setName(curve.name);
    graph->setData(curve.x, curve.y, true);
    graph->setLineStyle(m_isFilled ? QCPGraph::lsStepCenter : QCPGraph::lsLine);
    QPen pen = graph->pen();
    pen.setStyle(curve.isAside ? Qt::DashLine : Qt::SolidLine);
    graph->setPen(pen);
    // A curve of few points would be hard to see, and one of one point invisible.
    constexpr qsizetype kFew = 40;
    graph->setScatterStyle(!m_isFilled && curve.x.size() < kFew
                               ? QCPScatterStyle(QCPScatterStyle::ssDisc, 5)
                               : QCPScatterStyle());
  }
  m_plot->legend->setVisible(count > 1);
  fit();
  applyColours();
}

void CurvePlot::setEnd(double end) {
  m_end = end;
  fit();
}

void CurvePlot::fit() {
  double left = 0;
  double right = m_end;
  double top = 0;
  bool isFirst = true;
  for (int i = 0; i < m_plot->graphCount(); ++i) {
    for (const auto& point : *m_plot->graph(i)->data()) {
      if (m_isFilled) left = isFirst ? point.key : std::min(left, point.key);
      right = isFirst && m_end <= 0 ? point.key : std::max(right, point.key);
      top = std::max(top, point.value);
      isFirst = false;
    }
  }
  m_plot->xAxis->setRange(left, right > left ? right : left + 1);
  constexpr double kAir = 1.1;
  m_plot->yAxis->setRange(0, top > 0 ? top * kAir : 1);
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

QString CurvePlot::textAt(double x) const {
  QStringList lines;
  for (int i = 0; i < m_plot->graphCount(); ++i) {
    const auto& points = *m_plot->graph(i)->data();
    if (points.isEmpty()) continue;
    auto at = points.findBegin(x);
    if (at + 1 != points.constEnd() && std::abs((at + 1)->key - x) < std::abs(at->key - x)) ++at;
    if (lines.isEmpty()) lines += tr("%1 %2").arg(m_plot->xAxis->label()).arg(at->key, 0, 'g', 4);
    lines += tr("%1: %2").arg(m_plot->graph(i)->name()).arg(at->value, 0, 'g', 3);
  }
  return lines.join(u'\n');
}

int CurvePlot::curveCount() const { return m_plot->graphCount(); }

int CurvePlot::pointCount(int curve) const { return m_plot->graph(curve)->data()->size(); }

void CurvePlot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) applyColours();
}

bool CurvePlot::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_plot && event->type() == QEvent::MouseMove && !m_isFilled) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    QToolTip::showText(mouse->globalPosition().toPoint(),
                       textAt(m_plot->xAxis->pixelToCoord(mouse->position().x())), this);
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace countersign::ui
