// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/SavingDialog.h"

#include <QLabel>

namespace countersign::ui {

SavingDialog::SavingDialog(QWidget* parent) : QDialog(parent), m_problem(new QLabel(this)) {
  m_problem->setWordWrap(true);
  m_problem->setProperty("look", "problem");
  m_problem->setAccessibleName(tr("What was wrong"));
  m_problem->hide();
}

void SavingDialog::startSaving() {
  m_problem->hide();
  setEnabled(false);
}

void SavingDialog::answered(const Status& status) {
  if (status) {
    accept();
    return;
  }
  setEnabled(true);
  m_problem->setText(QString::fromStdString(status.error().message));
  m_problem->show();
  adjustSize();
}

}  // namespace countersign::ui
