// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <vector>

#include "core/biometrics/Desk.h"

namespace countersign::ui {

/// Candidates of an identification, best first.
class CandidateTableModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Rank, Subject, Score, AtThreshold, ColumnCount };

  using QAbstractTableModel::QAbstractTableModel;

  void show(std::vector<Candidate> candidates, DecisionRule rule);
  const Candidate& at(int row) const { return m_rows.at(static_cast<std::size_t>(row)); }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<Candidate> m_rows;
  DecisionRule m_rule;
};

}  // namespace countersign::ui
