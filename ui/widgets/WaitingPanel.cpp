// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/WaitingPanel.h"

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

WaitingPanel::WaitingPanel(const QString& text, QWidget* parent)
    : QWidget(parent),
      m_text(new QLabel(text)),
      m_bar(new QProgressBar),
      m_cancel(new QPushButton(tr("Cancel"))) {
  m_text->setAlignment(Qt::AlignHCenter);
  m_text->setFont(scaled(font(), 1.15, true));
  m_bar->setTextVisible(false);
  auto* column = new QVBoxLayout(this);
  column->setSpacing(2 * kGrid);
  column->addStretch(1);
  column->addWidget(m_text);
  column->addWidget(m_bar);
  column->addWidget(m_cancel, 0, Qt::AlignHCenter);
  column->addStretch(2);
  connect(m_cancel, &QPushButton::clicked, this, &WaitingPanel::cancelled);
}

void WaitingPanel::begin(bool isStopping) {
  m_bar->setRange(0, 0);
  m_cancel->setEnabled(!isStopping);
}

void WaitingPanel::setText(const QString& text) { m_text->setText(text); }

void WaitingPanel::setProgress(int done, int total) {
  m_bar->setRange(0, total);
  m_bar->setValue(done);
}

}  // namespace countersign::ui
