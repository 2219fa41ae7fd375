// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/DecisionTableModel.h"

#include <QIcon>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

void DecisionTableModel::show(std::vector<DecisionSummary> decisions) {
  beginResetModel();
  m_rows = std::move(decisions);
  endResetModel();
}

int DecisionTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int DecisionTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QString DecisionTableModel::textOf(const DecisionSummary& row, Column column) const {
  if (row.isErased && column != Time && column != Author)
    return column == Subject ? tr("Erased person") : QStringLiteral("–");
  switch (column) {
    case Time:
      return timeText(row.event.time);
    case Subject:
      return row.person ? personText(*row.person) : tr("Unknown person");
    case Recorded:
      return findingText(row.recorded);
    case Score:
      return row.score ? scoreText(*row.score) : QStringLiteral("–");
    case Author:
      return QString::fromStdString(row.event.author);
    case Note:
      return QString::fromStdString(row.note);
    case ColumnCount:
      break;
  }
  return {};
}

QVariant DecisionTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = m_rows[static_cast<std::size_t>(index.row())];
  // What is not known any more is none of the findings.
  if (role == kFindingRole) return row.isErased ? -2 : static_cast<int>(row.recorded);
  if (role == kSearchRole) {
    QString all;
    for (int c = 0; c < ColumnCount; ++c) all += textOf(row, static_cast<Column>(c)) + u' ';
    return all;
  }
  if (role == Qt::DecorationRole && index.column() == Recorded && !row.isErased)
    return icon(findingIcon(row.recorded), findingColour(row.recorded));
  if (role == Qt::ToolTipRole && index.column() == Recorded && !row.isErased &&
      row.finding != row.recorded)
    return tr("The program said: %1").arg(findingText(row.finding));
  if (role == Qt::TextAlignmentRole && index.column() == Score)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  return textOf(row, static_cast<Column>(index.column()));
}

QVariant DecisionTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant((section == Score ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (static_cast<Column>(section)) {
    case Time:
      return tr("Time");
    case Subject:
      return tr("Person");
    case Recorded:
      return tr("Decision");
    case Score:
      return tr("Similarity");
    case Author:
      return tr("By");
    case Note:
      return tr("Note");
    case ColumnCount:
      break;
  }
  return {};
}

}  // namespace countersign::ui
