// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ImageDrop.h"

#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QRegularExpression>
#include <QUrl>
#include <QVBoxLayout>

#include "ui/support/DropArea.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

/// Whether a picture of this program is offered. What comes from others is of a class of its own,
/// which would decode their picture here when it is asked for it.
bool hasOwnPicture(const QMimeData& data) {
  return data.metaObject() == &QMimeData::staticMetaObject && data.hasImage();
}

/// The best of those in which another program offers its picture.
QString imageFormatOf(const QMimeData& data) {
  for (const auto* format : {"image/png", "image/tiff", "image/bmp", "image/jpeg"}) {
    if (data.hasFormat(QLatin1String(format))) return QLatin1String(format);
  }
  const auto images = data.formats().filter(QRegularExpression(QStringLiteral("^image/")));
  return images.value(0);
}

QList<ImageSource> sourcesOf(const QMimeData& data) {
  QList<ImageSource> sources;
  for (const auto& url : data.urls()) {
    if (!url.isLocalFile()) continue;
    const QFileInfo info(url.toLocalFile());
    if (!info.isDir()) {
      sources.push_back({info.filePath(), {}, {}});
      continue;
    }
    const auto entries = QDir(info.filePath()).entryInfoList(QDir::Files, QDir::Name);
    for (const auto& entry : entries) sources.push_back({entry.filePath(), {}, {}});
  }
  if (!sources.isEmpty()) return sources;
  if (const auto format = imageFormatOf(data); !format.isEmpty())
    sources.push_back({{}, {}, data.data(format)});
  else if (hasOwnPicture(data))
    sources.push_back({{}, qvariant_cast<QImage>(data.imageData()), {}});
  return sources;
}

}  // namespace

ImageDrop::ImageDrop(QWidget* parent)
    : QFrame(parent),
      m_open(new QPushButton(tr("Open…"))),
      m_paste(new QPushButton(tr("Paste"))),
      m_crop(new QPushButton(tr("Crop…"))),
      m_camera(new QPushButton(tr("Camera…"))) {
  setAcceptDrops(true);
  setMinimumHeight(136);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid / 2);
  for (auto* button : {m_open, m_camera, m_paste, m_crop}) {
    button->setProperty("look", "compact");
    buttons->addWidget(button);
  }
  buttons->addStretch();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addStretch();
  layout->addLayout(buttons);
  m_open->setToolTip(tr("Open an image file (Ctrl+O)"));
  m_paste->setToolTip(tr("Paste a picture or copied files (Ctrl+V)"));
  m_crop->setToolTip(tr("Choose the part of the image that counts, or turn it"));
  m_crop->setEnabled(false);
  m_camera->setToolTip(tr("Take a picture with a camera"));
  m_camera->hide();
  connect(m_camera, &QPushButton::clicked, this, &ImageDrop::cameraRequested);
  connect(m_open, &QPushButton::clicked, this, &ImageDrop::openFiles);
  connect(m_paste, &QPushButton::clicked, this, &ImageDrop::paste);
  connect(m_crop, &QPushButton::clicked, this, &ImageDrop::cropRequested);
}

void ImageDrop::setInvitation(const QString& text) {
  m_invitation = text;
  setAccessibleName(text);
  update();
}

void ImageDrop::setPicture(const QImage& picture) {
  m_picture = picture;
  m_crop->setEnabled(!picture.isNull());
  update();
}

void ImageDrop::openFiles() {
  const auto filter =
      tr("Images (*.png *.jpg *.jpeg *.tif *.tiff *.bmp *.webp *.pgm *.ppm);;All files (*)");
  QStringList files;
  if (m_isMultiple)
    files = QFileDialog::getOpenFileNames(this, tr("Open images"), {}, filter);
  else
    files = {QFileDialog::getOpenFileName(this, tr("Open an image"), {}, filter)};
  QList<ImageSource> sources;
  for (const auto& file : files) {
    if (!file.isEmpty()) sources.push_back({file, {}, {}});
  }
  if (!sources.isEmpty()) Q_EMIT imagesChosen(sources);
}

void ImageDrop::paste() { take(QGuiApplication::clipboard()->mimeData()); }

void ImageDrop::take(const QMimeData* content) {
  if (content == nullptr) return;
  auto sources = sourcesOf(*content);
  if (sources.isEmpty()) return;
  if (!m_isMultiple) sources = sources.mid(0, 1);
  Q_EMIT imagesChosen(sources);
}

void ImageDrop::dragEnterEvent(QDragEnterEvent* event) {
  const auto& offered = *event->mimeData();
  if (!offered.hasUrls() && !hasOwnPicture(offered) && imageFormatOf(offered).isEmpty()) return;
  m_isTarget = true;
  update();
  event->acceptProposedAction();
}

void ImageDrop::dragLeaveEvent(QDragLeaveEvent*) {
  m_isTarget = false;
  update();
}

void ImageDrop::dropEvent(QDropEvent* event) {
  m_isTarget = false;
  update();
  take(event->mimeData());
  event->acceptProposedAction();
}

void ImageDrop::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Paste)) return paste();
  if (event->matches(QKeySequence::Open)) return openFiles();
  QFrame::keyPressEvent(event);
}

QRectF ImageDrop::area() const {
  return QRectF(rect()).adjusted(1, 1, -1, -(m_open->height() + kGrid));
}

void ImageDrop::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  const auto frame = area();
  paintDropFrame(painter, frame, m_isTarget, m_picture.isNull());
  if (m_picture.isNull()) return paintInvitation(painter, frame, m_invitation, m_isTarget);
  const auto size = m_picture.size().scaled((frame.size() * 0.94).toSize(), Qt::KeepAspectRatio);
  QRectF target({}, QSizeF(size));
  target.moveCenter(frame.center());
  painter.drawImage(target, m_picture);
}

}  // namespace countersign::ui
