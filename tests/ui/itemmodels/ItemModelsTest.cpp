// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QAbstractItemModelTester>

#include "ui/itemmodels/CandidateTableModel.h"
#include "ui/itemmodels/DecisionTableModel.h"
#include "ui/itemmodels/PersonTableModel.h"

namespace countersign::ui {
namespace {

constexpr auto kFatal = QAbstractItemModelTester::FailureReportingMode::Fatal;

std::vector<PersonSummary> twoPeople() {
  return {{{{7}, "10342", "Ana Lindqvist"}, 5, {}}, {{{9}, "10417", "Tomasz Berger"}, 0, {}}};
}

TEST(PersonTableModel, KeepsTheItemModelContractAcrossSnapshots) {
  PersonTableModel model;
  const QAbstractItemModelTester tester(&model, kFatal);
  model.show(twoPeople());
  model.show({});
  model.show(twoPeople());
  ASSERT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.index(0, PersonTableModel::Signatures).data().toInt(), 5);
  EXPECT_EQ(model.index(1, 0).data(PersonTableModel::kSearchRole).toString(),
            "10417  Tomasz Berger");
  EXPECT_EQ(model.rowOf({9}), 1);
  EXPECT_EQ(model.rowOf({8}), -1);
  for (int column = 0; column < PersonTableModel::ColumnCount; ++column)
    EXPECT_FALSE(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
}

TEST(DecisionTableModel, KeepsTheItemModelContractAcrossSnapshots) {
  DecisionSummary known;
  known.key = {3};
  known.event.author = "ada";
  known.person = Person{{7}, "10342", "Ana Lindqvist"};
  known.score = 0.84;
  known.finding = Finding::Match;
  known.recorded = Finding::Refer;
  DecisionSummary unknown;
  DecisionTableModel model;
  const QAbstractItemModelTester tester(&model, kFatal);
  model.show({known, unknown});
  ASSERT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.index(0, DecisionTableModel::Score).data().toString(), "0.84");
  EXPECT_EQ(model.index(0, DecisionTableModel::Recorded).data().toString(), "Refer");
  EXPECT_TRUE(model.index(0, DecisionTableModel::Recorded)
                  .data(Qt::ToolTipRole)
                  .toString()
                  .contains("Match"))
      << "the person overruled the program";
  EXPECT_EQ(model.index(1, DecisionTableModel::Subject).data().toString(), "Unknown person");
  EXPECT_TRUE(model.index(0, 0).data(DecisionTableModel::kSearchRole).toString().contains("ada"));
  model.show({});
}

TEST(CandidateTableModel, SaysWhatEachScoreMeansAtTheThreshold) {
  CandidateTableModel model;
  const QAbstractItemModelTester tester(&model, kFatal);
  model.show(
      {{{{7}, "1", "A"}, {0.9}, 3}, {{{8}, "2", "B"}, {0.71}, 3}, {{{9}, "3", "C"}, {0.2}, 3}},
      {{0.7}, 0.05});
  ASSERT_EQ(model.rowCount(), 3);
  const auto meaning = [&](int row) {
    return model.index(row, CandidateTableModel::AtThreshold).data().toString();
  };
  EXPECT_EQ(meaning(0), "Above τ");
  EXPECT_EQ(meaning(1), "Too close to τ");
  EXPECT_EQ(meaning(2), "Not above τ");
  model.show({}, {});
}

}  // namespace
}  // namespace countersign::ui
