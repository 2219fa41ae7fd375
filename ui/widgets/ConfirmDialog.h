// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <filesystem>

#include "core/storage/Accounts.h"
#include "ui/jobs/JobQueue.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace countersign::ui {

class SecretField;

/// Has a second account confirm a change: somebody else chooses their name and types their own
/// passphrase, or the key of an account that is opened by one.
class ConfirmDialog final : public QDialog {
  Q_OBJECT

 public:
  /// @param sentence  what takes two.
  /// @param own       who asks for it, and so cannot confirm it.
  ConfirmDialog(const QString& sentence, const std::filesystem::path& store, const Account& own,
                QWidget* parent = nullptr);

  /// What was wrong with what was typed; another try may follow.
  void refuse(const QString& sentence);

  QComboBox* accounts() const { return m_accounts; }
  SecretField* secret() const { return m_secret; }
  QCheckBox* useKey() const { return m_useKey; }
  QPushButton* confirmButton() const { return m_confirm; }
  QLabel* problem() const { return m_problem; }

 Q_SIGNALS:
  void confirmed(const countersign::Credential& second);

 private:
  void confirm();
  void showAccounts(const Result<std::vector<Account>>& known, const Account& own);
  void render();

  QComboBox* m_accounts;
  QLabel* m_secretLabel;
  SecretField* m_secret;
  QCheckBox* m_useKey;
  QLabel* m_problem;
  QPushButton* m_confirm;
  bool m_isTrying = false;
  JobQueue m_jobs;  ///< A server may take its time.
};

}  // namespace countersign::ui
