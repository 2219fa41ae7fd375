// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/MergeDialog.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/PersonPicker.h"

namespace countersign::ui {

MergeDialog::MergeDialog(const Person& from, const std::vector<PersonSummary>& people,
                         QWidget* parent)
    : QDialog(parent),
      m_from(from),
      m_picker(new PersonPicker),
      m_effect(new QLabel),
      m_merge(new QPushButton(tr("&Merge"))) {
  setWindowTitle(tr("Merge two people"));
  auto others = people;
  std::erase_if(others, [&](const PersonSummary& one) { return one.person.key == from.key; });
  m_picker->setPeople(others);
  auto* question = new QLabel(tr("&Who is the same person as %1?").arg(personText(from)));
  question->setBuddy(m_picker);
  question->setWordWrap(true);
  m_effect->setWordWrap(true);
  m_effect->setMinimumHeight(3 * fontMetrics().lineSpacing());
  m_effect->setAlignment(Qt::AlignTop);
  m_merge->setProperty("look", "primary");
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_merge, QDialogButtonBox::AcceptRole);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(question);
  layout->addWidget(m_picker);
  layout->addWidget(m_effect);
  layout->addWidget(buttons);
  constexpr int kWidth = 440;
  setMinimumWidth(kWidth);
  connect(m_picker, &PersonPicker::personChosen, this, &MergeDialog::render);
  connect(m_picker, &PersonPicker::personCleared, this, &MergeDialog::render);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    if (!m_picker->person()) return;
    Q_EMIT mergeWanted(m_from, *m_picker->person());
    accept();
  });
  render();
  m_picker->setFocus();
}

void MergeDialog::render() {
  const auto& into = m_picker->person();
  m_merge->setEnabled(into.has_value());
  m_effect->setText(
      into ? tr("%1 keeps identifier and name, and takes over all signatures and faces of %2, who "
                "goes off the file. Decisions stay as they were recorded.")
                 .arg(personText(*into), personText(m_from))
           : tr("Type any part of the identifier or the name."));
}

}  // namespace countersign::ui
