// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "core/biometrics/ComparisonScore.h"
#include "core/evaluation/ThresholdTable.h"

class QCustomPlot;
class QCPItemLine;
class QCPItemRect;
class QCPItemText;
class QCPItemTracer;

namespace countersign::ui {

/// The axis of scores: the network's distributions of mated, skilled and random comparisons, the
/// score at hand, the threshold in force, and the threshold that is being tried, which is dragged
/// with the mouse or moved with the keys: arrows by 0.01, with Shift by 0.001, Home to the
/// network's default, Escape back to the one in force.
class ThresholdPlot final : public QWidget {
  Q_OBJECT

 public:
  explicit ThresholdPlot(QWidget* parent = nullptr);

  /// Distributions to show; null for none.
  void setTable(std::shared_ptr<const ThresholdTable> table);
  void setRule(const DecisionRule& inForce, double networkDefault);
  void setScore(std::optional<double> score);

  double threshold() const { return m_threshold; }
  /// Tries a threshold, rounded to a thousandth and kept on the axis.
  void setThreshold(double threshold);

  QSize sizeHint() const override { return {360, 200}; }

 Q_SIGNALS:
  void thresholdChanged(double threshold);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void applyColours();
  void drawDistributions();
  void placeMarkers();
  void dragTo(double pixel);

  std::shared_ptr<const ThresholdTable> m_table;
  DecisionRule m_inForce;
  double m_default = 0;
  double m_threshold = 0;
  std::optional<double> m_score;

  QCustomPlot* m_plot;
  QCPItemRect* m_band;
  QCPItemLine* m_inForceLine;
  QCPItemLine* m_thresholdLine;
  QCPItemText* m_thresholdLabel;
  QCPItemLine* m_scoreLine;
  QCPItemText* m_scoreLabel;
};

}  // namespace countersign::ui
