// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/DropArea.h"

#include <QPaintDevice>
#include <QPainter>
#include <QPainterPath>

#include "ui/support/Theme.h"

namespace countersign::ui {

void paintDropFrame(QPainter& painter, const QRectF& frame, bool isTarget, bool isEmpty) {
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath outline;
  constexpr double kRadius = 6;
  outline.addRoundedRect(frame, kRadius, kRadius);
  const auto& c = colours();
  painter.fillPath(outline, isEmpty ? c.sunken : c.paper);
  QPen pen(isTarget ? c.accent : c.line, isTarget ? 2 : 1.2);
  if (isEmpty) pen.setStyle(Qt::DashLine);
  painter.setPen(pen);
  painter.drawPath(outline);
}

void paintInvitation(QPainter& painter, const QRectF& frame, const QString& text, bool isTarget) {
  constexpr int kIcon = 28;
  constexpr double kMargin = 12;
  const auto& c = colours();
  const auto pixmap = iconPixmap(QStringLiteral("drop"), isTarget ? c.accent : c.muted, kIcon,
                                 painter.device()->devicePixelRatioF());
  const auto room = frame.adjusted(kMargin, 0, -kMargin, 0);
  const auto words = painter.boundingRect(room, Qt::AlignHCenter | Qt::TextWordWrap, text);
  const double height = kIcon + kGrid + words.height();
  const double top = frame.center().y() - height / 2;
  painter.drawPixmap(QPointF(frame.center().x() - kIcon / 2.0, top), pixmap);
  painter.setPen(c.muted);
  painter.drawText(QRectF(room.left(), top + kIcon + kGrid, room.width(), words.height()),
                   Qt::AlignHCenter | Qt::TextWordWrap, text);
}

}  // namespace countersign::ui
