// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Finder.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/support/Theme.h"

namespace countersign::ui {

Finder::Finder(std::vector<FinderEntry> entries, QWidget* parent)
    : QDialog(parent),
      m_entries(std::move(entries)),
      m_input(new QLineEdit),
      m_list(new QListWidget) {
  setWindowTitle(tr("Find a command or a person"));
  m_input->setPlaceholderText(tr("Command, identifier or name"));
  m_input->setAccessibleName(windowTitle());
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setAccessibleName(tr("Found"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(m_input);
  layout->addWidget(m_list);
  constexpr QSize kSize(520, 400);
  resize(kSize);
  m_input->installEventFilter(this);
  connect(m_input, &QLineEdit::textChanged, this, &Finder::filter);
  connect(m_input, &QLineEdit::returnPressed, this, &Finder::act);
  connect(m_list, &QListWidget::itemClicked, this, &Finder::act);
  filter();
}

void Finder::filter() {
  const auto words = m_input->text().split(u' ', Qt::SkipEmptyParts);
  m_list->clear();
  constexpr int kMostShown = 50;
  for (std::size_t i = 0; i < m_entries.size() && m_list->count() < kMostShown; ++i) {
    const auto& entry = m_entries[i];
    const bool isFound = std::all_of(words.begin(), words.end(), [&](const QString& word) {
      return entry.text.contains(word, Qt::CaseInsensitive);
    });
    if (!isFound) continue;
    auto* item = new QListWidgetItem(
        icon(entry.icon),
        entry.shortcut.isEmpty() ? entry.text : tr("%1    %2").arg(entry.text, entry.shortcut));
    item->setData(Qt::UserRole, static_cast<int>(i));
    m_list->addItem(item);
  }
  m_list->setCurrentRow(0);
}

void Finder::act() {
  const auto* item = m_list->currentItem();
  if (item == nullptr) return;
  const auto act = m_entries[static_cast<std::size_t>(item->data(Qt::UserRole).toInt())].act;
  accept();
  act();
}

bool Finder::eventFilter(QObject* watched, QEvent* event) {
  if (watched == m_input && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int row = m_list->currentRow() + (key == Qt::Key_Down ? 1 : -1);
      m_list->setCurrentRow(std::clamp(row, 0, std::max(0, m_list->count() - 1)));
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

}  // namespace countersign::ui
