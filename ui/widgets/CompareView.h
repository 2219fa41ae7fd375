// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QWidget>
#include <memory>

#include "ui/support/Exhibit.h"
#include "ui/support/Likeness.h"

namespace countersign::ui {

/// Probe and reference at the same scale, side by side or one over the other; both are zoomed and
/// moved in step; or, as the network sees them, with the places where it finds them different.
/// (Wheel or + and −, drag or arrows, 0 fits). Space blinks the overlay.
class CompareView final : public QWidget {
  Q_OBJECT

 public:
  enum class Mode { SideBySide, Overlay, Differences };

  explicit CompareView(QWidget* parent = nullptr);

  void setProbe(std::shared_ptr<const Exhibit> probe);
  void setReference(std::shared_ptr<const Exhibit> reference, const QString& caption);
  /// What both have in common; null until it is known.
  void setLikeness(std::shared_ptr<const Likeness> likeness);
  /// Of an overlay: −1 shows the questioned sample alone, 1 the reference alone.
  void setBalance(double balance);
  bool isAligned() const { return m_likeness && m_likeness->alignment; }
  void setMode(Mode mode);
  Mode mode() const { return m_mode; }
  double zoom() const { return m_zoom; }
  void zoomBy(double factor);
  void fit();

  QSize sizeHint() const override { return {480, 180}; }

 Q_SIGNALS:
  void zoomChanged(double zoom);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  /// Pixels on the screen for one pixel of the common scale.
  double screenScale(const QRectF& frame) const;
  void paintPicture(QPainter& painter, const QRectF& frame, const Exhibit& exhibit,
                    double scale) const;
  void paintInk(QPainter& painter, const QRectF& frame, const Exhibit& exhibit, double scale,
                const QColor& colour, double opacity) const;
  /// The questioned ink where the alignment puts it on the reference, which has its own scale.
  void paintAligned(QPainter& painter, const QRectF& frame, double referenceScale,
                    double opacity) const;
  void paintOverlay(QPainter& painter, const QRectF& whole) const;
  void paintDifferences(QPainter& painter, const QRectF& whole) const;
  void paintCaption(QPainter& painter, const QRectF& frame, const QString& text,
                    Qt::Alignment alignment) const;
  void moveBy(QPointF distance);

  std::shared_ptr<const Exhibit> m_probe;
  std::shared_ptr<const Exhibit> m_reference;
  QString m_caption;
  std::shared_ptr<const Likeness> m_likeness;
  double m_balance = 0;
  Mode m_mode = Mode::SideBySide;
  double m_zoom = 1;
  QPointF m_offset;
  QPointF m_lastMouse;
  enum class Blink { Both, ProbeOnly, ReferenceOnly } m_blink = Blink::Both;
};

}  // namespace countersign::ui
