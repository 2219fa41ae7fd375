// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ConfirmDialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/storage/ServerAddress.h"
#include "ui/support/Formatting.h"
#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

ConfirmDialog::ConfirmDialog(const QString& sentence, const std::filesystem::path& store,
                             const Account& own, QWidget* parent)
    : QDialog(parent),
      m_accounts(new QComboBox),
      m_secretLabel(new QLabel),
      m_secret(new SecretField),
      m_useKey(new QCheckBox(tr("Use the &key of an account that is opened by one"))),
      m_problem(new QLabel),
      m_confirm(new QPushButton(tr("C&onfirm"))) {
  setWindowTitle(tr("A second account confirms"));
  auto* why = new QLabel(sentence);
  why->setWordWrap(true);
  auto* who = new QLabel(
      tr("Somebody else looks at it now, and types their own passphrase here. The audit names both "
         "of you."));
  who->setWordWrap(true);
  who->setProperty("look", "caption");
  m_problem->setWordWrap(true);
  m_problem->setMinimumHeight(2 * fontMetrics().lineSpacing());
  m_problem->setAlignment(Qt::AlignTop);
  m_problem->setAccessibleName(tr("What was wrong"));
  m_accounts->setAccessibleName(tr("Account"));
  m_confirm->setProperty("look", "primary");
  m_secretLabel->setBuddy(m_secret);
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Account"), m_accounts);
  form->addRow(m_secretLabel, m_secret);
  form->addRow(QString(), m_useKey);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  // Enter confirms, and never declines.
  buttons->button(QDialogButtonBox::Cancel)->setAutoDefault(false);
  buttons->addButton(m_confirm, QDialogButtonBox::ActionRole);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(why);
  layout->addWidget(who);
  layout->addSpacing(kGrid);
  layout->addLayout(form);
  layout->addWidget(m_problem);
  layout->addStretch(1);
  layout->addWidget(buttons);
  constexpr int kWidth = 480;
  setMinimumWidth(kWidth);
  connect(m_useKey, &QCheckBox::toggled, this, [this] {
    m_secret->forget();
    render();
    m_secret->setFocus();
  });
  connect(m_secret, &QLineEdit::textChanged, this, &ConfirmDialog::render);
  connect(m_confirm, &QPushButton::clicked, this, &ConfirmDialog::confirm);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  m_confirm->setDefault(true);
  render();
  m_secret->setFocus();
  const auto server = serverOf(store);
  if (!server || !*server) {
    showAccounts(accountsOf(store), own);
    return;
  }
  m_jobs.run<std::vector<Account>>(
      this, [store](const std::stop_token&) { return accountsOf(store); },
      [this, own](const Result<std::vector<Account>>& known) { showAccounts(known, own); });
}

void ConfirmDialog::showAccounts(const Result<std::vector<Account>>& known, const Account& own) {
  if (known) {
    for (const auto& one : *known) {
      const bool mayConfirm = one.role == Role::Supervisor || one.role == Role::Administrator;
      if (mayConfirm && one.name != own.name && one.opening == Account::Opening::Passphrase)
        m_accounts->addItem(QString::fromStdString(one.name));
    }
  } else {
    m_problem->setText(QString::fromStdString(known.error().message));
  }
  if (m_accounts->count() == 0) m_useKey->setChecked(true);
  render();
}

void ConfirmDialog::confirm() {
  if (!m_confirm->isEnabled()) return;
  const auto credential =
      m_useKey->isChecked()
          ? withKey(m_secret->secret())
          : withPassphrase(m_accounts->currentText().toStdString(), m_secret->secret());
  m_secret->forget();
  m_isTrying = true;
  m_problem->clear();
  render();
  Q_EMIT confirmed(credential);
}

void ConfirmDialog::refuse(const QString& sentence) {
  m_isTrying = false;
  m_problem->setText(sentence);
  render();
  m_secret->setFocus();
}

void ConfirmDialog::render() {
  const bool isKey = m_useKey->isChecked();
  const bool isChoice = m_accounts->count() > 0;
  m_accounts->setEnabled(!isKey && isChoice && !m_isTrying);
  m_useKey->setEnabled(isChoice && !m_isTrying);
  m_secret->setEnabled(!m_isTrying);
  m_secretLabel->setText(isKey ? tr("K&ey") : tr("&Passphrase"));
  m_secret->setAccessibleName(isKey ? tr("Key") : tr("Passphrase"));
  m_confirm->setEnabled(!m_isTrying && !m_secret->text().isEmpty());
  m_confirm->setText(m_isTrying ? tr("Looking…") : tr("C&onfirm"));
}

}  // namespace countersign::ui
