// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>
#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace countersign::ui {

/// Something that can be found and done, for example a page, an action or a person.
struct FinderEntry {
  QString text;
  QString shortcut;  ///< Shown at the right; may be empty.
  QString icon;
  std::function<void()> act;
};

/// Ctrl+K: type a few letters of a command or of a person, Enter does it.
class Finder final : public QDialog {
  Q_OBJECT

 public:
  Finder(std::vector<FinderEntry> entries, QWidget* parent);

  QLineEdit* input() const { return m_input; }
  QListWidget* list() const { return m_list; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void filter();
  void act();

  std::vector<FinderEntry> m_entries;
  QLineEdit* m_input;
  QListWidget* m_list;
};

}  // namespace countersign::ui
