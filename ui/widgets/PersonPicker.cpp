// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PersonPicker.h"

#include <QAbstractItemView>
#include <QAction>
#include <QCompleter>
#include <QKeyEvent>

#include "ui/itemmodels/PersonTableModel.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

PersonPicker::PersonPicker(QWidget* parent)
    : QLineEdit(parent),
      m_people(new PersonTableModel(this)),
      m_completer(new QCompleter(m_people, this)) {
  setPlaceholderText(tr("Person: type an identifier or a name"));
  setAccessibleName(tr("Person"));
  setClearButtonEnabled(true);
  m_completer->setCompletionRole(PersonTableModel::kSearchRole);
  m_completer->setFilterMode(Qt::MatchContains);
  m_completer->setCaseSensitivity(Qt::CaseInsensitive);
  constexpr int kShown = 12;
  m_completer->setMaxVisibleItems(kShown);
  setCompleter(m_completer);
  connect(m_completer, qOverload<const QModelIndex&>(&QCompleter::activated), this,
          [this](const QModelIndex& index) {
            take(m_people->rowOf({index.data(PersonTableModel::kKeyRole).toLongLong()}));
          });
  // textChanged, since the button that clears the field does not count as editing.
  connect(this, &QLineEdit::textChanged, this, [this](const QString& text) {
    if (!m_person || text == personText(*m_person)) return;
    m_person.reset();
    Q_EMIT personCleared();
  });
}

void PersonPicker::setPeople(const std::vector<PersonSummary>& people) {
  m_people->show(people);
  if (m_person && m_people->rowOf(m_person->key) < 0) clearPerson();
}

void PersonPicker::choose(PersonKey key) { take(m_people->rowOf(key)); }

void PersonPicker::clearPerson() {
  m_person.reset();
  clear();
}

void PersonPicker::take(int row) {
  if (row < 0) return;
  m_person = m_people->at(row).person;
  setText(personText(*m_person));
  Q_EMIT personChosen(*m_person);
}

void PersonPicker::takeBestMatch() {
  if (text().trimmed().isEmpty()) return;
  m_completer->setCompletionPrefix(text().trimmed());
  const auto first = m_completer->currentIndex();
  if (first.isValid()) take(m_people->rowOf({first.data(PersonTableModel::kKeyRole).toLongLong()}));
}

void PersonPicker::keyPressEvent(QKeyEvent* event) {
  const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (event->key() == Qt::Key_Down && text().isEmpty()) {
    m_completer->setCompletionPrefix({});
    m_completer->complete();
    return;
  }
  // With a proposal chosen in the list, Enter is the list's.
  const bool isChoosing =
      m_completer->popup()->isVisible() && m_completer->popup()->currentIndex().isValid();
  if (isEnter && !m_person && !isChoosing) {
    m_completer->popup()->hide();
    return takeBestMatch();
  }
  QLineEdit::keyPressEvent(event);
}

}  // namespace countersign::ui
