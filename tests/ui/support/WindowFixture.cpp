// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/support/WindowFixture.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QUrl>
#include <algorithm>

#include "ui/pages/VerifyPage.h"
#include "ui/widgets/ImageDrop.h"

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

std::vector<double> WindowFixture::dropToVerdict(const QStringList& files) {
  auto* page = m_window->verifyPage();
  std::vector<double> milliseconds;
  for (const auto& file : files) {
    QElapsedTimer timer;
    bool isDone = false;
    const auto connection = QObject::connect(page, &VerifyPage::verified, [&] { isDone = true; });
    timer.start();
    dropFiles(*page->drop(), {file});
    while (!isDone && timer.elapsed() < 10'000) QCoreApplication::processEvents();
    m_window->grab();
    milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    QObject::disconnect(connection);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return milliseconds;
}

}  // namespace countersign::ui
