// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;
class QTableWidget;

namespace countersign::ui {

class OfficeSession;
class TrainingSession;
struct ComparedNetwork;
class WaitingPanel;

/// The last step of training: how the new network compares with the one in service, and the choice
/// between them.
class ComparisonPanel final : public QWidget {
  Q_OBJECT

 public:
  ComparisonPanel(OfficeSession& office, TrainingSession& training, QWidget* parent = nullptr);

  void start();
  QPushButton* promoteButton() const { return m_promote; }
  QPushButton* discardButton() const { return m_discard; }
  QPushButton* laterButton() const { return m_later; }
  QTableWidget* table() const { return m_table; }
  QString verdict() const;

 private:
  void build();
  void render();
  QString thresholdSentence(const ComparedNetwork& compared) const;
  void renderTable();

  OfficeSession& m_office;
  TrainingSession& m_training;
  QStackedWidget* m_stack;
  WaitingPanel* m_waiting;
  QLabel* m_title;
  QLabel* m_verdict;
  QLabel* m_threshold;
  QTableWidget* m_table;
  QPushButton* m_promote;
  QPushButton* m_later;
  QPushButton* m_discard;
};

}  // namespace countersign::ui
