// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/biometrics/Records.h"

namespace countersign::ui {

/// Recorded decisions, newest first; holds a snapshot.
class DecisionTableModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Time, Subject, Recorded, Score, Author, Note, ColumnCount };
  /// All texts of a row in one, for filtering.
  static constexpr int kSearchRole = Qt::UserRole;
  static constexpr int kFindingRole = Qt::UserRole + 1;

  using QAbstractTableModel::QAbstractTableModel;

  void show(std::vector<DecisionSummary> decisions);
  const DecisionSummary& at(int row) const { return m_rows.at(static_cast<std::size_t>(row)); }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QString textOf(const DecisionSummary& row, Column column) const;
  std::vector<DecisionSummary> m_rows;
};

}  // namespace countersign::ui
