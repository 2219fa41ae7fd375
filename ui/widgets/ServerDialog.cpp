// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ServerDialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

ServerDialog::ServerDialog(const std::optional<ServerAddress>& known, bool hasKeyring,
                           QWidget* parent)
    : SavingDialog(parent),
      m_address(new QLineEdit),
      m_password(new SecretField),
      m_keep(new QCheckBox(tr("&Keep the password in this desktop's keyring"))),
      m_connect(new QPushButton(tr("&Connect"))),
      m_local(new QPushButton(tr("Keep the &store on this computer"), this)) {
  m_local->hide();
  setWindowTitle(tr("A store that desks share"));
  auto* text = new QLabel(
      tr("Many desks can work with one store on a PostgreSQL server. What is in it is encrypted on "
         "the desks; the server sees nothing of it. Ask whoever looks after the server for its "
         "address and password."));
  text->setWordWrap(true);
  m_address->setPlaceholderText(QStringLiteral("postgresql://office@server.example/countersign"));
  if (known) m_address->setText(QString::fromStdString(urlOf(*known)));
  m_password->setPlaceholderText(tr("none, or the one in ~/.pgpass"));
  m_keep->setVisible(hasKeyring);
  m_connect->setProperty("look", "primary");
  m_connect->setDefault(true);
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Address"), m_address);
  form->addRow(tr("&Password"), m_password);
  form->addRow(QString(), m_keep);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_connect, QDialogButtonBox::AcceptRole);
  // The box shows whatever it holds.
  if (known) buttons->addButton(m_local, QDialogButtonBox::ResetRole);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(text);
  layout->addSpacing(kGrid);
  layout->addLayout(form);
  layout->addWidget(problem());
  layout->addStretch(1);
  layout->addWidget(buttons);
  constexpr int kWidth = 560;
  setMinimumWidth(kWidth);
  const auto render = [this] { m_connect->setEnabled(!m_address->text().trimmed().isEmpty()); };
  connect(m_address, &QLineEdit::textChanged, this, render);
  connect(buttons, &QDialogButtonBox::accepted, this, &ServerDialog::choose);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(m_local, &QPushButton::clicked, this, [this] {
    startSaving();
    Q_EMIT localWanted();
  });
  render();
}

void ServerDialog::choose() {
  const auto server = serverAddressOf(m_address->text().trimmed().toStdString());
  if (!server) {
    answered(server.error());
    return;
  }
  startSaving();
  std::shared_ptr<const Secret> password;
  if (!m_password->text().isEmpty())
    password = std::make_shared<const Secret>(m_password->secret());
  Q_EMIT serverChosen(*server, password, m_keep->isChecked());
}

}  // namespace countersign::ui
