// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/CandidateTableModel.h"

#include <QIcon>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

void CandidateTableModel::show(std::vector<Candidate> candidates, DecisionRule rule) {
  beginResetModel();
  m_rows = std::move(candidates);
  m_rule = rule;
  endResetModel();
}

int CandidateTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CandidateTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant CandidateTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = m_rows[static_cast<std::size_t>(index.row())];
  const auto finding = findingOf(decide(row.score, m_rule));
  if (role == Qt::DecorationRole && index.column() == AtThreshold)
    return icon(findingIcon(finding), findingColour(finding));
  if (role == Qt::TextAlignmentRole && (index.column() == Rank || index.column() == Score))
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (static_cast<Column>(index.column())) {
    case Rank:
      return index.row() + 1;
    case Subject:
      return personText(row.person);
    case Score:
      return scoreText(row.score.value);
    case AtThreshold:
      return finding == Finding::Match   ? tr("Above τ")
             : finding == Finding::Refer ? tr("Too close to τ")
                                         : tr("Not above τ");
    case ColumnCount:
      break;
  }
  return {};
}

QVariant CandidateTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant((section == Rank || section == Score ? Qt::AlignRight : Qt::AlignLeft) |
                    Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (static_cast<Column>(section)) {
    case Rank:
      return tr("Rank");
    case Subject:
      return tr("Person");
    case Score:
      return tr("Similarity");
    case AtThreshold:
      return tr("At τ in force");
    case ColumnCount:
      break;
  }
  return {};
}

}  // namespace countersign::ui
