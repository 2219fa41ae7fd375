// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PolicyDialog.h"

#include <gtest/gtest.h>

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QPushButton>
#include <QTableWidget>
#include <QTest>
#include <limits>

namespace countersign::ui {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

class PolicyDialogTest : public testing::Test {
 protected:
  PolicyDialog& open(const DecisionPolicy& policy, bool mayChange = true) {
    m_dialog = std::make_unique<PolicyDialog>(NetworkInService{"net", {{0.5}, 0}, policy},
                                              ScoreRange{-1, 1}, nullptr, mayChange);
    QObject::connect(m_dialog.get(), &PolicyDialog::policyChosen, m_dialog.get(),
                     [this](const DecisionPolicy& chosen) { m_chosen = chosen; });
    m_dialog->show();
    return *m_dialog;
  }

  std::unique_ptr<PolicyDialog> m_dialog;
  std::optional<DecisionPolicy> m_chosen;
};

TEST_F(PolicyDialogTest, ShowsWhatIsInForceAndGivesItBackUnchanged) {
  const DecisionPolicy policy{{{500, {0.6}}, {5000, {0.7}}, {kNoLimit, {0.8}}}, true, 0.125};
  auto& dialog = open(policy);
  EXPECT_EQ(dialog.amounts()->rowCount(), 2);
  EXPECT_FALSE(dialog.largerBox()->isChecked());
  EXPECT_EQ(dialog.policy(), policy);
  EXPECT_FALSE(dialog.applyButton()->isEnabled()) << "nothing was changed";
}

TEST_F(PolicyDialogTest, RoundsNothingThatNobodyTouched) {
  const DecisionPolicy policy{{{500.005, {0.8236}}, {kNoLimit, {0.87654}}}, false, 0.01234};
  auto& dialog = open(policy);
  EXPECT_EQ(dialog.policy(), policy);
  EXPECT_FALSE(dialog.applyButton()->isEnabled()) << "nothing was changed";
  dialog.blindShare()->setValue(10);
  auto expected = policy;
  expected.blindShare = 0.1;
  EXPECT_EQ(dialog.policy(), expected);
  dialog.threshold(0)->setValue(0.9);
  EXPECT_EQ(dialog.policy().amounts[0].threshold.value, 0.9);
}

TEST_F(PolicyDialogTest, AddsAndRemovesAmountsByKeyboard) {
  auto& dialog = open({});
  EXPECT_FALSE(dialog.removeButton()->isEnabled());
  QTest::keyClick(dialog.addButton(), Qt::Key_Space);
  ASSERT_EQ(dialog.amounts()->rowCount(), 1);
  QTest::keyClicks(dialog.upTo(0), "2500");
  QTest::keyClick(dialog.upTo(0), Qt::Key_Tab);
  dialog.threshold(0)->setValue(0.65);
  QTest::keyClick(dialog.addButton(), Qt::Key_Space);
  EXPECT_EQ(dialog.upTo(1)->value(), 25000);
  dialog.upTo(1)->setValue(100);
  EXPECT_FALSE(dialog.applyButton()->isEnabled());
  EXPECT_TRUE(dialog.message().contains(QStringLiteral("above"))) << dialog.message().toStdString();
  dialog.amounts()->setCurrentCell(1, 0);
  QTest::keyClick(dialog.removeButton(), Qt::Key_Space);
  ASSERT_EQ(dialog.amounts()->rowCount(), 1);
  dialog.blindShare()->setValue(10);
  ASSERT_TRUE(dialog.applyButton()->isEnabled());
  dialog.applyButton()->click();
  ASSERT_TRUE(m_chosen);
  EXPECT_EQ(m_chosen->amounts, (std::vector<AmountBand>{{2500, {0.65}}})) << "larger: referred";
  EXPECT_DOUBLE_EQ(m_chosen->blindShare, 0.1);
  EXPECT_FALSE(m_chosen->isIndividual);
}

TEST_F(PolicyDialogTest, ChangesNothingInAStoreThatIsOnlyRead) {
  auto& dialog = open({}, false);
  dialog.blindShare()->setValue(10);
  EXPECT_FALSE(dialog.applyButton()->isEnabled());
  EXPECT_FALSE(dialog.addButton()->isEnabled());
  EXPECT_FALSE(dialog.message().isEmpty());
}

}  // namespace
}  // namespace countersign::ui
