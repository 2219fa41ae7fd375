// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "ui/support/DecisionReport.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace countersign::ui {

class CompareView;
class DecisionFilter;
class DecisionTableModel;
class OfficeSession;
class ReferenceStrip;
class VerdictBanner;

/// Every recorded decision; one is opened again with its images and its score, worked out anew.
class HistoryPage final : public QWidget {
  Q_OBJECT

 public:
  explicit HistoryPage(OfficeSession& session, QWidget* parent = nullptr);

  void start();
  /// Reads the list anew, after a decision was recorded.
  void reload();
  void select(DecisionKey decision);
  /// The same, whatever was searched for.
  void show(DecisionKey decision);
  /// Asks where to, and writes the page of a decision.
  void saveReport(DecisionKey decision);

  QTableView* table() const { return m_table; }
  QLineEdit* search() const { return m_search; }
  QComboBox* findings() const { return m_findings; }
  const std::optional<DecisionFile>& shownDecision() const { return m_file; }

 Q_SIGNALS:
  void problem(const QString& sentence);
  void saved(const QString& sentence);
  void decisionShown();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  bool m_isStale = true;  ///< Decisions came that are not shown yet.
  /// Of the sample that a decision was about.
  Modality modalityOf(DecisionKey decision) const;
  void showDecision();
  void render();
  std::optional<DecisionKey> chosen() const;

  OfficeSession& m_session;
  std::optional<DecisionFile> m_file;
  bool m_isErased = false;  ///< The chosen one cannot be read any more.
  int m_request = 0;
  int m_listRequest = 0;

  QLineEdit* m_search;
  QComboBox* m_findings;
  DecisionTableModel* m_model;
  DecisionFilter* m_filter;
  QTableView* m_table;
  VerdictBanner* m_banner;
  ReferenceStrip* m_references;
  CompareView* m_compare;
  QLabel* m_details;
  QPushButton* m_report;
};

}  // namespace countersign::ui
