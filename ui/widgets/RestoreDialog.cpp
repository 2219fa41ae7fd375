// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/RestoreDialog.h"

#include <QDateTime>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "ui/support/Theme.h"

namespace countersign::ui {

RestoreDialog::RestoreDialog(const std::filesystem::path& folder, QWidget* parent)
    : QDialog(parent),
      m_folder(new QLabel),
      m_table(new QTableWidget(0, 4)),
      m_restore(new QPushButton(tr("&Restore"))) {
  setWindowTitle(tr("Restore a backup"));
  m_folder->setWordWrap(true);
  m_table->setHorizontalHeaderLabels({tr("Made"), tr("People"), tr("References"), tr("Decisions")});
  m_table->verticalHeader()->hide();
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setTabKeyNavigation(false);
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  m_table->horizontalHeader()->setHighlightSections(false);
  m_table->setAccessibleName(tr("Backups, the newest first"));
  auto* effect = new QLabel(tr(
      "The backup takes the place of the whole store: what was enrolled, changed or decided since "
      "it was made is no longer there, and whoever was deleted since is on file again, unless the "
      "store is "
      "encrypted and their keys are gone. The store "
      "as it is now is kept in its folder, and can be restored in turn."));
  effect->setWordWrap(true);
  auto* elsewhere = new QPushButton(tr("&Look elsewhere…"));
  m_restore->setProperty("look", "primary");
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(elsewhere, QDialogButtonBox::ActionRole);
  buttons->addButton(m_restore, QDialogButtonBox::AcceptRole);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(m_folder);
  layout->addWidget(m_table, 1);
  layout->addWidget(effect);
  layout->addWidget(buttons);
  constexpr int kWidth = 560;
  constexpr int kHeight = 400;
  resize(kWidth, kHeight);
  connect(m_table, &QTableWidget::itemSelectionChanged, this, &RestoreDialog::render);
  connect(elsewhere, &QPushButton::clicked, this, [this] {
    const auto chosen = QFileDialog::getExistingDirectory(this, tr("Choose the folder of backups"));
    if (!chosen.isEmpty()) lookIn(chosen.toStdString());
  });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    const int row = m_table->currentRow();
    if (row < 0 || row >= static_cast<int>(m_backups.size())) return;
    Q_EMIT restoreWanted(m_backups[static_cast<std::size_t>(row)].folder);
    accept();
  });
  lookIn(folder);
}

void RestoreDialog::lookIn(const std::filesystem::path& folder) {
  m_backups = backupsIn(folder);
  // Somebody may have chosen the backup itself.
  if (m_backups.empty()) m_backups = backupsIn(folder.parent_path());
  const auto name = QString::fromStdString(folder.string());
  m_folder->setText(m_backups.empty() ? tr("There is no backup in %1.").arg(name)
                                      : tr("Backups in %1:").arg(name));
  m_table->setRowCount(static_cast<int>(m_backups.size()));
  const QLocale locale;
  for (int row = 0; row < m_table->rowCount(); ++row) {
    const auto& backup = m_backups[static_cast<std::size_t>(row)];
    const auto made = QDateTime::fromString(QString::fromStdString(backup.made), Qt::ISODate);
    const QString cells[] = {locale.toString(made.toLocalTime(), QLocale::ShortFormat),
                             locale.toString(backup.people), locale.toString(backup.references),
                             locale.toString(backup.decisions)};
    for (int column = 0; column < m_table->columnCount(); ++column) {
      auto* item = new QTableWidgetItem(cells[column]);
      item->setToolTip(QString::fromStdString(backup.folder.string()));
      if (column > 0) item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      m_table->setItem(row, column, item);
    }
  }
  if (!m_backups.empty()) m_table->setCurrentCell(0, 0);
  render();
}

void RestoreDialog::render() { m_restore->setEnabled(m_table->currentRow() >= 0); }

}  // namespace countersign::ui
