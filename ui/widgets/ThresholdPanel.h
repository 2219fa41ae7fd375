// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <memory>
#include <optional>

#include "core/biometrics/ComparisonScore.h"
#include "core/evaluation/ThresholdTable.h"

class QLabel;
class QPushButton;

namespace countersign::ui {

class ThresholdPlot;

/// The threshold on its axis with what it costs, and the deliberate act of putting another one into
/// force.
class ThresholdPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ThresholdPanel(QWidget* parent = nullptr);

  void showRule(std::shared_ptr<const ThresholdTable> table, const DecisionRule& inForce,
                double networkDefault, bool mayChange);
  void setScore(std::optional<double> score);
  ThresholdPlot* plot() const { return m_plot; }
  double threshold() const;
  bool isTrying() const;
  /// Back to the threshold in force.
  void reset();
  QPushButton* applyButton() const { return m_apply; }
  QString costText(int row) const;

 Q_SIGNALS:
  void thresholdChanged(double threshold);
  void ruleChosen(const countersign::DecisionRule& rule);

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void renderNames();
  void render();

  std::shared_ptr<const ThresholdTable> m_table;
  DecisionRule m_inForce;
  double m_default = 0;
  bool m_mayChange = false;
  ThresholdPlot* m_plot;
  QLabel* m_state;
  std::array<QLabel*, 3> m_names;
  std::array<QLabel*, 3> m_rates;
  QLabel* m_evidence;
  QPushButton* m_apply;
  QPushButton* m_back;
};

}  // namespace countersign::ui
