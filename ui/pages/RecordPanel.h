// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "core/biometrics/Repository.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace countersign::ui {

/// What the clerk makes of a verdict: three buttons and a note; once recorded, the record and what
/// may be done with it.
class RecordPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit RecordPanel(QWidget* parent = nullptr);

  /// Asks for a decision.
  ///
  /// @param advised  the one that the verdict suggests, if there is a verdict that may be recorded.
  /// @param why      said where the buttons are disabled for a reason that is not on the screen.
  void ask(std::optional<Finding> advised, const QString& why = {});
  /// Shows what was recorded instead of the buttons.
  void showRecorded(Finding finding, DecisionKey decision);

  QPushButton* button(Finding finding) const;
  QLineEdit* note() const { return m_note; }
  QPushButton* nextButton() const { return m_next; }

 Q_SIGNALS:
  void findingChosen(countersign::Finding finding);
  void reportWanted();
  void nextWanted();

 private:
  void showAsked(bool isAsked);

  QLineEdit* m_note;
  QPushButton* m_match;
  QPushButton* m_nonMatch;
  QPushButton* m_refer;
  QLabel* m_recorded;
  QPushButton* m_report;
  QPushButton* m_next;
};

}  // namespace countersign::ui
