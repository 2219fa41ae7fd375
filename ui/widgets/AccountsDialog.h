// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <functional>
#include <vector>

#include "core/storage/Accounts.h"
#include "core/storage/Store.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;

namespace countersign::ui {

class OfficeSession;
class SecretField;

/// Who can open the store and what they may do; an administrator adds and removes accounts, and
/// everybody changes their own passphrase.
class AccountsDialog final : public QDialog {
  Q_OBJECT

 public:
  explicit AccountsDialog(OfficeSession& session, QWidget* parent = nullptr);

  QTableWidget* table() const { return m_table; }
  QLineEdit* name() const { return m_name; }
  QComboBox* role() const { return m_role; }
  SecretField* passphrase() const { return m_passphrase; }
  SecretField* again() const { return m_again; }
  QPushButton* addButton() const { return m_add; }
  QPushButton* removeButton() const { return m_remove; }
  QPushButton* passphraseButton() const { return m_change; }
  QLabel* state() const { return m_state; }

 private:
  void build();
  void reload();
  void showAccounts();
  void render();
  void add();
  void remove();
  void changePassphrase();
  /// Runs what may take a second, and says what came of it.
  void run(const QString& done, std::function<Status(Store&)> work);
  const Account* chosen() const;

  OfficeSession& m_session;
  std::vector<Account> m_known;
  bool m_isWorking = false;
  int m_toRemove = -1;  ///< Row that waits to be asked for once more.
  QTableWidget* m_table;
  QLineEdit* m_name;
  QComboBox* m_role;
  SecretField* m_passphrase;
  SecretField* m_again;
  QLabel* m_advice;
  QLabel* m_state;
  QPushButton* m_add;
  QPushButton* m_remove;
  QPushButton* m_change;
};

}  // namespace countersign::ui
