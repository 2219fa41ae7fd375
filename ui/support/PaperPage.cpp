// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/PaperPage.h"

#include <QBuffer>
#include <QPageSize>
#include <QPdfWriter>
#include <algorithm>

#include "core/base/File.h"

namespace countersign::ui {

PaperColumn::PaperColumn(QPainter& painter, const QRectF& page)
    : m_painter(painter), m_page(page), m_top(page.top()) {}

void PaperColumn::text(const QString& text, double points, bool isBold, const QColor& colour) {
  QFont font = m_painter.font();
  font.setPointSizeF(points);
  font.setBold(isBold);
  m_painter.setFont(font);
  m_painter.setPen(colour);
  const QRectF room(m_page.left(), m_top, m_page.width(), m_page.bottom() - m_top);
  QRectF used;
  m_painter.drawText(room, Qt::AlignLeft | Qt::TextWordWrap, text, &used);
  m_top += used.height() + 2;
}

void PaperColumn::row(const QString& name, const QString& value, int wrap) {
  constexpr double kNameWidth = 150;
  QFont font = m_painter.font();
  font.setPointSizeF(9);
  font.setBold(false);
  m_painter.setFont(font);
  m_painter.setPen(Qt::darkGray);
  m_painter.drawText(QRectF(m_page.left(), m_top, kNameWidth, 100),
                     Qt::AlignLeft | Qt::TextWordWrap, name);
  m_painter.setPen(Qt::black);
  QRectF used;
  m_painter.drawText(QRectF(m_page.left() + kNameWidth, m_top, m_page.width() - kNameWidth, 200),
                     Qt::AlignLeft | wrap, value, &used);
  m_top += std::max(used.height(), 11.0) + 3;
}

void PaperColumn::picture(const QRectF& place, const QImage& image, const QString& caption) {
  m_painter.setPen(QPen(Qt::lightGray, 0.5));
  m_painter.drawRect(place);
  if (!image.isNull()) {
    QRectF target({}, QSizeF(image.size()).scaled(place.size() * 0.94, Qt::KeepAspectRatio));
    target.moveCenter(place.center());
    m_painter.drawImage(target, image);
  }
  QFont font = m_painter.font();
  font.setPointSizeF(8);
  font.setBold(false);
  m_painter.setFont(font);
  m_painter.setPen(Qt::black);
  m_painter.drawText(QRectF(place.left(), place.bottom() + 2, place.width(), 12), Qt::AlignHCenter,
                     caption);
}

Status writePdfPage(const QString& path, const QString& title,
                    const std::function<void(QPainter&, const QRectF&)>& paint) {
  QByteArray bytes;
  {
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    constexpr int kPointsPerInch = 72;
    writer.setResolution(kPointsPerInch);
    writer.setPageSize(QPageSize(QPageSize::A4));
    constexpr double kMargin = 48;
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout::Point);
    writer.setTitle(title);
    writer.setCreator(QStringLiteral("Countersign"));
    QPainter painter(&writer);
    const QRectF page(0, 0, writer.width(), writer.height());
    paint(painter, page.adjusted(kMargin, kMargin, -kMargin, -kMargin));
  }
  return writeFileAtomically(path.toStdString(),
                             {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

}  // namespace countersign::ui
