// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "core/biometrics/Desk.h"
#include "ui/support/SavingDialog.h"

class QDoubleSpinBox;
class QLineEdit;
class QPushButton;

namespace countersign::ui {

/// The τ of one person: what it is, where it comes from, and another one by hand, for a reason.
class PersonThresholdDialog final : public SavingDialog {
  Q_OBJECT

 public:
  /// @param range  of the network's scores.
  PersonThresholdDialog(const Person& person, const PersonRule& rule, const ScoreRange& range,
                        QWidget* parent = nullptr);

  QDoubleSpinBox* threshold() const { return m_threshold; }
  QLineEdit* reason() const { return m_reason; }
  QPushButton* applyButton() const { return m_apply; }
  QPushButton* clearButton() const { return m_clear; }

 Q_SIGNALS:
  void chosen(double threshold, const QString& reason);
  void cleared();

 private:
  QDoubleSpinBox* m_threshold;
  QLineEdit* m_reason;
  QPushButton* m_apply;
  QPushButton* m_clear;
};

/// Which τ a person is verified with and why, in one sentence.
QString personRuleText(const PersonRule& rule);

}  // namespace countersign::ui
