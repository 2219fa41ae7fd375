// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PairGallery.h"

#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <algorithm>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

constexpr QSize kPicture(104, 52);
constexpr int kGap = 4;

void drawPicture(QPainter& painter, const QRectF& frame, const QImage& picture) {
  QPainterPath outline;
  constexpr double kRadius = 4;
  outline.addRoundedRect(frame, kRadius, kRadius);
  painter.fillPath(outline, colours().paper);
  QRectF target({}, QSizeF(picture.size()).scaled(frame.size() * 0.92, Qt::KeepAspectRatio));
  target.moveCenter(frame.center());
  painter.drawImage(target, picture);
  painter.setPen(colours().line);
  painter.drawPath(outline);
}

}  // namespace

PairGallery::PairGallery(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

bool PairGallery::isPaired() const {
  return std::any_of(m_items.begin(), m_items.end(),
                     [](const Item& item) { return !item.second.isNull(); });
}

PairGallery::Places PairGallery::places() const {
  const int pictures = isPaired() ? 2 : 1;
  const int smallest = pictures * kPicture.width() + (pictures - 1) * kGap;
  const int columns = std::max(1, (width() + kGrid) / (smallest + kGrid));
  const int room = ((width() - 2 + kGrid) / columns - kGrid - (pictures - 1) * kGap) / pictures;
  constexpr double kLargest = 1.4;
  const double factor = std::clamp(static_cast<double>(room) / kPicture.width(), 1.0, kLargest);
  return {(QSizeF(kPicture) * factor).toSize(), columns};
}

QSize PairGallery::minimumSizeHint() const {
  const int width = isPaired() ? 2 * kPicture.width() + kGap : kPicture.width();
  return {width + 2, kPicture.height() + kGap + fontMetrics().height() + 2};
}

QWidget* PairGallery::scrolling(const QString& name) {
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidget(this);
  scroll->setAccessibleName(name);
  return scroll;
}

void PairGallery::setItems(std::vector<Item> items) {
  m_items = std::move(items);
  QStringList captions;
  for (const auto& item : m_items) captions += item.caption;
  setAccessibleDescription(captions.join(QStringLiteral("; ")));
  updateGeometry();
  update();
}

void PairGallery::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
  painter.setFont(scaled(font(), 0.9, false));
  const auto [picture, columns] = places();
  const QSize size(isPaired() ? 2 * picture.width() + kGap : picture.width(),
                   picture.height() + kGap + fontMetrics().height());
  for (int i = 0; i < itemCount(); ++i) {
    const QRect place(QPoint((i % columns) * (size.width() + kGrid) + 1,
                             (i / columns) * (size.height() + kGrid) + 1),
                      size);
    if (place.bottom() > height()) return;
    const auto& item = m_items[static_cast<std::size_t>(i)];
    QRectF frame(place.topLeft(), QSizeF(picture));
    drawPicture(painter, frame, item.first);
    if (!item.second.isNull()) {
      frame.translate(picture.width() + kGap, 0);
      drawPicture(painter, frame, item.second);
    }
    painter.setPen(item.isBad ? colours().nonMatch : colours().muted);
    const QRect line(place.left(), place.top() + picture.height() + 2, size.width(),
                     painter.fontMetrics().height());
    painter.drawText(line, Qt::AlignHCenter | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(item.caption, Qt::ElideRight, line.width()));
  }
}

}  // namespace countersign::ui
