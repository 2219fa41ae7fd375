// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QPushButton;
class QStackedWidget;

namespace countersign::ui {

class ComparisonPanel;
class OfficeSession;
class RunsPanel;
class TrainingSession;
class TrainProgressPanel;
class TrainSetupPanel;

/// Training from a folder of images to a network in service, one step at a time.
class TrainPage final : public QWidget {
  Q_OBJECT

 public:
  TrainPage(OfficeSession& office, TrainingSession& training, QWidget* parent = nullptr);

  void start();
  TrainSetupPanel* setup() const { return m_setup; }
  TrainProgressPanel* progress() const { return m_progress; }
  ComparisonPanel* comparison() const { return m_comparison; }
  RunsPanel* runs() const { return m_runs; }
  QPushButton* runsButton() const { return m_showRuns; }

 Q_SIGNALS:
  void problem(const QString& sentence);

 private:
  void render();

  TrainingSession& m_training;
  QStackedWidget* m_stack;
  TrainSetupPanel* m_setup;
  TrainProgressPanel* m_progress;
  ComparisonPanel* m_comparison;
  RunsPanel* m_runs;
  QPushButton* m_showRuns;
};

}  // namespace countersign::ui
