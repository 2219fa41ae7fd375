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

QImage tinted(const QImage& ink, const QColor& colour) {
  QImage image(ink.size(), QImage::Format_ARGB32_Premultiplied);
  image.fill(colour);
  QPainter tint(&image);
  tint.setCompositionMode(QPainter::CompositionMode_DestinationIn);
  tint.drawImage(0, 0, ink);
  return image;
}

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

void CompareView::setLikeness(std::shared_ptr<const Likeness> likeness) {
  m_likeness = std::move(likeness);
  update();
}

void CompareView::setBalance(double balance) {
  m_balance = std::clamp(balance, -1.0, 1.0);
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
                           double scale, const QColor& colour, double opacity) const {
  QRectF target({}, QSizeF(exhibit.ink.size()) * scale);
  target.moveCenter(frame.center() + m_offset);
  painter.save();
  painter.setClipRect(frame);
  painter.setOpacity(opacity);
  painter.setCompositionMode(QPainter::CompositionMode_Multiply);
  painter.drawImage(target, tinted(exhibit.ink, colour));
  painter.restore();
}

void CompareView::paintAligned(QPainter& painter, const QRectF& frame, double referenceScale,
                               double opacity) const {
  QRectF reference({}, QSizeF(m_reference->ink.size()) * referenceScale);
  reference.moveCenter(frame.center() + m_offset);
  painter.save();
  painter.setClipRect(frame);
  painter.setOpacity(opacity);
  painter.setCompositionMode(QPainter::CompositionMode_Multiply);
  painter.setTransform(*m_likeness->alignment *
                           QTransform::fromScale(referenceScale, referenceScale) *
                           QTransform::fromTranslate(reference.left(), reference.top()),
                       true);
  painter.drawImage(0, 0, tinted(m_probe->ink, kProbeInk));
  painter.restore();
}

void CompareView::paintOverlay(QPainter& painter, const QRectF& whole) const {
  const auto scale = m_probe && m_reference ? commonScale(*m_probe, *m_reference) : CommonScale{};
  constexpr double kInset = 0.92;
  const double screen = kInset * screenScale(whole);
  const double referenceOpacity = std::min(1.0, 1 + m_balance);
  const double probeOpacity = std::min(1.0, 1 - m_balance);
  if (m_reference && m_blink != Blink::ProbeOnly)
    paintInk(painter, whole, *m_reference, screen * scale.second, kReferenceInk, referenceOpacity);
  if (m_probe && m_blink != Blink::ReferenceOnly) {
    if (m_reference && isAligned())
      paintAligned(painter, whole, screen * scale.second, probeOpacity);
    else
      paintInk(painter, whole, *m_probe, screen * scale.first, kProbeInk, probeOpacity);
  }
  paintCaption(painter, whole,
               m_blink == Blink::ProbeOnly ? tr("Questioned only")
               : m_blink == Blink::ReferenceOnly
                   ? tr("%1 only").arg(m_caption)
                   : tr("Blue: questioned, orange: %1, dark: both").arg(m_caption),
               Qt::AlignLeft);
  if (m_probe && m_reference)
    paintCaption(
        painter, whole,
        isAligned() ? tr("Turned, scaled and moved until they fit best") : tr("Fitted to one size"),
        Qt::AlignRight | Qt::AlignBottom);
}

void CompareView::paintDifferences(QPainter& painter, const QRectF& whole) const {
  if (!m_probe || !m_reference || !m_likeness || !m_likeness->ofProbe) {
    painter.setPen(QColor("#30363c"));
    painter.drawText(whole, Qt::AlignCenter | Qt::TextWordWrap,
                     m_probe && m_reference && m_likeness && m_likeness->isCompared
                         ? tr("This network compares samples as wholes: it does not say where they "
                              "differ.")
                         : tr("Where the questioned sample and a reference differ is shown "
                              "here once they are compared."));
    return;
  }
  // Of both directions, the cell that costs the score most is the darkest.
  const auto lost = [](const LocalAgreement& agreement, std::size_t cell) {
    return double{agreement.weight[cell]} * (1 - double{agreement.similarity[cell]});
  };
  double most = 1e-9;
  for (const auto* agreement : {&*m_likeness->ofProbe, &*m_likeness->ofReference})
    for (std::size_t cell = 0; cell < agreement->weight.size(); ++cell)
      most = std::max(most, lost(*agreement, cell));
  const double half = whole.width() / 2;
  const QRectF left = whole.adjusted(0, 0, -half, 0);
  const QRectF right = whole.adjusted(half, 0, 0, 0);
  const auto paint = [&](const QRectF& frame, const QImage& canvas,
                         const LocalAgreement& agreement) {
    constexpr double kInset = 0.88;
    QRectF target(
        {}, QSizeF(canvas.size()).scaled(frame.size() * (kInset * m_zoom), Qt::KeepAspectRatio));
    target.moveCenter(frame.center() + m_offset);
    painter.save();
    painter.setClipRect(frame);
    painter.drawImage(target, canvas);
    painter.setCompositionMode(QPainter::CompositionMode_Multiply);
    painter.setPen(Qt::NoPen);
    const double width = target.width() / agreement.columns;
    const double height = target.height() / agreement.rows;
    for (int row = 0; row < agreement.rows; ++row) {
      for (int column = 0; column < agreement.columns; ++column) {
        const auto cell =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(agreement.columns) +
            static_cast<std::size_t>(column);
        QColor colour = colours().nonMatch;
        constexpr double kDarkest = 0.62;
        colour.setAlphaF(static_cast<float>(kDarkest * lost(agreement, cell) / most));
        painter.setBrush(colour);
        painter.drawRect(
            QRectF(target.left() + column * width, target.top() + row * height, width, height));
      }
    }
    painter.restore();
  };
  paint(left, m_probe->normalised, *m_likeness->ofProbe);
  paint(right, m_reference->normalised, *m_likeness->ofReference);
  painter.setPen(QColor("#c4cad0"));
  painter.drawLine(right.topLeft(), right.bottomLeft());
  paintCaption(painter, left, tr("Questioned"), Qt::AlignLeft);
  paintCaption(painter, right, m_caption, Qt::AlignLeft);
  paintCaption(painter, whole, tr("Red: what lowers the similarity most"),
               Qt::AlignRight | Qt::AlignBottom);
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
    if (m_probe && m_reference)
      paintCaption(painter, whole,
                   scale.isTrueSize ? tr("Same scale, by resolution") : tr("Fitted to one size"),
                   Qt::AlignRight | Qt::AlignBottom);
  } else if (m_mode == Mode::Overlay) {
    paintOverlay(painter, whole);
  } else {
    paintDifferences(painter, whole);
  }
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
