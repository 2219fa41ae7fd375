// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ReferenceStrip.h"

#include <QEvent>
#include <QPainter>

#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

constexpr QSize kSmall(80, 52);
constexpr QSize kLarge(144, 92);
/// From this size on there is room for large pictures.
constexpr QSize kRoomy(460, 240);

QIcon pictureIcon(const QImage& picture, QSize size, double pixelRatio) {
  QPixmap pixmap(size * pixelRatio);
  pixmap.setDevicePixelRatio(pixelRatio);
  pixmap.fill(colours().paper);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  if (!picture.isNull()) {
    QRectF target({}, QSizeF(picture.size()).scaled(size - QSize(8, 8), Qt::KeepAspectRatio));
    target.moveCenter(QRectF({}, QSizeF(size)).center());
    painter.drawImage(target, picture);
  }
  painter.setPen(colours().line);
  painter.drawRect(QRectF(0.5, 0.5, size.width() - 1, size.height() - 1));
  painter.end();
  QIcon icon;
  icon.addPixmap(pixmap, QIcon::Normal);
  icon.addPixmap(pixmap, QIcon::Selected);
  return icon;
}

}  // namespace

ReferenceStrip::ReferenceStrip(QWidget* parent) : QListWidget(parent), m_picture(kSmall) {
  setViewMode(QListView::IconMode);
  setMovement(QListView::Static);
  setResizeMode(QListView::Adjust);
  setWordWrap(false);
  setUniformItemSizes(true);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setStyleSheet(QStringLiteral("QListView::item { border: none; border-radius: 6px; }"));
  setAccessibleName(tr("References"));
  renderPictures();
}

void ReferenceStrip::renderPictures() {
  setIconSize(m_picture);
  setGridSize({m_picture.width() + 10, m_picture.height() + 32});
  for (int i = 0; i < count(); ++i) {
    const auto shown = exhibit(i);
    item(i)->setIcon(
        pictureIcon(shown ? shown->picture : QImage(), m_picture, devicePixelRatioF()));
  }
}

void ReferenceStrip::resizeEvent(QResizeEvent* event) {
  QListWidget::resizeEvent(event);
  const bool isRoomy = width() >= kRoomy.width() && height() >= kRoomy.height();
  const auto wanted = isRoomy ? kLarge : kSmall;
  if (wanted == m_picture) return;
  m_picture = wanted;
  renderPictures();
}

void ReferenceStrip::changeEvent(QEvent* event) {
  QListWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) renderPictures();
}

void ReferenceStrip::showPlaces(const QStringList& captions) {
  clear();
  m_exhibits.assign(static_cast<std::size_t>(captions.size()), nullptr);
  for (const auto& caption : captions) addItem(new QListWidgetItem(caption));
  renderPictures();
}

void ReferenceStrip::setExhibits(std::vector<std::shared_ptr<const Exhibit>> exhibits) {
  m_exhibits = std::move(exhibits);
  renderPictures();
}

void ReferenceStrip::setCaptions(const QStringList& captions) {
  for (int i = 0; i < count() && i < captions.size(); ++i) item(i)->setText(captions[i]);
}

std::shared_ptr<const Exhibit> ReferenceStrip::exhibit(int index) const {
  if (index < 0 || index >= static_cast<int>(m_exhibits.size())) return nullptr;
  return m_exhibits[static_cast<std::size_t>(index)];
}

}  // namespace countersign::ui
