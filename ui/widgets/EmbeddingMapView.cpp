// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/EmbeddingMapView.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

constexpr double kStep = 1.25;
constexpr double kMostZoom = 400;
constexpr int kColours = 14;
constexpr double kDot = 9;
constexpr double kClick = 4;
constexpr QSizeF kPicture(76, 42);
/// With more than these in sight, pictures would hide each other.
constexpr std::size_t kMostPictures = 30;

}  // namespace

QColor groupColour(int group) {
  if (group < 0) return colours().text;
  // Steps by the golden angle: neighbours in number are far apart in hue.
  constexpr double kGolden = 0.381966;
  const double hue = std::fmod(0.47 + kGolden * (group % kColours), 1.0);
  const bool isLight = group / kColours % 2 == 1;
  return QColor::fromHslF(static_cast<float>(hue), 0.62F,
                          colours().isDark ? (isLight ? 0.72F : 0.58F) : (isLight ? 0.52F : 0.38F));
}

EmbeddingMapView::EmbeddingMapView(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(240, 200);
  setAccessibleName(tr("Map of the samples on file"));
  setAccessibleDescription(
      tr("Plus and minus zoom, arrows move, 0 shows all, Page up and Page down choose a sample."));
}

void EmbeddingMapView::setPoints(std::vector<MapPoint> points, std::vector<int> groups) {
  m_points = std::move(points);
  m_groups = std::move(groups);
  m_selection.clear();
  m_chosen.reset();
  m_pictures.clear();
  m_asked.clear();
  fit();
}

void EmbeddingMapView::movePoints(std::vector<MapPoint> points) {
  if (points.size() != m_points.size()) return;
  m_points = std::move(points);
  update();
}

void EmbeddingMapView::setGroups(std::vector<int> groups) {
  m_groups = std::move(groups);
  update();
}

void EmbeddingMapView::setPicture(std::size_t point, const QImage& picture) {
  m_pictures[point] = QPixmap::fromImage(picture);
  update();
}

void EmbeddingMapView::choose(std::optional<std::size_t> point) {
  m_chosen = point;
  if (point) {
    // What is chosen is brought into sight.
    if (!QRectF(rect()).contains(position(*point)))
      m_centre = {double{m_points[*point].x}, double{m_points[*point].y}};
    Q_EMIT pointChosen(*point);
  }
  update();
}

double EmbeddingMapView::scale() const {
  constexpr double kMargin = 0.46;
  return m_zoom * kMargin * std::min(width(), height());
}

QPointF EmbeddingMapView::position(std::size_t point) const {
  const QPointF at(double{m_points[point].x}, double{m_points[point].y});
  return QRectF(rect()).center() + scale() * (at - m_centre);
}

void EmbeddingMapView::zoomBy(double factor, QPointF at) {
  const auto fixed = m_centre + (at - QRectF(rect()).center()) / scale();
  m_zoom = std::clamp(m_zoom * factor, 1.0, kMostZoom);
  m_centre = fixed - (at - QRectF(rect()).center()) / scale();
  if (m_zoom == 1) m_centre = {};
  update();
}

void EmbeddingMapView::fit() {
  m_zoom = 1;
  m_centre = {};
  update();
}

std::optional<std::size_t> EmbeddingMapView::pointAt(QPointF place) const {
  std::optional<std::size_t> nearest;
  double least = kDot;
  for (std::size_t i = 0; i < m_points.size(); ++i) {
    const auto away = position(i) - place;
    const double distance = std::hypot(away.x(), away.y());
    if (distance > least) continue;
    least = distance;
    nearest = i;
  }
  return nearest;
}

std::vector<std::size_t> EmbeddingMapView::pointsInSight() const {
  std::vector<std::size_t> inSight;
  const auto view = QRectF(rect()).adjusted(-kDot, -kDot, kDot, kDot);
  for (std::size_t i = 0; i < m_points.size(); ++i)
    if (view.contains(position(i))) inSight.push_back(i);
  return inSight;
}

void EmbeddingMapView::paintDots(QPainter& painter) {
  const double ratio = devicePixelRatioF();
  const auto colourCount = static_cast<std::size_t>(2 * kColours) + 1;
  if (m_dots.size() != colourCount || m_dots.front().devicePixelRatio() != ratio) {
    m_dots.clear();
    for (std::size_t i = 0; i < colourCount; ++i) {
      QPixmap dot(QSizeF(kDot * ratio, kDot * ratio).toSize());
      dot.setDevicePixelRatio(ratio);
      dot.fill(Qt::transparent);
      QPainter paint(&dot);
      paint.setRenderHint(QPainter::Antialiasing);
      paint.setPen(QPen(colours().surface, 1));
      paint.setBrush(groupColour(static_cast<int>(i) - 1));
      paint.drawEllipse(QRectF(1, 1, kDot - 2, kDot - 2));
      m_dots.push_back(std::move(dot));
    }
  }
  // One call a colour: ten thousand dots are drawn in a few milliseconds.
  std::vector<std::vector<QPainter::PixmapFragment>> fragments(colourCount);
  for (std::size_t i = 0; i < m_points.size(); ++i) {
    const int group = m_groups[i];
    const auto colour = group < 0 ? 0U : static_cast<std::size_t>(group % (2 * kColours)) + 1;
    fragments[colour].push_back(QPainter::PixmapFragment::create(
        position(i), QRectF({}, QSizeF(m_dots[colour].size())), 1 / ratio, 1 / ratio));
  }
  for (std::size_t colour = 0; colour < colourCount; ++colour)
    if (!fragments[colour].empty())
      painter.drawPixmapFragments(fragments[colour].data(),
                                  static_cast<int>(fragments[colour].size()), m_dots[colour]);
}

void EmbeddingMapView::paintPictures(QPainter& painter, const std::vector<std::size_t>& inSight) {
  for (const auto point : inSight) {
    const auto picture = m_pictures.constFind(point);
    if (picture == m_pictures.constEnd() || picture->isNull()) continue;
    QRectF frame({}, QSizeF(picture->size()).scaled(kPicture, Qt::KeepAspectRatio));
    frame.moveCenter(position(point) + QPointF(0, kPicture.height() / 2 + kDot));
    painter.drawPixmap(frame, *picture, QRectF(picture->rect()));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(groupColour(m_groups[point]), 1.5));
    painter.drawRect(frame);
  }
}

void EmbeddingMapView::askForPictures(const std::vector<std::size_t>& inSight) {
  std::vector<std::size_t> wanted;
  for (const auto point : inSight) {
    if (m_asked.contains(point)) continue;
    m_asked[point] = true;
    wanted.push_back(point);
  }
  if (!wanted.empty()) Q_EMIT picturesWanted(wanted);
}

void EmbeddingMapView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const auto& c = colours();
  painter.fillRect(rect(), c.surface);
  painter.setRenderHint(QPainter::Antialiasing);
  paintDots(painter);
  const auto inSight = pointsInSight();
  if (inSight.size() <= kMostPictures) {
    paintPictures(painter, inSight);
    askForPictures(inSight);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(c.accent, 2));
  for (const auto point : m_selection) painter.drawEllipse(position(point), kDot - 2, kDot - 2);
  if (m_chosen) {
    painter.setPen(QPen(c.text, 2));
    painter.drawEllipse(position(*m_chosen), kDot, kDot);
  }
  if (m_isLasso) {
    painter.setPen(QPen(c.accent, 1.5, Qt::DashLine));
    painter.drawPolygon(m_lasso);
  }
  painter.setPen(hasFocus() ? QPen(c.accent, 2) : QPen(c.line, 1));
  painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 4, 4);
}

void EmbeddingMapView::wheelEvent(QWheelEvent* event) {
  if (event->angleDelta().y() != 0)
    zoomBy(event->angleDelta().y() > 0 ? kStep : 1 / kStep, event->position());
  event->accept();
}

void EmbeddingMapView::mousePressEvent(QMouseEvent* event) {
  m_pressed = m_lastMouse = event->position();
  m_isLasso = event->modifiers().testFlag(Qt::ShiftModifier);
  m_lasso.clear();
}

void EmbeddingMapView::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons().testFlag(Qt::LeftButton)) {
    if (m_isLasso) {
      m_lasso << event->position();
    } else if (m_zoom > 1) {
      m_centre -= (event->position() - m_lastMouse) / scale();
    }
    m_lastMouse = event->position();
    update();
    return;
  }
  if (const auto point = pointAt(event->position()); point && m_nameOf)
    QToolTip::showText(event->globalPosition().toPoint(), m_nameOf(*point), this);
}

void EmbeddingMapView::mouseReleaseEvent(QMouseEvent* event) {
  const auto away = event->position() - m_pressed;
  if (m_isLasso) {
    m_isLasso = false;
    m_selection.clear();
    for (std::size_t i = 0; i < m_points.size(); ++i)
      if (m_lasso.containsPoint(position(i), Qt::OddEvenFill)) m_selection.push_back(i);
    Q_EMIT selectionChanged();
  } else if (std::hypot(away.x(), away.y()) < kClick) {
    if (const auto point = pointAt(event->position())) choose(point);
  }
  update();
}

void EmbeddingMapView::keyPressEvent(QKeyEvent* event) {
  const double move = 48 / scale();
  const auto middle = QRectF(rect()).center();
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kStep, middle);
    case Qt::Key_Minus:
      return zoomBy(1 / kStep, middle);
    case Qt::Key_0:
      return fit();
    case Qt::Key_Left:
      m_centre.rx() -= move;
      return update();
    case Qt::Key_Right:
      m_centre.rx() += move;
      return update();
    case Qt::Key_Up:
      m_centre.ry() -= move;
      return update();
    case Qt::Key_Down:
      m_centre.ry() += move;
      return update();
    case Qt::Key_PageDown:
    case Qt::Key_PageUp:
      if (!m_points.empty()) {
        const auto count = m_points.size();
        const bool isNext = event->key() == Qt::Key_PageDown;
        choose(!m_chosen ? 0 : (*m_chosen + (isNext ? 1 : count - 1)) % count);
      }
      return;
    default:
      QWidget::keyPressEvent(event);
  }
}

void EmbeddingMapView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) {
    m_dots.clear();
    update();
  }
}

}  // namespace countersign::ui
