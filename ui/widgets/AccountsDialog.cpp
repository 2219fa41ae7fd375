// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/AccountsDialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"
#include "ui/widgets/PassphraseDialog.h"

namespace countersign::ui {

namespace {

QString roleText(Role role) {
  switch (role) {
    case Role::Clerk:
      return AccountsDialog::tr("Clerk: enrols, verifies, records");
    case Role::Supervisor:
      return AccountsDialog::tr("Supervisor: also thresholds, networks, who is on file");
    case Role::Administrator:
      return AccountsDialog::tr("Administrator: also accounts");
    case Role::Auditor:
      return AccountsDialog::tr("Auditor: looks at everything, changes nothing");
  }
  return {};
}

QString openingText(Account::Opening opening) {
  switch (opening) {
    case Account::Opening::Passphrase:
      return AccountsDialog::tr("passphrase");
    case Account::Opening::Key:
      return AccountsDialog::tr("key in a file");
    case Account::Opening::Recovery:
      return AccountsDialog::tr("printed key");
    case Account::Opening::Desktop:
      return AccountsDialog::tr("a desktop's keyring");
  }
  return {};
}

}  // namespace

AccountsDialog::AccountsDialog(OfficeSession& session, QWidget* parent)
    : QDialog(parent),
      m_session(session),
      m_table(new QTableWidget(0, 3)),
      m_name(new QLineEdit),
      m_role(new QComboBox),
      m_passphrase(new SecretField),
      m_again(new SecretField),
      m_advice(new QLabel),
      m_state(new QLabel),
      m_add(new QPushButton(tr("&Add this account"))),
      m_remove(new QPushButton(tr("&Remove"))),
      m_change(new QPushButton(tr("Set this &passphrase for whoever is chosen"))) {
  setWindowTitle(tr("Who can open this store"));
  build();
  connect(m_table, &QTableWidget::currentCellChanged, this, &AccountsDialog::render);
  for (auto* field :
       {m_name, static_cast<QLineEdit*>(m_passphrase), static_cast<QLineEdit*>(m_again)})
    connect(field, &QLineEdit::textChanged, this, &AccountsDialog::render);
  connect(m_add, &QPushButton::clicked, this, &AccountsDialog::add);
  connect(m_remove, &QPushButton::clicked, this, &AccountsDialog::remove);
  connect(m_change, &QPushButton::clicked, this, &AccountsDialog::changePassphrase);
  reload();
}

void AccountsDialog::build() {
  m_table->setHorizontalHeaderLabels({tr("Name"), tr("Role"), tr("Opened by")});
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setShowGrid(false);
  m_table->setTabKeyNavigation(false);
  m_table->verticalHeader()->hide();
  m_table->setAccessibleName(tr("Accounts"));
  m_table->horizontalHeader()->setHighlightSections(false);
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
  m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  for (const auto role : {Role::Clerk, Role::Supervisor, Role::Administrator, Role::Auditor})
    m_role->addItem(roleText(role), static_cast<int>(role));
  m_role->setAccessibleName(tr("Role"));
  m_name->setAccessibleName(tr("Name"));
  m_passphrase->setAccessibleName(tr("Passphrase"));
  m_again->setAccessibleName(tr("Once more"));
  m_advice->setWordWrap(true);
  m_advice->setProperty("look", "caption");
  m_advice->setMinimumHeight(2 * fontMetrics().lineSpacing());
  m_advice->setAlignment(Qt::AlignTop);
  m_state->setWordWrap(true);
  m_state->setAccessibleName(tr("What came of it"));
  m_add->setProperty("look", "primary");
  auto* note = new QLabel(
      tr("As soon as two supervisors or administrators have an account, thresholds, networks, "
         "merging, removing, erasing and exporting take both: one does it, the other confirms. "
         "Accounts are one administrator's business; the audit tells of every change."));
  note->setWordWrap(true);
  note->setProperty("look", "caption");
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Name"), m_name);
  form->addRow(tr("R&ole"), m_role);
  form->addRow(tr("Pa&ssphrase"), m_passphrase);
  form->addRow(tr("Once &more"), m_again);
  form->addRow(QString(), m_advice);
  auto* actions = new QHBoxLayout;
  actions->setSpacing(kGrid);
  actions->addWidget(m_add);
  actions->addWidget(m_change);
  actions->addStretch(1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  for (auto* button : {m_add, m_change, m_remove}) button->setAutoDefault(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(m_table, 1);
  layout->addWidget(m_remove, 0, Qt::AlignLeft);
  layout->addWidget(note);
  layout->addSpacing(kGrid);
  layout->addLayout(form);
  layout->addLayout(actions);
  layout->addWidget(m_state);
  layout->addWidget(buttons);
  resize(680, 620);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void AccountsDialog::reload() {
  if (!m_session.isShared()) {
    if (const auto known = accountsOf(m_session.folder())) m_known = *known;
    showAccounts();
    return;
  }
  m_session.withOffice<std::vector<Account>>(
      this, [](const Office& office) { return accountsOf(office.store().folder()); },
      [this](const Result<std::vector<Account>>& known) {
        if (known)
          m_known = *known;
        else
          m_state->setText(QString::fromStdString(known.error().message));
        showAccounts();
      });
}

void AccountsDialog::showAccounts() {
  const auto row = m_table->currentRow();
  const auto before = m_table->rowCount();
  m_table->setRowCount(static_cast<int>(m_known.size()));
  for (int i = 0; i < m_table->rowCount(); ++i) {
    const auto& one = m_known[static_cast<std::size_t>(i)];
    const bool isOwn = one.name == m_session.account().name;
    m_table->setItem(i, 0,
                     new QTableWidgetItem(QString::fromStdString(one.name) +
                                          (isOwn ? tr(" (you)") : QString())));
    m_table->setItem(
        i, 1,
        new QTableWidgetItem(one.desktop.empty()
                                 ? roleText(one.role)
                                 : tr("the same, at %1").arg(QString::fromStdString(one.desktop))));
    m_table->setItem(i, 2, new QTableWidgetItem(openingText(one.opening)));
  }
  // Whoever stands there now is another one.
  if (row < m_table->rowCount() && m_table->rowCount() == before)
    m_table->selectRow(row);
  else
    m_table->setCurrentCell(-1, -1);
  render();
}

const Account* AccountsDialog::chosen() const {
  const int row = m_table->currentRow();
  return row >= 0 && row < static_cast<int>(m_known.size())
             ? &m_known[static_cast<std::size_t>(row)]
             : nullptr;
}

void AccountsDialog::render() {
  if (m_toRemove != m_table->currentRow()) {
    m_toRemove = -1;
    m_remove->setText(tr("&Remove"));
  }
  const bool isAdministrator = m_session.account().role == Role::Administrator;
  const auto* account = chosen();
  const bool isOwn = account != nullptr && account->name == m_session.account().name;
  const bool isOpenedByPassphrase =
      account != nullptr && account->opening == Account::Opening::Passphrase;
  const auto advice = adviceOn(*m_passphrase, *m_again, m_name->text());
  m_advice->setText(advice.text);
  const bool isGood = advice.isGood && !m_isWorking;
  m_name->setEnabled(isAdministrator);
  m_role->setEnabled(isAdministrator);
  m_add->setEnabled(isAdministrator && isGood && !m_name->text().trimmed().isEmpty());
  m_change->setEnabled(isGood && isOpenedByPassphrase && (isOwn || isAdministrator) &&
                       m_name->text().trimmed().isEmpty());
  const bool isDesktop = account != nullptr && account->opening == Account::Opening::Desktop;
  m_remove->setEnabled(account != nullptr && !m_isWorking &&
                       account->opening != Account::Opening::Recovery &&
                       (isDesktop ? isOwn || isAdministrator : isAdministrator && !isOwn));
}

void AccountsDialog::run(const QString& done, std::function<Status(Store&)> work) {
  m_isWorking = true;
  m_state->setText(tr("A moment…"));
  render();
  m_session.withOffice<std::monostate>(
      this, [work = std::move(work)](const Office& office) { return work(office.store()); },
      [this, done](const Status& status) {
        m_isWorking = false;
        m_state->setText(status ? done : QString::fromStdString(status.error().message));
        if (status) {
          m_name->clear();
          m_passphrase->forget();
          m_again->forget();
        }
        reload();
      });
}

void AccountsDialog::add() {
  const NewAccount account{.name = m_name->text().trimmed().toStdString(),
                           .role = static_cast<Role>(m_role->currentData().toInt()),
                           .passphrase = std::make_shared<const Secret>(m_passphrase->secret())};
  run(tr("%1 can open the store now.").arg(m_name->text().trimmed()),
      [account](Store& store) -> Status {
        const auto key = store.addAccount(account);
        if (!key) return key.error();
        return ok();
      });
}

void AccountsDialog::remove() {
  const auto* account = chosen();
  if (account == nullptr) return;
  // Asked for twice, at the same row.
  if (m_toRemove != m_table->currentRow()) {
    m_toRemove = m_table->currentRow();
    m_remove->setText(tr("Really &remove %1").arg(QString::fromStdString(account->name)));
    return;
  }
  m_toRemove = -1;
  if (account->opening == Account::Opening::Desktop) {
    run(tr("The keyring there opens the store no longer."),
        [name = account->name, desktop = account->desktop](Store& store) {
          return store.removeDesktopKey(name, desktop);
        });
    return;
  }
  run(tr("%1 cannot open the store any more.").arg(QString::fromStdString(account->name)),
      [name = account->name](Store& store) { return store.removeAccount(name); });
}

void AccountsDialog::changePassphrase() {
  const auto* account = chosen();
  if (account == nullptr) return;
  const auto name = account->name;
  const auto change = [this, name](const std::shared_ptr<const Secret>& present) {
    run(tr("%1 has another passphrase now.").arg(QString::fromStdString(name)),
        [name, present,
         secret = std::make_shared<const Secret>(m_passphrase->secret())](Store& store) -> Status {
          if (present)
            if (auto status = store.checkOwnPassphrase(*present); !status) return status;
          return store.setPassphrase(name, *secret);
        });
  };
  // Whoever opened the store by another key may have none to tell.
  if (m_session.account().opening != Account::Opening::Passphrase) return change(nullptr);
  auto* dialog = new PassphraseDialog(
      PassphraseDialog::Kind::Known, tr("Your present passphrase"),
      tr("So that nobody else changes a passphrase at your desk: type the one that you, %1, open "
         "the store with.")
          .arg(QString::fromStdString(m_session.account().name)),
      this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  connect(dialog, &PassphraseDialog::chosen, this, change);
  dialog->open();
}

}  // namespace countersign::ui
