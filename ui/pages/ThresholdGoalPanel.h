// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>

#include "core/evaluation/ThresholdChoice.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;

namespace countersign::ui {

/// What is asked of a threshold, and what came of asking.
class ThresholdGoalPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ThresholdGoalPanel(QWidget* parent = nullptr);

  ThresholdGoal goal() const;
  /// Which kinds of non-mated trials there are.
  void setKinds(bool hasSkilled, bool hasRandom);
  /// Says what the choice is worth: what it costs, or that so few people cannot show it.
  void showChoice(const std::optional<ThresholdChoice>& choice);
  QString message() const;
  QPushButton* findButton() const { return m_find; }
  QComboBox* goalBox() const { return m_goal; }
  QDoubleSpinBox* targetBox() const { return m_target; }

 Q_SIGNALS:
  void wanted();
  /// Costs, their kind or the goal's kind were changed: the cost curve is another.
  void changed();

 private:
  void render();

  QComboBox* m_goal;
  QComboBox* m_against;
  QLabel* m_targetName;
  QDoubleSpinBox* m_target;
  std::array<QLabel*, 3> m_costNames;
  std::array<QDoubleSpinBox*, 3> m_costs;
  QPushButton* m_find;
  QLabel* m_message;
};

}  // namespace countersign::ui
