// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CameraView.h"

#include <QPainter>

#include "ui/support/Theme.h"

namespace countersign::ui {

CameraView::CameraView(QWidget* parent) : QWidget(parent) {
  setMinimumSize(320, 240);
  setAccessibleName(tr("Picture of the camera"));
}

void CameraView::show(const CameraGlimpse& glimpse) {
  m_glimpse = glimpse;
  update();
}

void CameraView::showPicture(const QImage& picture) {
  m_glimpse = {};
  m_glimpse.picture = picture;
  update();
}

void CameraView::clear() { showPicture({}); }

void CameraView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), Qt::black);
  const auto& picture = m_glimpse.picture;
  if (picture.isNull()) return;
  painter.setRenderHints(QPainter::SmoothPixmapTransform | QPainter::Antialiasing);
  const double scale = std::min(static_cast<double>(width()) / picture.width(),
                                static_cast<double>(height()) / picture.height());
  // People expect to see themselves as in a mirror.
  painter.translate(width() / 2.0, height() / 2.0);
  painter.scale(-scale, scale);
  painter.translate(-picture.width() / 2.0, -picture.height() / 2.0);
  painter.drawImage(QPointF(0, 0), picture);
  for (std::size_t i = 0; i < m_glimpse.faces.size(); ++i) {
    const auto& face = m_glimpse.faces[i];
    const bool isMeant = m_glimpse.chosen == i;
    const auto colour = isMeant && m_glimpse.hint.isEmpty() ? QColor("#35c2a5") : QColor("#f2b134");
    painter.setPen(QPen(colour, (isMeant ? 2.5 : 1.5) / scale));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(face.box.x, face.box.y, face.box.width, face.box.height), 6, 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    for (const auto& point : face.landmarks.points())
      painter.drawEllipse(QPointF(point.x, point.y), 2 / scale, 2 / scale);
  }
}

}  // namespace countersign::ui
