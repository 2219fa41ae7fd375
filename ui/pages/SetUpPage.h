// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/storage/Accounts.h"
#include "ui/support/RecoverySheet.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace countersign::ui {

class SecretField;

/// The first thing that an office sees: makes the store's first account, or encrypts a store of an
/// earlier version; then gives out the recovery key, once.
class SetUpPage final : public QWidget {
  Q_OBJECT

 public:
  explicit SetUpPage(QWidget* parent = nullptr);

  /// @param isOld  a store of an earlier version is there, not encrypted.
  void ask(const QString& folder, bool isOld);
  /// It was not done; what was typed is gone, but for the name.
  void showProblem(const QString& sentence);
  /// @param leftovers  files of before that are not encrypted.
  void showKey(const QString& key, const QStringList& leftovers);
  void start();
  /// Half-typed passphrases go.
  void forget();

  QLineEdit* name() const { return m_name; }
  SecretField* passphrase() const { return m_passphrase; }
  SecretField* again() const { return m_again; }
  QLabel* advice() const { return m_advice; }
  QPushButton* setUpButton() const { return m_setUp; }
  QPushButton* sampleButton() const { return m_sample; }
  QPushButton* serverButton() const { return m_server; }
  QLabel* key() const { return m_key; }
  QLabel* leftovers() const { return m_leftovers; }
  QCheckBox* kept() const { return m_kept; }
  QPushButton* openButton() const { return m_open; }
  /// Whether the recovery key is being given out.
  bool isShowingKey() const;
  Status saveKey(const QString& file);

 Q_SIGNALS:
  void setUpWanted(const countersign::NewAccount& account);
  void sampleOfficeWanted();
  /// The store is, or is to be, on a server.
  void serverWanted();
  /// The recovery key was put away.
  void done();
  void problem(const QString& sentence);

 private:
  QWidget* buildForm();
  QWidget* buildKey();
  void setUp();
  void render();
  void printKey();
  void chooseFile();

  bool m_isOld = false;
  bool m_isWorking = false;
  RecoverySheet m_sheet;
  QStackedWidget* m_stack;
  QLabel* m_title;
  QLabel* m_text;
  QLineEdit* m_name;
  SecretField* m_passphrase;
  SecretField* m_again;
  QLabel* m_advice;
  QPushButton* m_setUp;
  QPushButton* m_sample;
  QPushButton* m_server;
  QLabel* m_key;
  QLabel* m_leftovers;
  QCheckBox* m_kept;
  QPushButton* m_print;
  QPushButton* m_save;
  QPushButton* m_open;
};

}  // namespace countersign::ui
