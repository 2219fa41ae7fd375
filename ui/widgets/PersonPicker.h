// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <optional>

#include "core/biometrics/Records.h"

class QCompleter;

namespace countersign::ui {

class PersonTableModel;

/// Chooses a person by typing any part of the identifier or the name.
class PersonPicker final : public QLineEdit {
  Q_OBJECT

 public:
  explicit PersonPicker(QWidget* parent = nullptr);

  void setPeople(const std::vector<PersonSummary>& people);
  const std::optional<Person>& person() const { return m_person; }
  /// Chooses a person without asking; does nothing when they are not on file.
  void choose(PersonKey key);
  void clearPerson();

 Q_SIGNALS:
  void personChosen(const countersign::Person& person);
  /// The text was edited: nobody is chosen any more.
  void personCleared();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void take(int row);
  void takeBestMatch();

  PersonTableModel* m_people;
  QCompleter* m_completer;
  std::optional<Person> m_person;
};

}  // namespace countersign::ui
