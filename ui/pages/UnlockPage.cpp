// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/UnlockDialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/support/Theme.h"

namespace countersign::ui {

UnlockDialog::UnlockDialog(const std::filesystem::path& store, const QString& account,
                           QWidget* parent)
    : QDialog(parent),
      m_accounts(new QComboBox),
      m_secretLabel(new QLabel),
      m_secret(new QLineEdit),
      m_useKey(new QCheckBox(tr("Use the &recovery key or a key from a file"))),
      m_problem(new QLabel),
      m_unlock(new QPushButton(tr("&Unlock"))) {
  setWindowTitle(tr("The store is locked"));
  auto* where =
      new QLabel(tr("The store in %1 is encrypted.").arg(QString::fromStdString(store.string())));
  where->setWordWrap(true);
  if (const auto known = accountsOf(store)) {
    for (const auto& one : *known)
      if (one.opening == Account::Opening::Passphrase)
        m_accounts->addItem(QString::fromStdString(one.name));
  }
  m_accounts->setCurrentText(account);
  m_accounts->setAccessibleName(tr("Account"));
  m_secret->setEchoMode(QLineEdit::Password);
  m_useKey->setChecked(m_accounts->count() == 0);
  m_problem->setWordWrap(true);
  m_problem->setAccessibleName(tr("What was wrong"));
  m_unlock->setProperty("look", "primary");
  m_unlock->setDefault(true);
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Account"), m_accounts);
  m_secretLabel->setBuddy(m_secret);
  form->addRow(m_secretLabel, m_secret);
  form->addRow(QString(), m_useKey);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_unlock, QDialogButtonBox::AcceptRole);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(2 * kGrid);
  layout->addWidget(where);
  layout->addLayout(form);
  layout->addWidget(m_problem);
  layout->addStretch(1);
  layout->addWidget(buttons);
  constexpr int kWidth = 480;
  setMinimumWidth(kWidth);
  connect(m_useKey, &QCheckBox::toggled, this, [this] {
    forget();
    m_problem->clear();
    render();
  });
  connect(m_secret, &QLineEdit::textChanged, this, &UnlockDialog::render);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    auto bytes = m_secret->text().toUtf8();
    auto secret =
        Secret::of(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    wipe({reinterpret_cast<std::uint8_t*>(bytes.data()), static_cast<std::size_t>(bytes.size())});
    const auto credential =
        m_useKey->isChecked()
            ? withKey(std::move(secret))
            : withPassphrase(m_accounts->currentText().toStdString(), std::move(secret));
    forget();
    Q_EMIT unlockWanted(credential);
    accept();
  });
  render();
  m_secret->setFocus();
}

UnlockDialog::~UnlockDialog() { forget(); }

void UnlockDialog::forget() {
  // The field keeps the letters in its own memory: they are overwritten there before they go.
  m_secret->setText(QString(m_secret->text().size(), QLatin1Char('x')));
  m_secret->clear();
}

void UnlockDialog::showProblem(const QString& sentence) {
  m_problem->setText(sentence);
  render();
}

void UnlockDialog::render() {
  const bool isKey = m_useKey->isChecked();
  m_accounts->setEnabled(!isKey && m_accounts->count() > 0);
  m_useKey->setEnabled(m_accounts->count() > 0);
  m_secretLabel->setText(isKey ? tr("&Key") : tr("&Passphrase"));
  m_secret->setAccessibleName(isKey ? tr("Key") : tr("Passphrase"));
  m_secret->setPlaceholderText(isKey ? tr("Eight groups of four letters and digits") : QString());
  m_problem->setVisible(!m_problem->text().isEmpty());
  m_unlock->setEnabled(!m_secret->text().isEmpty());
}

}  // namespace countersign::ui
