// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FolderDrop.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

#include "ui/support/DropArea.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

QString folderOf(const QMimeData& data) {
  for (const auto& url : data.urls()) {
    const QFileInfo info(url.toLocalFile());
    if (info.isDir()) return info.filePath();
    if (info.isFile()) return info.path();  // one of its images
  }
  return {};
}

}  // namespace

FolderDrop::FolderDrop(QWidget* parent)
    : QFrame(parent), m_open(new QPushButton(tr("&Choose a folder…"))) {
  setAcceptDrops(true);
  constexpr int kHeight = 150;
  setMinimumHeight(kHeight);
  m_open->setProperty("look", "primary");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->addStretch();
  layout->addWidget(m_open, 0, Qt::AlignHCenter);
  connect(m_open, &QPushButton::clicked, this, [this] {
    const auto folder =
        QFileDialog::getExistingDirectory(this, tr("Choose a folder of signatures"));
    if (!folder.isEmpty()) Q_EMIT folderChosen(folder);
  });
}

void FolderDrop::setInvitation(const QString& text) {
  m_invitation = text;
  setAccessibleName(text);
  update();
}

void FolderDrop::setTarget(bool isTarget) {
  m_isTarget = isTarget;
  update();
}

void FolderDrop::dragEnterEvent(QDragEnterEvent* event) {
  if (folderOf(*event->mimeData()).isEmpty()) return;
  setTarget(true);
  event->acceptProposedAction();
}

void FolderDrop::dragLeaveEvent(QDragLeaveEvent*) { setTarget(false); }

void FolderDrop::dropEvent(QDropEvent* event) {
  setTarget(false);
  const auto folder = folderOf(*event->mimeData());
  event->acceptProposedAction();
  if (!folder.isEmpty()) Q_EMIT folderChosen(folder);
}

void FolderDrop::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto frame = QRectF(rect()).adjusted(1, 1, -1, -1);
  paintDropFrame(painter, frame, m_isTarget, true);
  paintInvitation(painter, frame.adjusted(0, 0, 0, -(m_open->height() + kGrid)), m_invitation,
                  m_isTarget);
}

}  // namespace countersign::ui
