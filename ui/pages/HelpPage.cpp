// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/HelpPage.h"

#include <QEvent>
#include <QFile>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "ui/support/Theme.h"

namespace countersign::ui {

HelpPage::HelpPage(QWidget* parent) : QWidget(parent), m_text(new QTextBrowser) {
  m_text->setOpenLinks(false);
  m_text->setFrameShape(QFrame::NoFrame);
  m_text->setAccessibleName(tr("Help"));
  m_text->document()->setDocumentMargin(2 * kGrid);
  // Lines longer than this are hard to read.
  constexpr int kWidest = 760;
  m_text->setLineWrapMode(QTextEdit::FixedPixelWidth);
  m_text->setLineWrapColumnOrWidth(kWidest);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(kGrid, kGrid, kGrid, kGrid);
  layout->addWidget(m_text);
  render();
}

void HelpPage::render() {
  QFile file(QStringLiteral(":/help/help.html"));
  if (!file.open(QIODevice::ReadOnly)) return;
  m_text->document()->setDefaultStyleSheet(
      QStringLiteral("h2 { color: %1; margin-top: 16px; } p, li { margin-bottom: 6px; }")
          .arg(colours().accent.name()));
  m_text->setHtml(QString::fromUtf8(file.readAll()));
}

void HelpPage::start() { m_text->setFocus(); }

void HelpPage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) render();
}

}  // namespace countersign::ui
