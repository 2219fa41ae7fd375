// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <vector>

#include "core/biometrics/Records.h"

class QLabel;
class QPushButton;

namespace countersign::ui {

class PersonPicker;

/// Asks into whom a person, who is on file twice, is to be merged.
class MergeDialog final : public QDialog {
  Q_OBJECT

 public:
  MergeDialog(const Person& from, const std::vector<PersonSummary>& people,
              QWidget* parent = nullptr);

  PersonPicker* picker() const { return m_picker; }
  QPushButton* mergeButton() const { return m_merge; }

 Q_SIGNALS:
  void mergeWanted(const countersign::Person& from, const countersign::Person& into);

 private:
  void render();

  Person m_from;
  PersonPicker* m_picker;
  QLabel* m_effect;
  QPushButton* m_merge;
};

}  // namespace countersign::ui
