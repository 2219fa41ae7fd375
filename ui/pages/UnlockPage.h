// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <filesystem>

#include "core/storage/Accounts.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace countersign::ui {

class SecretField;

/// What a locked store shows: nothing of it, and a field for what opens it, which is an account and
/// its passphrase, or the recovery key.
class UnlockPage final : public QWidget {
  Q_OBJECT

 public:
  explicit UnlockPage(QWidget* parent = nullptr);

  /// Asks for what opens a store.
  ///
  /// @param problem  what was wrong with the last try, if there was one.
  void ask(const std::filesystem::path& store, const QString& problem);
  void start();
  /// A half-typed passphrase goes.
  void forget();

  QComboBox* accounts() const { return m_accounts; }
  SecretField* secret() const { return m_secret; }
  QCheckBox* useKey() const { return m_useKey; }
  QPushButton* unlockButton() const { return m_unlock; }
  QPushButton* sampleButton() const { return m_sample; }
  QLabel* problem() const { return m_problem; }

 Q_SIGNALS:
  void unlockWanted(const countersign::Credential& credential);
  void sampleOfficeWanted();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void unlock();
  void render();
  void showIcon();

  QLabel* m_icon;
  QLabel* m_where;
  QComboBox* m_accounts;
  QLabel* m_secretLabel;
  SecretField* m_secret;
  QCheckBox* m_useKey;
  QLabel* m_problem;
  QPushButton* m_unlock;
  QPushButton* m_sample;
  bool m_isTrying = false;  ///< What was given is being tried.
};

}  // namespace countersign::ui
