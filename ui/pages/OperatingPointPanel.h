// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <optional>

#include "ui/support/ThresholdEvidence.h"

class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QTableWidget;

namespace countersign::ui {

/// One threshold in figures: which one, who would match and who not, how often that is wrong, and
/// the deliberate act of putting it into force.
class OperatingPointPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit OperatingPointPanel(QWidget* parent = nullptr);

  /// @param service  what is in force, if anything is; only the network that made the scores may
  ///                 take their threshold.
  void showPoint(const ThresholdEvidence& evidence, double threshold,
                 const std::optional<NetworkInService>& service, bool mayChange);
  QTableWidget* counts() const { return m_counts; }
  QPushButton* applyButton() const { return m_apply; }

 Q_SIGNALS:
  void thresholdChanged(double threshold);
  void backWanted();
  void applyWanted();
  /// The comparisons behind a count are wanted.
  void countChosen(countersign::TrialKind kind, bool isMatch);

 private:
  void buildCounts();
  void renderCounts(const ThresholdTable& table, double threshold);

  QDoubleSpinBox* m_spin;
  QLabel* m_inForce;
  QPushButton* m_back;
  QPushButton* m_apply;
  QTableWidget* m_counts;
  std::array<QLabel*, 4> m_rates{};
};

}  // namespace countersign::ui
