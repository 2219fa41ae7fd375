// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/EvidencePlot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QSvgGenerator>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/evaluation/ThresholdChoice.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/Plot.h"
#include "ui/widgets/PlotStyle.h"

namespace countersign::ui {

namespace {

QColor colourOf(EvidencePlot::Meaning meaning, const Colours& c) {
  switch (meaning) {
    case EvidencePlot::Meaning::Mated:
      return c.match;
    case EvidencePlot::Meaning::Skilled:
      return c.nonMatch;
    case EvidencePlot::Meaning::Random:
      return c.muted;
    case EvidencePlot::Meaning::Plain:
      break;
  }
  return c.accent;
}

/// Shares as percent.
class PercentTicker final : public QCPAxisTicker {
 protected:
  QString getTickLabel(double tick, const QLocale& locale, QChar /*format*/,
                       int /*precision*/) override {
    constexpr double kPercent = 100;
    constexpr int kDigits = 4;
    return EvidencePlot::tr("%1 %").arg(locale.toString(kPercent * tick, 'g', kDigits));
  }
};

constexpr double kClick = 4;  ///< Pixels that a click may wander.

}  // namespace

EvidencePlot::EvidencePlot(QWidget* parent)
    : QWidget(parent), m_plot(new QCustomPlot(this)), m_markers(nullptr), m_line(nullptr) {
  auto* layout = new QVBoxLayout(this);
  constexpr int kFocusFrame = 3;
  layout->setContentsMargins(kFocusFrame, kFocusFrame, kFocusFrame, kFocusFrame);
  layout->addWidget(m_plot);
  m_plot->setFocusPolicy(Qt::NoFocus);
  m_plot->setMouseTracking(true);
  m_plot->installEventFilter(this);
  m_plot->setInteraction(QCP::iRangeZoom, true);
  m_plot->addLayer(QStringLiteral("markers"), m_plot->layer(QStringLiteral("overlay")));
  m_markers = m_plot->layer(QStringLiteral("markers"));
  m_markers->setMode(QCPLayer::lmBuffered);
  m_line = new QCPItemLine(m_plot);
  m_line->setLayer(m_markers);
  m_line->setClipToAxisRect(true);
  for (auto* end : {m_line->start, m_line->end}) {
    end->setTypeX(QCPItemPosition::ptPlotCoords);
    end->setTypeY(QCPItemPosition::ptAxisRectRatio);
  }
  setFocusPolicy(Qt::StrongFocus);
  constexpr int kSmallest = 130;
  setMinimumSize(kSmallest, kSmallest);
  setToolTip({});
  m_plot->yAxis->ticker()->setTickCount(4);
  putLegendAbove(*m_plot);
  applyColours(colours());
}

double EvidencePlot::place(double value, Scale scale) {
  return scale == Scale::Deviate ? normalDeviate(value) : value;
}

void EvidencePlot::applyColours(const Colours& c) {
  dressPlot(*m_plot, font(), c);
  m_line->setPen(QPen(c.accent, 2));
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    const auto colour = colourOf(m_series[i].meaning, c);
    auto* graph = m_plot->graph(static_cast<int>(i));
    graph->setPen(QPen(colour, 2, m_series[i].isDotted ? Qt::DotLine : Qt::SolidLine));
    auto fill = colour;
    constexpr int kTint = 44;
    fill.setAlpha(kTint);
    graph->setBrush(m_series[i].isFilled ? QBrush(fill) : QBrush(Qt::NoBrush));
    m_discs[i]->setBrush(c.accent);
    m_discs[i]->setPen(QPen(c.accentText, 1));
  }
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void EvidencePlot::show(const Axis& horizontal, const Axis& vertical, std::vector<Series> series,
                        Mapping mapping) {
  m_horizontal = horizontal;
  m_vertical = vertical;
  m_series = std::move(series);
  m_mapping = std::move(mapping);
  setAccessibleName(tr("%1 against %2").arg(vertical.label, horizontal.label));
  for (auto* disc : m_discs) m_plot->removeItem(disc);
  m_discs.clear();
  m_plot->clearGraphs();
  for (const auto& one : m_series) {
    auto* graph = m_plot->addGraph();
    graph->setName(one.name);
    if (!one.isInLegend) graph->removeFromLegend();
    graph->setLineStyle(one.isFilled ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
    QVector<double> x(one.x.size());
    QVector<double> y(one.y.size());
    std::transform(one.x.begin(), one.x.end(), x.begin(),
                   [&](double value) { return place(value, horizontal.scale); });
    std::transform(one.y.begin(), one.y.end(), y.begin(),
                   [&](double value) { return place(value, vertical.scale); });
    // A ROC or DET curve goes down in x as the threshold rises. Turned round it is in order; the
    // graph's own sorting would mix up points of one x.
    if (!std::is_sorted(x.begin(), x.end())) {
      std::reverse(x.begin(), x.end());
      std::reverse(y.begin(), y.end());
    }
    graph->setData(x, y, true);
    auto* disc = new QCPItemTracer(m_plot);
    disc->setLayer(m_markers);
    disc->setStyle(QCPItemTracer::tsCircle);
    constexpr double kSize = 9;
    disc->setSize(kSize);
    m_discs.push_back(disc);
  }
  m_plot->legend->setVisible(m_series.size() > 1);
  setAxes();
  applyColours(colours());
  placeMarkers();
}

void EvidencePlot::setAxes() {
  const auto set = [](QCPAxis* axis, const Axis& as) {
    axis->setLabel(as.label);
    if (as.scale == Scale::Deviate) {
      const QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
      for (const double share : {0.0001, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99})
        ticker->addTick(normalDeviate(share), percentText(share));
      axis->setTicker(ticker);
    } else {
      const QSharedPointer<QCPAxisTicker> ticker(as.scale == Scale::Percent ? new PercentTicker
                                                                            : new QCPAxisTicker);
      ticker->setTickCount(4);
      axis->setTicker(ticker);
    }
    axis->setRange(place(as.low, as.scale), place(as.high, as.scale));
  };
  set(m_plot->xAxis, m_horizontal);
  set(m_plot->yAxis, m_vertical);
}

void EvidencePlot::resetZoom() {
  setAxes();
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

bool EvidencePlot::hasThreshold() const {
  return m_mapping.fromX || (!m_series.empty() && !m_series.front().threshold.empty());
}

void EvidencePlot::setThreshold(double threshold) {
  m_threshold = threshold;
  placeMarkers();
}

void EvidencePlot::placeMarkers() {
  m_line->setVisible(static_cast<bool>(m_mapping.toX));
  if (m_mapping.toX) {
    const double x = place(m_mapping.toX(m_threshold), m_horizontal.scale);
    m_line->start->setCoords(x, 0);
    m_line->end->setCoords(x, 1);
  }
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    const auto& series = m_series[i];
    m_discs[i]->setVisible(!series.threshold.empty());
    if (series.threshold.empty()) continue;
    // The last point at or below: rates stay as they are up to the next score.
    const auto above =
        std::upper_bound(series.threshold.begin(), series.threshold.end(), m_threshold);
    const auto at = std::max<qsizetype>(0, above - series.threshold.begin() - 1);
    m_discs[i]->position->setCoords(place(series.x[at], m_horizontal.scale),
                                    place(series.y[at], m_vertical.scale));
  }
  m_markers->replot();
}

QPointF EvidencePlot::markerPosition() const {
  if (m_mapping.toX)
    return {m_plot->xAxis->coordToPixel(place(m_mapping.toX(m_threshold), m_horizontal.scale)),
            static_cast<double>(m_plot->axisRect()->center().y())};
  return m_discs.empty() ? QPointF() : m_discs.front()->position->pixelPosition();
}

double EvidencePlot::thresholdAt(const QPointF& position) const {
  if (m_mapping.fromX) return m_mapping.fromX(m_plot->xAxis->pixelToCoord(position.x()));
  double nearest = std::numeric_limits<double>::infinity();
  double threshold = m_threshold;
  for (const auto& series : m_series) {
    for (qsizetype i = 0; i < series.threshold.size(); ++i) {
      const double dx =
          m_plot->xAxis->coordToPixel(place(series.x[i], m_horizontal.scale)) - position.x();
      const double dy =
          m_plot->yAxis->coordToPixel(place(series.y[i], m_vertical.scale)) - position.y();
      const double distance = dx * dx + dy * dy;
      if (distance >= nearest) continue;
      nearest = distance;
      threshold = series.threshold[i];
    }
  }
  return threshold;
}

void EvidencePlot::press(const QMouseEvent& event) {
  // With Shift the plot is moved, which matters when it is zoomed.
  const bool isPan = event.modifiers().testFlag(Qt::ShiftModifier);
  m_plot->setInteraction(QCP::iRangeDrag, isPan);
  setFocus(Qt::MouseFocusReason);
  m_pressed = event.position();
  m_isDragging = !isPan && event.button() == Qt::LeftButton && hasThreshold();
  if (m_isDragging && !m_isPickable) Q_EMIT thresholdDragged(thresholdAt(event.position()));
}

void EvidencePlot::move(const QMouseEvent& event) {
  const auto distance = event.position() - m_pressed;
  if (m_isDragging && (!m_isPickable || std::hypot(distance.x(), distance.y()) >= kClick))
    Q_EMIT thresholdDragged(thresholdAt(event.position()));
  else if (event.buttons() == Qt::NoButton && m_readOut && hasThreshold())
    QToolTip::showText(event.globalPosition().toPoint(), m_readOut(thresholdAt(event.position())),
                       m_plot);
}

void EvidencePlot::release(const QMouseEvent& event) {
  const auto distance = event.position() - m_pressed;
  const bool isClick = m_isDragging && std::hypot(distance.x(), distance.y()) < kClick;
  m_isDragging = false;
  if (!isClick || !m_isPickable || m_series.empty()) return;
  const double x = m_plot->xAxis->pixelToCoord(event.position().x());
  const auto& borders = m_series.front().x;
  const auto above = std::upper_bound(borders.begin(), borders.end(), x);
  if (above == borders.begin() || above == borders.end()) return;
  Q_EMIT picked(*(above - 1), *above);
}

bool EvidencePlot::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m_plot) return QWidget::eventFilter(watched, event);
  switch (event->type()) {
    case QEvent::MouseButtonPress:
      press(*static_cast<QMouseEvent*>(event));
      break;
    case QEvent::MouseMove:
      move(*static_cast<QMouseEvent*>(event));
      break;
    case QEvent::MouseButtonRelease:
      release(*static_cast<QMouseEvent*>(event));
      break;
    case QEvent::MouseButtonDblClick:
      resetZoom();
      break;
    default:
      break;
  }
  return QWidget::eventFilter(watched, event);
}

void EvidencePlot::keyPressEvent(QKeyEvent* event) {
  constexpr double kStep = 0.01;
  constexpr double kFineStep = 0.001;
  constexpr double kZoom = 0.8;
  const double step = event->modifiers().testFlag(Qt::ShiftModifier) ? kFineStep : kStep;
  switch (event->key()) {
    case Qt::Key_Left:
      Q_EMIT thresholdDragged(m_threshold - step);
      return;
    case Qt::Key_Right:
      Q_EMIT thresholdDragged(m_threshold + step);
      return;
    case Qt::Key_Plus:
    case Qt::Key_Minus: {
      const double factor = event->key() == Qt::Key_Plus ? kZoom : 1 / kZoom;
      m_plot->xAxis->scaleRange(factor);
      m_plot->yAxis->scaleRange(factor);
      m_plot->replot(QCustomPlot::rpQueuedReplot);
      return;
    }
    case Qt::Key_0:
      resetZoom();
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (m_isPickable && !m_series.empty()) {
        const auto& borders = m_series.front().x;
        const auto above = std::upper_bound(borders.begin(), borders.end(), m_threshold);
        if (above != borders.begin() && above != borders.end()) Q_EMIT picked(*(above - 1), *above);
        return;
      }
      break;
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

void EvidencePlot::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
    applyColours(colours());
}

void EvidencePlot::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void EvidencePlot::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void EvidencePlot::paintEvent(QPaintEvent* /*event*/) {
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colours().accent, 2));
  constexpr double kRound = 4;
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), kRound, kRound);
}

bool EvidencePlot::savePng(const QString& path) const {
  constexpr double kScale = 2;
  QImage image(m_plot->size() * kScale, QImage::Format_RGB32);
  image.fill(colours().surface);
  QCPPainter painter(&image);
  painter.scale(kScale, kScale);
  m_plot->toPainter(&painter, m_plot->width(), m_plot->height());
  painter.end();
  return image.save(path, "PNG");
}

bool EvidencePlot::saveSvg(const QString& path) const {
  QSvgGenerator generator;
  generator.setFileName(path);
  generator.setSize(m_plot->size());
  generator.setViewBox(m_plot->rect());
  generator.setTitle(accessibleName());
  QCPPainter painter;
  if (!painter.begin(&generator)) return false;
  painter.setMode(QCPPainter::pmVectorized);
  painter.fillRect(m_plot->rect(), colours().surface);
  m_plot->toPainter(&painter, m_plot->width(), m_plot->height());
  return painter.end();
}

void EvidencePlot::paintOn(QPainter& painter, const QRectF& at) {
  constexpr double kScale = 3;
  QImage image(m_plot->size() * kScale, QImage::Format_RGB32);
  image.fill(Qt::white);
  applyColours(paperColours());
  QCPPainter inside(&image);
  inside.scale(kScale, kScale);
  m_plot->toPainter(&inside, m_plot->width(), m_plot->height());
  inside.end();
  applyColours(colours());
  QRectF target({}, QSizeF(image.size()).scaled(at.size(), Qt::KeepAspectRatio));
  target.moveCenter(at.center());
  painter.drawImage(target, image);
}

QString EvidencePlot::csv() const {
  const auto cell = [](QString text) {
    return text.contains(u',') || text.contains(u'"')
               ? u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"'
               : text;
  };
  constexpr int kDigits = 9;
  QString text = QStringLiteral("series,%1,%2,threshold\n")
                     .arg(cell(m_horizontal.label), cell(m_vertical.label));
  for (const auto& series : m_series) {
    for (qsizetype i = 0; i < series.x.size(); ++i) {
      text += cell(series.name) + u',' + QString::number(series.x[i], 'g', kDigits) + u',' +
              QString::number(series.y[i], 'g', kDigits) + u',';
      if (!series.threshold.empty()) text += QString::number(series.threshold[i], 'g', kDigits);
      text += u'\n';
    }
  }
  return text;
}

}  // namespace countersign::ui
