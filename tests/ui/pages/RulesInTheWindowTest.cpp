// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QToolButton>

#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/BlindPanel.h"
#include "ui/pages/HistoryPage.h"
#include "ui/pages/LikenessPanel.h"
#include "ui/pages/NearestOthers.h"
#include "ui/pages/PeoplePage.h"
#include "ui/pages/RecordPanel.h"
#include "ui/pages/ThresholdPage.h"
#include "ui/pages/VerifyPage.h"
#include "ui/widgets/PersonThresholdDialog.h"
#include "ui/widgets/PolicyDialog.h"
#include "ui/widgets/ReferenceStrip.h"
#include "ui/widgets/ThresholdPanel.h"

namespace countersign::ui {
namespace {

/// Thresholds by amount and by person, and checks that the clerk answers first.
class RulesInTheWindow : public WindowFixture {
 protected:
  void SetUp() override {
    WindowFixture::SetUp();
    m_ada = enrol("1", "Ada", 4);
    m_page = m_window->verifyPage();
    m_window->showPage(MainWindow::Page::Verify);
    m_page->choosePerson(m_ada);
    ASSERT_TRUE(until([&] { return m_page->references()->count() == 3; }));
  }
  void setPolicy(const DecisionPolicy& policy) {
    m_session->setPolicy(policy);
    ASSERT_TRUE(until([&] { return m_session->service()->service.policy == policy; }));
  }
  void give(std::uint64_t index) {
    m_page->takeImage({drawing(4, index), {}});
    ASSERT_TRUE(until([&] { return m_page->examination().has_value(); }));
  }

  PersonKey m_ada;
  VerifyPage* m_page = nullptr;
};

TEST_F(RulesInTheWindow, TheClerkAnswersBeforeTheProgramDoes) {
  setPolicy({{}, false, 1});
  give(7);
  auto* blind = m_page->blindPanel();
  EXPECT_TRUE(blind->isVisible());
  EXPECT_FALSE(m_page->thresholdPanel()->isVisible());
  EXPECT_FALSE(m_page->recordPanel()->button(Finding::Match)->isVisible());
  EXPECT_FALSE(m_page->likenessPanel()->heatMapButton()->isEnabled()) << "it shows the score's why";
  EXPECT_EQ(m_page->references()->item(0)->text(), "1") << "no score beside a reference";
  EXPECT_EQ(m_page->probe(), nullptr) << "nor does the map of embeddings tell";
  // Giving the same image again does not get round it.
  give(7);
  ASSERT_TRUE(blind->isVisible());
  QTest::keyClick(blind->button(Finding::NonMatch), Qt::Key_Space);
  EXPECT_FALSE(blind->isVisible());
  EXPECT_TRUE(m_page->thresholdPanel()->isVisible());
  EXPECT_NE(m_page->references()->item(0)->text(), "1");
  QTest::mouseClick(m_page->recordPanel()->button(Finding::Match), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_page->recordPanel()->nextButton()->isVisible(); }));
  m_window->showPage(MainWindow::Page::History);
  ASSERT_TRUE(until([&] { return m_window->historyPage()->shownDecision().has_value(); }));
  const auto& summary = m_window->historyPage()->shownDecision()->decision.summary;
  EXPECT_EQ(summary.blind, Finding::NonMatch);
  EXPECT_EQ(summary.recorded, Finding::Match);
  m_window->showPage(MainWindow::Page::Threshold);
  auto* threshold = m_window->thresholdPage();
  ASSERT_TRUE(until([&] { return !threshold->blindChecks().isEmpty(); }));
  EXPECT_TRUE(threshold->blindChecks().contains(QStringLiteral("missed 100 %")))
      << threshold->blindChecks().toStdString();

  // Whoever records the same image again knows by now what the program says.
  m_window->showPage(MainWindow::Page::Verify);
  m_page->recordPanel()->nextButton()->click();
  ASSERT_TRUE(until([&] { return !m_page->examination().has_value(); }));
  give(7);
  EXPECT_FALSE(blind->isVisible());
  QTest::mouseClick(m_page->recordPanel()->button(Finding::Match), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_page->recordPanel()->nextButton()->isVisible(); }));
  m_window->showPage(MainWindow::Page::History);
  auto* decisions = m_window->historyPage()->table();
  ASSERT_TRUE(until([&] { return decisions->model()->rowCount() == 2; }));
  decisions->selectRow(0);
  ASSERT_TRUE(until([&] {
    const auto& shown = m_window->historyPage()->shownDecision();
    return shown && shown->decision.summary.key.value == 2;
  }));
  EXPECT_FALSE(m_window->historyPage()->shownDecision()->decision.summary.blind);
}

TEST_F(RulesInTheWindow, NobodyIsAskedWhereNoCheckIsBlind) {
  give(7);
  EXPECT_FALSE(m_page->blindPanel()->isVisible());
  EXPECT_TRUE(m_page->thresholdPanel()->isVisible());
}

TEST_F(RulesInTheWindow, TheAmountDecidesWhichThresholdHolds) {
  EXPECT_FALSE(m_page->amount()->isVisible());
  setPolicy({{{500, {-0.5}}, {5000, {0.999}}}, false, 0});
  EXPECT_TRUE(m_page->amount()->isVisible());
  give(7);
  EXPECT_EQ(m_page->examination()->applied.source, ThresholdSource::Office);
  m_page->amount()->setFocus();
  m_page->amount()->selectAll();
  QTest::keyClicks(m_page->amount(), "400");
  QTest::keyClick(m_page->amount(), Qt::Key_Return);
  ASSERT_TRUE(
      until([&] { return m_page->examination() && m_page->examination()->applied.amount == 400; }));
  EXPECT_EQ(m_page->examination()->finding, Finding::Match);
  EXPECT_EQ(m_page->thresholdPanel()->threshold(), -0.5);
  EXPECT_FALSE(m_page->thresholdPanel()->applyButton()->isVisible());
  m_page->amount()->setValue(6000);
  ASSERT_TRUE(until(
      [&] { return m_page->examination() && m_page->examination()->applied.isAlwaysReferred; }));
  EXPECT_EQ(m_page->examination()->finding, Finding::Refer);
  QTest::mouseClick(m_page->recordPanel()->button(Finding::Refer), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_page->recordPanel()->nextButton()->isVisible(); }));
  m_page->recordPanel()->nextButton()->click();
  EXPECT_EQ(m_page->amount()->value(), 0) << "the next check is about another amount";
}

TEST_F(RulesInTheWindow, AnAmountIsOfOneCaseAlone) {
  setPolicy({{{500, {-0.5}}, {5000, {0.999}}}, false, 0});
  give(7);
  m_page->amount()->setValue(400);
  ASSERT_TRUE(
      until([&] { return m_page->examination() && m_page->examination()->applied.amount == 400; }));
  m_page->takeImage({drawing(4, 8), {}});
  ASSERT_TRUE(until([&] { return m_page->examination().has_value(); }));
  EXPECT_EQ(m_page->examination()->applied.amount, 400) << "a better scan of the same cheque";
  QTest::mouseClick(m_page->recordPanel()->button(Finding::Match), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_page->recordPanel()->nextButton()->isVisible(); }));
  m_page->takeImage({drawing(4, 9), {}});
  ASSERT_TRUE(until([&] { return m_page->examination().has_value(); }));
  EXPECT_EQ(m_page->amount()->value(), 0) << "the next cheque";
  EXPECT_FALSE(m_page->examination()->applied.amount.has_value());
}

TEST_F(RulesInTheWindow, OthersAreNotNamedBeforeTheClerkAnsweredAboutThem) {
  for (const std::uint64_t other : {2, 3, 5, 6})
    enrol(std::to_string(other), "Other " + std::to_string(other), other);
  setPolicy({{}, false, 1});
  give(7);
  m_page->blindPanel()->button(Finding::Match)->click();
  auto* others = m_page->nearestOthers();
  QSignalSpy found(others, &NearestOthers::found);
  ASSERT_TRUE(until([&] { return found.count() > 0; }));
  EXPECT_TRUE(others->others().empty()) << "each of them would be a blind check of its own";
  EXPECT_FALSE(others->text().contains(QStringLiteral("Other")));
  EXPECT_FALSE(others->text().contains(QStringLiteral("Nobody else")));
}

TEST_F(RulesInTheWindow, RulesAreSetOnTheThresholdPageAndTakenBack) {
  m_window->showPage(MainWindow::Page::Threshold);
  m_window->thresholdPage()->policyButton()->click();
  auto* dialog = m_window->findChild<PolicyDialog*>();
  ASSERT_NE(dialog, nullptr);
  dialog->addButton()->click();
  dialog->applyButton()->click();
  ASSERT_TRUE(until([&] { return !m_session->service()->service.policy.amounts.empty(); }));
  m_session->undo();
  EXPECT_TRUE(until([&] { return m_session->service()->service.policy.amounts.empty(); }));
}

TEST_F(RulesInTheWindow, OnePersonHasAThresholdForAReason) {
  m_window->showPage(MainWindow::Page::People);
  auto* page = m_window->peoplePage();
  page->select(m_ada);
  ASSERT_TRUE(until([&] { return page->thresholdButton()->isEnabled(); }));
  EXPECT_TRUE(page->details().contains(QStringLiteral("the office's")));
  page->thresholdButton()->click();
  auto* dialog = page->findChild<PersonThresholdDialog*>();
  ASSERT_NE(dialog, nullptr);
  dialog->threshold()->setValue(0.912);
  EXPECT_FALSE(dialog->applyButton()->isEnabled()) << "no reason yet";
  QTest::keyClicks(dialog->reason(), "often forged");
  dialog->applyButton()->click();
  ASSERT_TRUE(until([&] { return page->details().contains(QStringLiteral("often forged")); }));
  give(7);
  EXPECT_EQ(m_page->examination()->applied.rule.threshold.value, 0.912);
  EXPECT_EQ(m_page->examination()->applied.source, ThresholdSource::ByHand);
  ASSERT_TRUE(until([&] { return page->thresholdButton()->isEnabled(); }));
  page->thresholdButton()->click();
  for (auto* open : page->findChildren<PersonThresholdDialog*>())
    if (open->isVisible()) open->clearButton()->click();
  EXPECT_TRUE(until([&] { return page->details().contains(QStringLiteral("the office's")); }));
  m_session->undo();
  EXPECT_TRUE(until([&] { return page->details().contains(QStringLiteral("often forged")); }));
}

}  // namespace
}  // namespace countersign::ui
