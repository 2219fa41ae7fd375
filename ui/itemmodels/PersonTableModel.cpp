// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/PersonTableModel.h"

#include <algorithm>

#include "ui/support/Formatting.h"

namespace countersign::ui {

namespace {

bool isCount(int column) {
  return column == PersonTableModel::Signatures || column == PersonTableModel::Faces;
}

}  // namespace

void PersonTableModel::show(std::vector<PersonSummary> people) {
  beginResetModel();
  m_rows = std::move(people);
  endResetModel();
}

int PersonTableModel::rowOf(PersonKey person) const {
  const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                  [&](const auto& row) { return row.person.key == person; });
  return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int PersonTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int PersonTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant PersonTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = m_rows[static_cast<std::size_t>(index.row())];
  if (role == kKeyRole) return static_cast<qlonglong>(row.person.key.value);
  if (role == kSearchRole) return personText(row.person);
  if (role == Qt::TextAlignmentRole && isCount(index.column()))
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (static_cast<Column>(index.column())) {
    case Identifier:
      return QString::fromStdString(row.person.identifier);
    case Name:
      return QString::fromStdString(row.person.name);
    case Signatures:
      return row.signatureReferences;
    case Faces:
      return row.faceReferences;
    case Enrolled:
      return timeText(row.enrolled);
    case ColumnCount:
      break;
  }
  return {};
}

QVariant PersonTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant((isCount(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (static_cast<Column>(section)) {
    case Identifier:
      return tr("Identifier");
    case Name:
      return tr("Name");
    case Signatures:
      return tr("Signatures");
    case Faces:
      return tr("Faces");
    case Enrolled:
      return tr("Enrolled");
    case ColumnCount:
      break;
  }
  return {};
}

}  // namespace countersign::ui
