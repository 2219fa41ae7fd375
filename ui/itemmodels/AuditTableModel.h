// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <map>
#include <vector>

#include "core/storage/Audit.h"

namespace countersign::ui {

/// Everything that happened in a store, newest first; holds a snapshot.
class AuditTableModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Sequence, Time, Account, Action, Subject, Details, ColumnCount };
  /// All texts of a row in one, for filtering.
  static constexpr int kSearchRole = Qt::UserRole;

  using QAbstractTableModel::QAbstractTableModel;

  /// @param rows   oldest first, as the audit gives them.
  /// @param people those on file, by whom rows name people.
  void show(std::vector<AuditRow> rows, const std::vector<PersonSummary>& people);
  const AuditRow& at(int row) const { return m_rows.at(static_cast<std::size_t>(row)); }
  /// Where the event of a number stands; -1: nowhere.
  int rowOf(std::int64_t sequence) const;
  /// Whom a row is about, in words; empty where it is about nobody.
  QString subjectOf(const AuditRow& row) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QString textOf(const AuditRow& row, Column column) const;
  std::vector<AuditRow> m_rows;
  std::map<PersonKey, QString> m_names;
};

/// What an action is called on the screen: "Threshold set". Unknown ones keep their name.
QString auditActionText(const std::string& action);

}  // namespace countersign::ui
