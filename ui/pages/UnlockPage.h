// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <filesystem>

#include "core/storage/Accounts.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace countersign::ui {

/// Asks for what opens an encrypted store: an account and its passphrase, or the recovery key.
class UnlockDialog final : public QDialog {
  Q_OBJECT

 public:
  /// @param account  chosen at first, if the store has it.
  UnlockDialog(const std::filesystem::path& store, const QString& account,
               QWidget* parent = nullptr);
  ~UnlockDialog() override;

  /// Says what was wrong with the last try.
  void showProblem(const QString& sentence);
  QComboBox* accounts() const { return m_accounts; }
  QLineEdit* secret() const { return m_secret; }
  QCheckBox* useKey() const { return m_useKey; }
  QPushButton* unlockButton() const { return m_unlock; }
  QLabel* problem() const { return m_problem; }

 Q_SIGNALS:
  void unlockWanted(const countersign::Credential& credential);

 private:
  void render();
  void forget();

  QComboBox* m_accounts;
  QLabel* m_secretLabel;
  QLineEdit* m_secret;
  QCheckBox* m_useKey;
  QLabel* m_problem;
  QPushButton* m_unlock;
};

}  // namespace countersign::ui
