// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QList>
#include <QPointer>

#include "core/base/Result.h"

class QLabel;

namespace countersign::ui {

/// A dialog whose input is there until it was saved: a server may be away, or somebody else may
/// have been first.
class SavingDialog : public QDialog {
  Q_OBJECT

 public:
  /// Closes it, or says what was wrong; what was typed stays.
  void answered(const Status& status);
  QLabel* problem() const { return m_problem; }
  bool isSaving() const { return !m_waiting.isEmpty(); }

 protected:
  explicit SavingDialog(QWidget* parent);
  /// What was asked for is being done; meanwhile nothing is asked for but to be closed.
  void startSaving();

 private:
  QList<QPointer<QWidget>> m_waiting;  ///< What can be used again when there is an answer.
  QPointer<QWidget> m_focus;           ///< Where somebody typed.
  QLabel* m_problem;                   ///< Put into the layout by whoever has one.
};

}  // namespace countersign::ui
