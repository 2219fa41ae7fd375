// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ReferenceStrip.h"

#include <QPainter>

#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

constexpr QSize kPicture(80, 52);

QIcon pictureIcon(const QImage& picture, double pixelRatio) {
  QPixmap pixmap(kPicture * pixelRatio);
  pixmap.setDevicePixelRatio(pixelRatio);
  pixmap.fill(colours().paper);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  if (!picture.isNull()) {
    QRectF target({}, QSizeF(picture.size()).scaled(kPicture - QSize(8, 8), Qt::KeepAspectRatio));
    target.moveCenter(QRectF({}, QSizeF(kPicture)).center());
    painter.drawImage(target, picture);
  }
  painter.setPen(colours().line);
  painter.drawRect(QRectF(0.5, 0.5, kPicture.width() - 1, kPicture.height() - 1));
  painter.end();
  QIcon icon;
  icon.addPixmap(pixmap, QIcon::Normal);
  icon.addPixmap(pixmap, QIcon::Selected);
  return icon;
}

}  // namespace

ReferenceStrip::ReferenceStrip(QWidget* parent) : QListWidget(parent) {
  setViewMode(QListView::IconMode);
  setMovement(QListView::Static);
  setResizeMode(QListView::Adjust);
  setIconSize(kPicture);
  setGridSize({kPicture.width() + 10, kPicture.height() + 32});
  setWordWrap(false);
  setUniformItemSizes(true);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setStyleSheet(QStringLiteral("QListView::item { border: none; border-radius: 6px; }"));
  setAccessibleName(tr("References"));
}

void ReferenceStrip::showPlaces(const QStringList& captions) {
  clear();
  m_exhibits.assign(static_cast<std::size_t>(captions.size()), nullptr);
  for (const auto& caption : captions)
    addItem(new QListWidgetItem(pictureIcon({}, devicePixelRatioF()), caption));
}

void ReferenceStrip::setExhibits(std::vector<std::shared_ptr<const Exhibit>> exhibits) {
  m_exhibits = std::move(exhibits);
  for (int i = 0; i < count() && i < static_cast<int>(m_exhibits.size()); ++i) {
    const auto& exhibit = m_exhibits[static_cast<std::size_t>(i)];
    if (exhibit) item(i)->setIcon(pictureIcon(exhibit->picture, devicePixelRatioF()));
  }
}

void ReferenceStrip::setCaptions(const QStringList& captions) {
  for (int i = 0; i < count() && i < captions.size(); ++i) item(i)->setText(captions[i]);
}

std::shared_ptr<const Exhibit> ReferenceStrip::exhibit(int index) const {
  if (index < 0 || index >= static_cast<int>(m_exhibits.size())) return nullptr;
  return m_exhibits[static_cast<std::size_t>(index)];
}

}  // namespace countersign::ui
