// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/UnlockPage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "core/storage/ServerAddress.h"
#include "ui/support/DesktopKeyring.h"
#include "ui/support/Formatting.h"
#include "ui/support/NarrowPage.h"
#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

UnlockPage::UnlockPage(QWidget* parent)
    : QWidget(parent),
      m_icon(new QLabel),
      m_where(new QLabel),
      m_accounts(new QComboBox),
      m_secretLabel(new QLabel),
      m_secret(new SecretField),
      m_useKey(new QCheckBox(tr("Use the &recovery key or a key from a file"))),
      m_problem(new QLabel),
      m_keep(new QCheckBox(tr("&Keep a key in this desktop's keyring"))),
      m_unlock(new QPushButton(tr("&Unlock"))),
      m_useKeyring(new QPushButton(tr("Unlock &with the keyring"))),
      m_sample(new QPushButton(tr("Open the &sample office"))) {
  auto* title = new QLabel(tr("The store is locked"));
  title->setFont(scaled(font(), 1.7, true));
  m_where->setWordWrap(true);
  m_accounts->setAccessibleName(tr("Account"));
  m_problem->setWordWrap(true);
  m_problem->setAccessibleName(tr("What was wrong"));
  m_unlock->setProperty("look", "primary");
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Account"), m_accounts);
  m_secretLabel->setBuddy(m_secret);
  form->addRow(m_secretLabel, m_secret);
  form->addRow(QString(), m_useKey);
  form->addRow(QString(), m_keep);
  m_keep->setToolTip(tr(
      "The next time the program starts, this account opens the store here without a passphrase: "
      "whoever sits at this desktop can. After the store was locked, the passphrase is asked for "
      "all the same."));
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_unlock);
  buttons->addWidget(m_useKeyring);
  buttons->addWidget(m_sample);
  buttons->addStretch(1);
  auto* column = new QVBoxLayout;
  column->setSpacing(2 * kGrid);
  column->addStretch(2);
  column->addWidget(m_icon);
  column->addWidget(title);
  column->addWidget(m_where);
  column->addSpacing(kGrid);
  column->addLayout(form);
  column->addWidget(m_problem);
  column->addLayout(buttons);
  column->addStretch(3);
  constexpr int kWidest = 560;
  layOutNarrow(*this, column, kWidest);
  connect(m_useKey, &QCheckBox::toggled, this, [this] {
    forget();
    m_problem->clear();
    render();
    m_secret->setFocus();
  });
  connect(m_accounts, &QComboBox::currentIndexChanged, this, &UnlockPage::render);
  connect(m_useKeyring, &QPushButton::clicked, this, &UnlockPage::unlockByKeyring);
  connect(m_secret, &QLineEdit::textChanged, this, &UnlockPage::render);
  connect(m_secret, &QLineEdit::returnPressed, this, &UnlockPage::unlock);
  connect(m_unlock, &QPushButton::clicked, this, &UnlockPage::unlock);
  connect(m_sample, &QPushButton::clicked, this, &UnlockPage::sampleOfficeWanted);
  showIcon();
  render();
}

UnlockPage::~UnlockPage() = default;

void UnlockPage::ask(const std::filesystem::path& store, const QString& problem, bool isAfterLock) {
  m_isTrying = false;
  m_isKeyWanted = false;
  m_isKeyringEmpty = m_isKeyringEmpty && store == m_store;
  ++m_request;
  // A wrong passphrase does not change why it is asked for.
  m_isAfterLock = isAfterLock || (m_isAfterLock && store == m_store);
  m_store = store;
  m_keyring = std::make_unique<DesktopKeyring>(store);
  m_hasKeyring = DesktopKeyring::isThere();
  m_where->setText(
      tr("What is in %1 is encrypted, and can be read by nobody until somebody opens it.")
          .arg(QString::fromStdString(placeText(store))));
  m_why = problem;
  m_problem->setText(problem);
  findAccounts();
  forget();
  render();
}

void UnlockPage::findAccounts() {
  const auto server = serverOf(m_store);
  if (!server || !*server) {
    const auto known = accountsOf(m_store);
    showAccounts(known ? *known : std::vector<Account>());
    return;
  }
  m_jobs.run<std::vector<Account>>(
      this, [store = m_store](const std::stop_token&) { return accountsOf(store); },
      [this, request = m_request](const Result<std::vector<Account>>& known) {
        if (request != m_request) return;
        if (known) {
          showAccounts(*known);
          return;
        }
        // Whoever was there before is there still, once the server answers again.
        m_problem->setText(QString::fromStdString(known.error().message));
        render();
        constexpr int kAgain = 3000;
        QTimer::singleShot(kAgain, this, [this, request] {
          if (request == m_request && !m_isTrying) findAccounts();
        });
      });
}

void UnlockPage::showAccounts(const std::vector<Account>& known) {
  const auto last = m_accounts->currentText();
  m_known = known;
  m_accounts->clear();
  for (const auto& one : known)
    if (one.opening == Account::Opening::Passphrase)
      m_accounts->addItem(QString::fromStdString(one.name));
  m_accounts->setCurrentText(last);
  if (m_accounts->count() == 0) m_useKey->setChecked(true);
  m_problem->setText(m_why);  // after that, which says that something else is tried
  render();
}

void UnlockPage::start() {
  if (m_secret->isEnabled()) m_secret->setFocus();
}

void UnlockPage::forget() { m_secret->forget(); }

void UnlockPage::unlock() {
  if (!m_unlock->isEnabled()) return;
  const auto credential =
      m_useKey->isChecked()
          ? withKey(m_secret->secret())
          : withPassphrase(m_accounts->currentText().toStdString(), m_secret->secret());
  forget();
  m_isTrying = true;
  m_isKeyWanted = m_keep->isVisible() && m_keep->isChecked();
  m_problem->clear();
  render();
  Q_EMIT unlockWanted(credential);
}

bool UnlockPage::hasKeyHere() const {
  const auto desktop = DesktopKeyring::name().toStdString();
  return std::any_of(m_known.begin(), m_known.end(), [&](const Account& account) {
    return account.opening == Account::Opening::Desktop && account.desktop == desktop &&
           account.name == m_accounts->currentText().toStdString();
  });
}

void UnlockPage::unlockByKeyring() {
  m_isTrying = true;
  m_problem->clear();
  render();
  m_keyring->read(m_accounts->currentText(),
                  [this, request = m_request](const std::shared_ptr<const Secret>& key) {
                    if (request != m_request) return;
                    if (key) {
                      Q_EMIT unlockWanted({Credential::Kind::Key, {}, key});
                      return;
                    }
                    m_isTrying = false;
                    m_isKeyringEmpty = true;
                    m_problem->setText(tr("The keyring gave no key. Type the passphrase."));
                    render();
                    m_secret->setFocus();
                  });
}

void UnlockPage::storeOpened(const std::filesystem::path& store) {
  ++m_request;
  m_isAfterLock = false;
  m_keep->setChecked(false);
  if (std::exchange(m_isKeyWanted, false) && store == m_store)
    Q_EMIT desktopKeyWanted(DesktopKeyring::name());
}

void UnlockPage::keep(const QString& account, const QString& key) {
  m_keyring->write(account, key, [this, account](const QString& problem) {
    if (problem.isEmpty()) {
      Q_EMIT notice(tr("This desktop's keyring opens the store for %1 from now on.").arg(account));
      return;
    }
    Q_EMIT problemWithKeyring(tr("The keyring did not take the key: %1").arg(problem));
    Q_EMIT desktopKeyRefused(account, DesktopKeyring::name());
  });
}

void UnlockPage::render() {
  const bool isKey = m_useKey->isChecked();
  const bool isChoice = m_accounts->count() > 0;
  m_accounts->setEnabled(!isKey && isChoice && !m_isTrying);
  m_useKey->setEnabled(isChoice && !m_isTrying);
  m_keep->setVisible(!isKey && m_hasKeyring && (!hasKeyHere() || m_isKeyringEmpty));
  m_keep->setEnabled(!m_isTrying);
  m_sample->setEnabled(!m_isTrying);
  m_useKeyring->setVisible(!isKey && !m_isAfterLock && !m_isKeyringEmpty && hasKeyHere());
  m_useKeyring->setEnabled(!m_isTrying);
  m_secret->setEnabled(!m_isTrying);
  m_secretLabel->setText(isKey ? tr("&Key") : tr("&Passphrase"));
  m_secret->setAccessibleName(isKey ? tr("Key") : tr("Passphrase"));
  m_secret->setPlaceholderText(isKey ? tr("Eight groups of four letters and digits") : QString());
  m_problem->setVisible(!m_problem->text().isEmpty());
  m_unlock->setEnabled(!m_isTrying && !m_secret->text().isEmpty());
  m_unlock->setText(m_isTrying ? tr("Unlocking…") : tr("&Unlock"));
}

void UnlockPage::showIcon() {
  constexpr int kIcon = 48;
  m_icon->setPixmap(
      iconPixmap(QStringLiteral("lock"), colours().accent, kIcon, devicePixelRatioF()));
}

void UnlockPage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) showIcon();
}

}  // namespace countersign::ui
