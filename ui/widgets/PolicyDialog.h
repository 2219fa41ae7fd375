// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <memory>

#include "core/biometrics/Records.h"
#include "core/evaluation/ThresholdTable.h"
#include "core/metric/NetworkCard.h"
#include "ui/support/SavingDialog.h"

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QTableWidget;

namespace countersign::ui {

/// Thresholds by amount and by person, and the share of checks in which the clerk answers first.
class PolicyDialog final : public SavingDialog {
  Q_OBJECT

 public:
  /// @param range  of the network's scores.
  /// @param table  what a τ costs; may be null.
  PolicyDialog(const NetworkInService& service, const ScoreRange& range,
               std::shared_ptr<const ThresholdTable> table, bool mayChange,
               QWidget* parent = nullptr);

  DecisionPolicy policy() const;
  QTableWidget* amounts() const { return m_amounts; }
  QDoubleSpinBox* upTo(int row) const;
  QDoubleSpinBox* threshold(int row) const;
  QPushButton* addButton() const { return m_add; }
  QPushButton* removeButton() const { return m_remove; }
  QPushButton* applyButton() const { return m_apply; }
  QCheckBox* largerBox() const { return m_referLarger; }
  QCheckBox* individualBox() const { return m_individual; }
  QDoubleSpinBox* blindShare() const { return m_blindShare; }
  QString message() const;

 Q_SIGNALS:
  void policyChosen(const countersign::DecisionPolicy& policy);

 private:
  QWidget* buildAmounts();
  void addBand(double upTo, double threshold);
  void render();

  NetworkInService m_service;
  ScoreRange m_range;
  std::shared_ptr<const ThresholdTable> m_table;
  bool m_mayChange;
  QTableWidget* m_amounts;
  QPushButton* m_add;
  QPushButton* m_remove;
  QCheckBox* m_referLarger;
  QDoubleSpinBox* m_largerThreshold;
  QLabel* m_largerCost;
  QCheckBox* m_individual;
  QDoubleSpinBox* m_blindShare;
  QLabel* m_message;
  QPushButton* m_apply;
};

}  // namespace countersign::ui
