// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/SavingDialog.h"

#include <QAbstractButton>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLayout>
#include <algorithm>
#include <utility>

namespace countersign::ui {

SavingDialog::SavingDialog(QWidget* parent) : QDialog(parent), m_problem(new QLabel(this)) {
  m_problem->setWordWrap(true);
  m_problem->setProperty("look", "problem");
  m_problem->setAccessibleName(tr("What was wrong"));
  m_problem->hide();
}

void SavingDialog::startSaving() {
  m_problem->hide();
  m_focus = focusWidget();
  for (auto* child : findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
    const auto* buttons = qobject_cast<QDialogButtonBox*>(child);
    if (buttons == nullptr) {
      if (child->isEnabled() && !child->isWindow()) m_waiting += child;
      continue;
    }
    for (auto* button : buttons->buttons())
      if (button->isEnabled() && buttons->buttonRole(button) != QDialogButtonBox::RejectRole)
        m_waiting += button;
  }
  for (const auto& child : std::as_const(m_waiting)) child->setEnabled(false);
}

void SavingDialog::answered(const Status& status) {
  if (status) {
    accept();
    return;
  }
  for (const auto& child : std::as_const(m_waiting))
    if (child) child->setEnabled(true);
  m_waiting.clear();
  // Not on Cancel, where it went meanwhile and Enter would throw away what was typed.
  if (m_focus) m_focus->setFocus();
  m_problem->setText(QString::fromStdString(status.error().message));
  m_problem->show();
  // As high as the sentence needs at this width, and no higher.
  layout()->activate();
  resize(width(),
         std::max(layout()->totalMinimumSize().height(), layout()->totalHeightForWidth(width())));
}

}  // namespace countersign::ui
