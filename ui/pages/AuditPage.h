// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>
#include <optional>

#include "core/storage/Audit.h"

class QComboBox;
class QDateEdit;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace countersign::ui {

class AuditFilterModel;
class AuditTableModel;
class OfficeSession;

/// Who did what and when: searched, filtered by account, action and day, verified, and taken out as
/// a table or on paper. A decision is opened where its score is worked out anew.
class AuditPage final : public QWidget {
  Q_OBJECT

 public:
  explicit AuditPage(OfficeSession& session, QWidget* parent = nullptr);

  void start();
  /// Shows what was about one person, or what one account did.
  void showPerson(PersonKey person);

  QTableView* table() const { return m_table; }
  QLineEdit* search() const { return m_search; }
  QComboBox* accounts() const { return m_accounts; }
  QComboBox* actions() const { return m_actions; }
  QPushButton* verifyButton() const { return m_verify; }
  QPushButton* decisionButton() const { return m_decision; }
  QPushButton* personButton() const { return m_person; }
  QLabel* state() const { return m_state; }
  /// Writes what is shown.
  void saveCsv(const QString& file);
  void savePdf(const QString& file);
  /// Adds time and head to a file.
  void appendHead(const QString& file);

 Q_SIGNALS:
  void problem(const QString& sentence);
  void notice(const QString& sentence);
  void decisionWanted(countersign::DecisionKey decision);
  /// Rows were read, or could not be.
  void loaded();

 private:
  void build();
  void reload();
  void verify();
  void render();
  /// Rows that are shown, newest first.
  std::vector<const AuditRow*> shown() const;
  QString filterText() const;
  /// Enters it into the history, then writes the file, off the GUI thread.
  void save(std::function<Status()> write, const QString& file);
  void narrow();
  void showEverybody();

  OfficeSession& m_session;
  int m_request = 0;
  std::optional<AuditHead> m_head;
  QString m_verified;
  bool m_isVerifying = false;

  QLineEdit* m_search;
  QComboBox* m_accounts;
  QComboBox* m_actions;
  QDateEdit* m_from;
  QDateEdit* m_to;
  AuditTableModel* m_model;
  AuditFilterModel* m_filter;
  QTableView* m_table;
  QLabel* m_details;
  QLabel* m_state;
  QPushButton* m_decision;
  QPushButton* m_person;
  QPushButton* m_verify;
  QPushButton* m_noteHead;
  QPushButton* m_csv;
  QPushButton* m_pdf;
};

}  // namespace countersign::ui
