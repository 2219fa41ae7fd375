// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/AuditTableModel.h"

#include <QCoreApplication>
#include <algorithm>

#include "ui/support/Formatting.h"

namespace countersign::ui {

namespace {

struct ActionName {
  const char* action;
  const char* text;
};
constexpr ActionName kActions[] = {
    {"open store", QT_TRANSLATE_NOOP("Audit", "Store opened")},
    {"failed to open store", QT_TRANSLATE_NOOP("Audit", "Wrong passphrase or key")},
    {"encrypt store", QT_TRANSLATE_NOOP("Audit", "Store encrypted")},
    {"upgrade store", QT_TRANSLATE_NOOP("Audit", "Store upgraded")},
    {"accept changed rows", QT_TRANSLATE_NOOP("Audit", "Changed store accepted")},
    {"back up", QT_TRANSLATE_NOOP("Audit", "Backed up")},
    {"restore backup", QT_TRANSLATE_NOOP("Audit", "Backup restored")},
    {"add account", QT_TRANSLATE_NOOP("Audit", "Account added")},
    {"remove account", QT_TRANSLATE_NOOP("Audit", "Account removed")},
    {"change passphrase", QT_TRANSLATE_NOOP("Audit", "Passphrase changed")},
    {"add desktop key", QT_TRANSLATE_NOOP("Audit", "Key put into a keyring")},
    {"remove desktop key", QT_TRANSLATE_NOOP("Audit", "Keyring's key taken away")},
    {"renew recovery key", QT_TRANSLATE_NOOP("Audit", "Recovery key renewed")},
    {"enrol", QT_TRANSLATE_NOOP("Audit", "Enrolled")},
    {"rename person", QT_TRANSLATE_NOOP("Audit", "Renamed")},
    {"set grounds of person", QT_TRANSLATE_NOOP("Audit", "Grounds set")},
    {"set usual grounds", QT_TRANSLATE_NOOP("Audit", "Usual grounds set")},
    {"remove reference", QT_TRANSLATE_NOOP("Audit", "Reference removed")},
    {"retire reference", QT_TRANSLATE_NOOP("Audit", "Reference removed")},
    {"bring reference back", QT_TRANSLATE_NOOP("Audit", "Reference restored")},
    {"restore reference", QT_TRANSLATE_NOOP("Audit", "Reference restored")},
    {"retire person", QT_TRANSLATE_NOOP("Audit", "Person removed")},
    {"retire erased person", QT_TRANSLATE_NOOP("Audit", "Person stays erased")},
    {"restore person", QT_TRANSLATE_NOOP("Audit", "Person restored")},
    {"erase person", QT_TRANSLATE_NOOP("Audit", "Person erased")},
    {"merge person away", QT_TRANSLATE_NOOP("Audit", "Merged away")},
    {"merge person in", QT_TRANSLATE_NOOP("Audit", "Merged in")},
    {"undo merge", QT_TRANSLATE_NOOP("Audit", "Merge undone")},
    {"decide", QT_TRANSLATE_NOOP("Audit", "Decision recorded")},
    {"set threshold", QT_TRANSLATE_NOOP("Audit", "Threshold set")},
    {"set policy", QT_TRANSLATE_NOOP("Audit", "Rules set")},
    {"set threshold of person", QT_TRANSLATE_NOOP("Audit", "Person's threshold set")},
    {"clear threshold of person", QT_TRANSLATE_NOOP("Audit", "Person's threshold taken away")},
    {"weigh by own people", QT_TRANSLATE_NOOP("Audit", "Weighed by own people")},
    {"weigh by card", QT_TRANSLATE_NOOP("Audit", "Weighed by the card")},
    {"embed references", QT_TRANSLATE_NOOP("Audit", "References embedded")},
    {"put network into service", QT_TRANSLATE_NOOP("Audit", "Network put into service")},
    {"keep network", QT_TRANSLATE_NOOP("Audit", "Network's file kept")},
    {"export people", QT_TRANSLATE_NOOP("Audit", "People exported")},
    {"export people: person", QT_TRANSLATE_NOOP("Audit", "Exported")},
    {"import people", QT_TRANSLATE_NOOP("Audit", "People imported")},
    {"export audit", QT_TRANSLATE_NOOP("Audit", "Audit exported")},
    {"export decision", QT_TRANSLATE_NOOP("Audit", "Decision written as PDF")},
};

}  // namespace

QString auditActionText(const std::string& action) {
  const auto* at = std::find_if(std::begin(kActions), std::end(kActions),
                                [&](const ActionName& one) { return one.action == action; });
  return at == std::end(kActions) ? QString::fromStdString(action)
                                  : QCoreApplication::translate("Audit", at->text);
}

void AuditTableModel::show(std::vector<AuditRow> rows, const std::vector<PersonSummary>& people) {
  beginResetModel();
  m_rows = std::move(rows);
  std::reverse(m_rows.begin(), m_rows.end());
  m_names.clear();
  for (const auto& summary : people) m_names[summary.person.key] = personText(summary.person);
  endResetModel();
}

int AuditTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AuditTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

int AuditTableModel::rowOf(std::int64_t sequence) const {
  const auto at = std::find_if(m_rows.begin(), m_rows.end(),
                               [&](const AuditRow& row) { return row.event.sequence == sequence; });
  return at == m_rows.end() ? -1 : static_cast<int>(at - m_rows.begin());
}

QString AuditTableModel::subjectOf(const AuditRow& row) const {
  QString text;
  if (row.person) {
    const auto known = m_names.find(*row.person);
    text = known != m_names.end() ? known->second : tr("person %1").arg(row.person->value);
  }
  if (row.action == "decide" && row.subject)
    text +=
        (text.isEmpty() ? QString() : QStringLiteral(", ")) + tr("decision %1").arg(*row.subject);
  return text;
}

QString AuditTableModel::textOf(const AuditRow& row, Column column) const {
  switch (column) {
    case Sequence:
      return QString::number(row.event.sequence);
    case Time:
      return timeText(row.event.time);
    case Account:
      return QString::fromStdString(row.event.author);
    case Action:
      return auditActionText(row.action);
    case Subject:
      return subjectOf(row);
    case Details:
      return QString::fromStdString(detailsText(row));
    case ColumnCount:
      break;
  }
  return {};
}

QVariant AuditTableModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto& row = m_rows[static_cast<std::size_t>(index.row())];
  if (role == kSearchRole) {
    QString all;
    for (int c = 0; c < ColumnCount; ++c) all += textOf(row, static_cast<Column>(c)) + u' ';
    return all;
  }
  if (role == Qt::TextAlignmentRole && index.column() == Sequence)
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ToolTipRole && index.column() == Details) return textOf(row, Details);
  if (role != Qt::DisplayRole) return {};
  return textOf(row, static_cast<Column>(index.column()));
}

QVariant AuditTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant((section == Sequence ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole) return {};
  switch (static_cast<Column>(section)) {
    case Sequence:
      return tr("No.");
    case Time:
      return tr("Time");
    case Account:
      return tr("By");
    case Action:
      return tr("What");
    case Subject:
      return tr("About");
    case Details:
      return tr("Details");
    case ColumnCount:
      break;
  }
  return {};
}

}  // namespace countersign::ui
