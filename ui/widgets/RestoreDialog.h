// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <filesystem>
#include <vector>

#include "core/storage/Backup.h"

class QLabel;
class QPushButton;
class QTableWidget;

namespace countersign::ui {

/// Asks which backup is to take the store's place, and says what that does.
class RestoreDialog final : public QDialog {
  Q_OBJECT

 public:
  /// @param folder  where backups are looked for first.
  explicit RestoreDialog(const std::filesystem::path& folder, QWidget* parent = nullptr);

  void lookIn(const std::filesystem::path& folder);
  QTableWidget* table() const { return m_table; }
  QPushButton* restoreButton() const { return m_restore; }

 Q_SIGNALS:
  void restoreWanted(const std::filesystem::path& backup);

 private:
  void render();

  std::vector<BackupSummary> m_backups;
  QLabel* m_folder;
  QTableWidget* m_table;
  QPushButton* m_restore;
};

}  // namespace countersign::ui
