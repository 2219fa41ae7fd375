// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

class QLabel;
class QPushButton;
class QTableWidget;

namespace countersign {
struct KeptRun;
}

namespace countersign::ui {

class CurvePlot;
class TrainingSession;

/// The training runs that the store keeps: chosen ones are laid over each other, one that was
/// stopped goes on, one that ended is compared again.
class RunsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit RunsPanel(TrainingSession& training, QWidget* parent = nullptr);

  void start();
  QTableWidget* table() const { return m_table; }
  QPushButton* resumeButton() const { return m_resume; }
  QPushButton* compareButton() const { return m_compare; }
  QPushButton* discardButton() const { return m_discard; }
  CurvePlot* errorPlot() const { return m_error; }
  /// Writes the curves of a run as a table.
  bool exportCurves(const KeptRun& run, const QString& file);

 Q_SIGNALS:
  void problem(const QString& sentence);

 private:
  void build();
  std::vector<const KeptRun*> chosen() const;
  void renderRuns();
  void renderChosen();

  TrainingSession& m_training;
  QLabel* m_empty;
  QTableWidget* m_table;
  CurvePlot* m_error;
  CurvePlot* m_loss;
  QLabel* m_details;
  QPushButton* m_resume;
  QPushButton* m_compare;
  QPushButton* m_export;
  QPushButton* m_discard;
};

}  // namespace countersign::ui
