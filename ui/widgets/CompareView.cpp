// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CompareView.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

constexpr double kStep = 1.25;
constexpr double kMostZoom = 16;
// On paper, which is light in both themes; apart for colour-blind eyes.
const QColor kProbeInk("#0b6fb8");
const QColor kReferenceInk("#c2410c");

}  // namespace

CompareView::CompareView(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMinimumHeight(96);
  setCursor(Qt::OpenHandCursor);
  setAccessibleName(tr("Questioned image and reference"));
  setAccessibleDescription(
      tr("Plus and minus zoom, arrows move, 0 fits, space blinks the overlay."));
}

void CompareView::setProbe(std::shared_ptr<const Exhibit> probe) {
  m_probe = std::move(probe);
  fit();
}

void CompareView::setReference(std::shared_ptr<const Exhibit> reference, const QString& caption) {
  m_reference = std::move(reference);
  m_caption = caption;
  update();
}

void CompareView::setMode(Mode mode) {
  m_mode = mode;
  m_blink = Blink::Both;
  update();
}

void CompareView::zoomBy(double factor) {
  m_zoom = std::clamp(m_zoom * factor, 1.0, kMostZoom);
  if (m_zoom == 1) m_offset = {};
  update();
  Q_EMIT zoomChanged(m_zoom);
}

void CompareView::fit() {
  m_zoom = 1;
  m_offset = {};
  update();
  Q_EMIT zoomChanged(m_zoom);
}

double CompareView::screenScale(const QRectF& frame) const {
  QSizeF largest(1, 1);
  const auto scale = m_probe && m_reference ? commonScale(*m_probe, *m_reference) : CommonScale{};
  if (m_probe) largest = largest.expandedTo(QSizeF(m_probe->picture.size()) * scale.first);
  if (m_reference) largest = largest.expandedTo(QSizeF(m_reference->picture.size()) * scale.second);
  return m_zoom * std::min(frame.width() / largest.width(), frame.height() / largest.height());
}

void CompareView::paintPicture(QPainter& painter, const QRectF& frame, const Exhibit& exhibit,
                               double scale) const {
  QRectF target({}, QSizeF(exhibit.picture.size()) * scale);
  target.moveCenter(frame.center() + m_offset);
  painter.save();
  painter.setClipRect(frame);
  painter.drawImage(target, exhibit.picture);
  painter.restore();
}

void CompareView::paintInk(QPainter& painter, const QRectF& frame, const Exhibit& exhibit,
                           double scale, const QColor& colour) const {
  QRectF target({}, QSizeF(exhibit.ink.size()) * scale);
  target.moveCenter(frame.center() + m_offset);
  QImage tinted(exhibit.ink.size(), QImage::Format_ARGB32_Premultiplied);
  tinted.fill(colour);
  QPainter tint(&tinted);
  tint.setCompositionMode(QPainter::CompositionMode_DestinationIn);
  tint.drawImage(0, 0, exhibit.ink);
  tint.end();
  painter.save();
  painter.setClipRect(frame);
  painter.setCompositionMode(QPainter::CompositionMode_Multiply);
  painter.drawImage(target, tinted);
  painter.restore();
}

void CompareView::paintCaption(QPainter& painter, const QRectF& frame, const QString& text,
                               Qt::Alignment alignment) const {
  if (text.isEmpty()) return;
  painter.setFont(scaled(font(), 0.9, false));
  const auto metrics = painter.fontMetrics();
  const auto shown =
      metrics.elidedText(text, Qt::ElideMiddle, static_cast<int>(frame.width()) - 24);
  QRectF box(0, 0, metrics.horizontalAdvance(shown) + 12, metrics.height() + 4);
  box.moveTop(frame.top() + 4);
  if (alignment & Qt::AlignRight)
    box.moveRight(frame.right() - 4);
  else
    box.moveLeft(frame.left() + 4);
  if (alignment & Qt::AlignBottom) box.moveBottom(frame.bottom() - 4);
  painter.setPen(Qt::NoPen);
  painter.setBrush(QColor(255, 255, 255, 215));
  painter.drawRoundedRect(box, 4, 4);
  painter.setPen(QColor("#30363c"));
  painter.drawText(box, Qt::AlignCenter, shown);
}

void CompareView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
  const QRectF whole = QRectF(rect()).adjusted(1, 1, -1, -1);
  QPainterPath outline;
  outline.addRoundedRect(whole, 6, 6);
  painter.setClipPath(outline);
  painter.fillRect(whole, colours().paper);
  const auto scale = m_probe && m_reference ? commonScale(*m_probe, *m_reference) : CommonScale{};
  if (!m_probe && !m_reference) {
    painter.fillRect(whole, colours().sunken);
    painter.setPen(colours().muted);
    painter.drawText(whole, Qt::AlignCenter | Qt::TextWordWrap,
                     tr("The questioned image and a reference are compared here."));
  } else if (m_mode == Mode::SideBySide) {
    const double half = whole.width() / 2;
    const QRectF left = whole.adjusted(0, 0, -half, 0);
    const QRectF right = whole.adjusted(half, 0, 0, 0);
    constexpr double kInset = 0.92;
    const double screen = kInset * screenScale(left);
    if (m_probe) paintPicture(painter, left, *m_probe, screen * scale.first);
    if (m_reference) paintPicture(painter, right, *m_reference, screen * scale.second);
    painter.setPen(QColor("#c4cad0"));
    painter.drawLine(right.topLeft(), right.bottomLeft());
    paintCaption(painter, left, tr("Questioned"), Qt::AlignLeft);
    paintCaption(painter, right, m_caption, Qt::AlignLeft);
  } else {
    const double screen = screenScale(whole);
    if (m_reference && m_blink != Blink::ProbeOnly)
      paintInk(painter, whole, *m_reference, screen * scale.second, kReferenceInk);
    if (m_probe && m_blink != Blink::ReferenceOnly)
      paintInk(painter, whole, *m_probe, screen * scale.first, kProbeInk);
    paintCaption(painter, whole,
                 m_blink == Blink::ProbeOnly ? tr("Questioned only")
                 : m_blink == Blink::ReferenceOnly
                     ? tr("%1 only").arg(m_caption)
                     : tr("Blue: questioned, orange: %1").arg(m_caption),
                 Qt::AlignLeft);
  }
  if (m_probe && m_reference)
    paintCaption(painter, whole,
                 scale.isTrueSize ? tr("Same scale, by resolution") : tr("Fitted to one size"),
                 Qt::AlignRight | Qt::AlignBottom);
  painter.setClipping(false);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(hasFocus() ? QPen(colours().accent, 2) : QPen(colours().line, 1));
  painter.drawPath(outline);
}

void CompareView::wheelEvent(QWheelEvent* event) {
  if (event->angleDelta().y() != 0) zoomBy(event->angleDelta().y() > 0 ? kStep : 1 / kStep);
  event->accept();
}

void CompareView::mousePressEvent(QMouseEvent* event) { m_lastMouse = event->position(); }

void CompareView::moveBy(QPointF distance) {
  if (m_zoom <= 1) return;
  m_offset += distance;
  const QPointF most(width() * m_zoom / 2, height() * m_zoom / 2);
  m_offset.setX(std::clamp(m_offset.x(), -most.x(), most.x()));
  m_offset.setY(std::clamp(m_offset.y(), -most.y(), most.y()));
  update();
}

void CompareView::mouseMoveEvent(QMouseEvent* event) {
  if (!(event->buttons() & Qt::LeftButton)) return;
  moveBy(event->position() - m_lastMouse);
  m_lastMouse = event->position();
}

void CompareView::keyPressEvent(QKeyEvent* event) {
  constexpr double kMove = 32;
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoomBy(kStep);
    case Qt::Key_Minus:
      return zoomBy(1 / kStep);
    case Qt::Key_0:
      return fit();
    case Qt::Key_Left:
      return moveBy({kMove, 0});
    case Qt::Key_Right:
      return moveBy({-kMove, 0});
    case Qt::Key_Up:
      return moveBy({0, kMove});
    case Qt::Key_Down:
      return moveBy({0, -kMove});
    case Qt::Key_Space:
      if (m_mode == Mode::Overlay) {
        m_blink = m_blink == Blink::Both        ? Blink::ProbeOnly
                  : m_blink == Blink::ProbeOnly ? Blink::ReferenceOnly
                                                : Blink::Both;
        update();
        return;
      }
      break;
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

}  // namespace countersign::ui
