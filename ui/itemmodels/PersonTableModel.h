// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <optional>
#include <vector>

#include "core/biometrics/Records.h"

namespace countersign::ui {

/// People on file; holds a snapshot.
class PersonTableModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Identifier, Name, Signatures, Faces, Enrolled, ColumnCount };
  /// Identifier and name in one text, for searching and completion.
  static constexpr int kSearchRole = Qt::UserRole;
  static constexpr int kKeyRole = Qt::UserRole + 1;

  using QAbstractTableModel::QAbstractTableModel;

  void show(std::vector<PersonSummary> people);
  const PersonSummary& at(int row) const { return m_rows.at(static_cast<std::size_t>(row)); }
  /// Row of a person, or −1.
  int rowOf(PersonKey person) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<PersonSummary> m_rows;
};

}  // namespace countersign::ui
