// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/storage/Accounts.h"
#include "ui/jobs/JobQueue.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace countersign::ui {

class DesktopKeyring;
class SecretField;

/// What a locked store shows: nothing of it, and a field for what opens it, which is an account and
/// its passphrase, or the recovery key.
class UnlockPage final : public QWidget {
  Q_OBJECT

 public:
  explicit UnlockPage(QWidget* parent = nullptr);
  ~UnlockPage() override;

  /// Asks for what opens a store.
  ///
  /// @param problem      what was wrong with the last try, if there was one.
  /// @param isAfterLock  somebody may have left the desk: its keyring is not offered.
  void ask(const std::filesystem::path& store, const QString& problem, bool isAfterLock = false);
  /// A store is open: asks for a key for the keyring, if that was wished for this one.
  void storeOpened(const std::filesystem::path& store);
  /// Puts a key into the keyring.
  void keep(const QString& account, const QString& key);
  void start();
  /// A half-typed passphrase goes.
  void forget();

  QComboBox* accounts() const { return m_accounts; }
  SecretField* secret() const { return m_secret; }
  QCheckBox* useKey() const { return m_useKey; }
  QPushButton* unlockButton() const { return m_unlock; }
  QPushButton* keyringButton() const { return m_useKeyring; }
  QCheckBox* keepInKeyring() const { return m_keep; }
  QPushButton* sampleButton() const { return m_sample; }
  QLabel* problem() const { return m_problem; }

 Q_SIGNALS:
  void unlockWanted(const countersign::Credential& credential);
  void sampleOfficeWanted();
  /// A key for this desktop is wanted of the store that was opened.
  void desktopKeyWanted(const QString& desktop);
  /// The keyring did not take it.
  void desktopKeyRefused(const QString& account, const QString& desktop);
  void notice(const QString& sentence);
  void problemWithKeyring(const QString& sentence);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void unlock();
  void unlockByKeyring();
  void findAccounts();
  void showAccounts(const std::vector<Account>& known);
  /// Whether the chosen account has a key in this desktop's keyring.
  bool hasKeyHere() const;
  void render();
  void showIcon();

  QLabel* m_icon;
  QLabel* m_where;
  QComboBox* m_accounts;
  QLabel* m_secretLabel;
  SecretField* m_secret;
  QCheckBox* m_useKey;
  QLabel* m_problem;
  QCheckBox* m_keep;
  QPushButton* m_unlock;
  QPushButton* m_useKeyring;
  QPushButton* m_sample;
  bool m_isTrying = false;  ///< What was given is being tried.
  bool m_isAfterLock = false;
  bool m_isKeyWanted = false;     ///< Once the passphrase has opened the store.
  bool m_isKeyringEmpty = false;  ///< It gave no key for an account that has one.
  int m_request = 0;              ///< Answers for an earlier store are dropped.
  bool m_hasKeyring = false;      ///< There is one on this desktop.
  QString m_why;                  ///< What was wrong with the last try.
  std::filesystem::path m_store;
  std::vector<Account> m_known;
  std::unique_ptr<DesktopKeyring> m_keyring;  ///< Of the store that is asked for.
  JobQueue m_jobs;                            ///< A server may take its time.
};

}  // namespace countersign::ui
