// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QImage>
#include <QPainter>
#include <QRectF>
#include <QString>
#include <functional>

#include "core/base/Result.h"

namespace countersign::ui {

/// Writes lines on paper from top to bottom, in points of 1/72 inch.
class PaperColumn {
 public:
  PaperColumn(QPainter& painter, const QRectF& page);

  void text(const QString& text, double points, bool isBold = false,
            const QColor& colour = Qt::black);
  /// A value without spaces is broken anywhere.
  void row(const QString& name, const QString& value, int wrap = Qt::TextWordWrap);
  void picture(const QRectF& place, const QImage& image, const QString& caption);
  void gap(double points) { m_top += points; }
  double top() const { return m_top; }
  void moveTo(double top) { m_top = top; }

 private:
  QPainter& m_painter;
  QRectF m_page;
  double m_top = 0;
};

/// Writes one page (A4) as PDF; replaces the file as a whole.
///
/// @param paint  paints within the margins, in points.
Status writePdfPage(const QString& path, const QString& title,
                    const std::function<void(QPainter&, const QRectF&)>& paint);

}  // namespace countersign::ui
