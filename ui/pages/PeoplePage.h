// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <functional>
#include <optional>

#include "core/biometrics/Desk.h"
#include "core/office/FolderImport.h"
#include "core/storage/Audit.h"
#include "ui/support/ImageLoading.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;

namespace countersign::ui {

class EnrolPanel;
class OfficeSession;
class SavingDialog;
class PersonTableModel;
class ReferenceStrip;

/// Who is on file, with which references; and enrolment.
class PeoplePage final : public QWidget {
  Q_OBJECT

 public:
  explicit PeoplePage(OfficeSession& session, QWidget* parent = nullptr);

  void start();
  void select(PersonKey person);
  /// Opens enrolment for a new person, or for somebody on file.
  void enrol(const std::optional<Person>& person, const QString& identifier = {});
  bool isEnrolling() const;

  QLineEdit* search() const { return m_search; }
  QTableView* table() const { return m_table; }
  EnrolPanel* enrolPanel() const { return m_enrolPanel; }
  ReferenceStrip* references() const { return m_references; }
  QPushButton* mergeButton() const { return m_merge; }
  QPushButton* thresholdButton() const { return m_threshold; }
  QString details() const;
  QPushButton* importButton() const { return m_import; }
  QPushButton* removePersonButton() const { return m_removePerson; }
  QPushButton* removeReferenceButton() const { return m_removeReference; }
  QPushButton* groundsButton() const { return m_grounds; }
  QPushButton* eraseButton() const { return m_erase; }
  QPushButton* dueButton() const { return m_due; }
  /// Goes on once somebody chose a file and a passphrase.
  void exportTo(const QString& file, const std::vector<PersonKey>& people);
  void importFrom(const QString& file);

 Q_SIGNALS:
  void problem(const QString& sentence);
  void verifyWanted(countersign::PersonKey person);
  void notice(const QString& sentence);

 private:
  QWidget* buildList();
  std::optional<Person> chosen() const;
  void showPerson();
  void removePerson();
  /// Asks with whom the chosen person is to be merged.
  void askMerge();
  void merge(const Person& from, const Person& into);
  void chooseFolder();
  void tellImport(const FolderImport& result);
  void tell(const QString& title, const QStringList& sentences);
  void chooseExport(bool isEverybody);
  void chooseImport();
  void askGrounds();
  /// What a person is kept on, and whoever is enrolled.
  struct KnownGrounds;
  void openGrounds(const KnownGrounds& known);
  void askErasure(const std::vector<Person>& people);
  /// Offers the receipt of what was erased.
  void offerReceipt(const ErasureReceipt& receipt, const AuditHead& head);
  std::vector<Person> duePeople() const;
  void removeReference();
  /// Asks for another τ for the chosen person.
  void askThreshold();
  /// Tells a dialog what came of its change; the page, when the dialog was closed meanwhile.
  ///
  /// @param wasSecond  called when somebody else was first.
  std::function<void(const Status&)> answerOf(SavingDialog* dialog,
                                              std::function<void()> wasSecond);
  void renderActions();

  OfficeSession& m_session;
  std::vector<Reference> m_onFile;
  std::optional<PersonRule> m_rule;  ///< Of the shown person.
  int m_request = 0;
  PersonKey m_shown;

  QStackedWidget* m_stack;
  QLineEdit* m_search;
  PersonTableModel* m_model;
  QSortFilterProxyModel* m_filter;
  QTableView* m_table;
  QLabel* m_count;
  QLabel* m_name;
  QLabel* m_details;
  ReferenceStrip* m_references;
  QLabel* m_referenceText;
  QPushButton* m_enrol;
  QPushButton* m_add;
  QPushButton* m_verify;
  QPushButton* m_removeReference;
  QPushButton* m_removePerson;
  QPushButton* m_merge;
  QPushButton* m_threshold;
  QPushButton* m_import;
  QPushButton* m_export;
  QPushButton* m_grounds;
  QPushButton* m_erase;
  QPushButton* m_due;
  EnrolPanel* m_enrolPanel;
};

}  // namespace countersign::ui
