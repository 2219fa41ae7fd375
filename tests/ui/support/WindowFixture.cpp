// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/WindowFixture.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QUrl>

namespace countersign::ui {

void WindowFixture::dropFiles(QWidget& target, const QStringList& files) {
  QMimeData data;
  QList<QUrl> urls;
  for (const auto& file : files) urls += QUrl::fromLocalFile(file);
  data.setUrls(urls);
  const QPoint middle = target.rect().center();
  QDragEnterEvent enter(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&target, &enter);
  ASSERT_TRUE(enter.isAccepted());
  QDropEvent drop(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&target, &drop);
}

}  // namespace countersign::ui
