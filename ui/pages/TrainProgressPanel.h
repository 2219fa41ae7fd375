// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace countersign {
struct BatchFinished;
struct BatchSeen;
struct EpochFinished;
}  // namespace countersign

namespace countersign::ui {

class CurvePlot;
class PairGallery;
class TrainingSession;

/// A training run while it goes on: curves, scores that part, the pairs that are hardest.
class TrainProgressPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit TrainProgressPanel(TrainingSession& training, QWidget* parent = nullptr);

  void start();
  QPushButton* pauseButton() const { return m_pause; }
  QPushButton* stopButton() const { return m_stop; }
  CurvePlot* lossPlot() const { return m_loss; }
  CurvePlot* errorPlot() const { return m_error; }
  CurvePlot* scorePlot() const { return m_scores; }
  PairGallery* hardest() const { return m_hardest; }
  QString text() const;

 private:
  void build();
  void render();
  void renderCurves();
  void showBatch(const BatchFinished& batch);
  void showScores(const BatchSeen& batch);
  void showEpoch(const EpochFinished& epoch);

  TrainingSession& m_training;
  QString m_going;         ///< Step, speed and time left.
  bool m_isShown = false;  ///< The run that goes on has been shown from its start.
  QLabel* m_title;
  QLabel* m_text;
  QProgressBar* m_bar;
  QPushButton* m_pause;
  QPushButton* m_stop;
  CurvePlot* m_loss;
  CurvePlot* m_error;
  CurvePlot* m_scores;
  CurvePlot* m_mix;
  PairGallery* m_hardest;
  QLabel* m_advice;
};

}  // namespace countersign::ui
