// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ThresholdPage.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>

#include "core/base/File.h"
#include "tests/support/TestNetwork.h"
#include "tests/support/TestOffice.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/ThresholdGoalPanel.h"
#include "ui/support/ThresholdViews.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/PairGallery.h"
#include "ui/widgets/Plot.h"

namespace countersign::ui {
namespace {

/// A store with people, whose own references are the evidence: the test network's card has none.
class ThresholdOfOwnPeople : public WindowFixture {
 protected:
  void SetUp() override {
    WindowFixture::SetUp();
    for (const int person : {1, 2, 3})
      enrol(std::to_string(person), "Person " + std::to_string(person),
            static_cast<std::uint64_t>(person), 4);
    m_page = m_window->thresholdPage();
  }

  void showOwn() {
    m_window->showPage(MainWindow::Page::Threshold);
    ASSERT_TRUE(until([&] { return !m_page->isWaiting(); }));
    const int row = m_page->sourceBox()->findData(static_cast<int>(EvidenceSource::Store));
    m_page->sourceBox()->setCurrentIndex(row);
    Q_EMIT m_page->sourceBox()->activated(row);
    ASSERT_TRUE(until([&] {
      return !m_page->isWaiting() && m_page->provenance().contains(QStringLiteral("on file"));
    }));
  }

  int count(int row, int column) const {
    return m_page->counts()->item(row, column)->text().toInt();
  }

  ThresholdPage* m_page = nullptr;
};

TEST_F(ThresholdOfOwnPeople, SaysWhatItRestsOn) {
  showOwn();
  EXPECT_TRUE(m_page->provenance().contains(QStringLiteral("3 people")))
      << m_page->provenance().toStdString();
  EXPECT_EQ(count(0, 0) + count(0, 1), 12) << "each of twelve references against its others";
  EXPECT_EQ(count(2, 0) + count(2, 1), 24) << "and against two other people";
}

TEST_F(ThresholdOfOwnPeople, FollowsOnePointEverywhere) {
  showOwn();
  auto* plot = m_page->distributions();
  QTest::mousePress(plot->plot(), Qt::LeftButton, {}, plot->plot()->rect().center());
  const QPoint to = plot->plot()->rect().center() + QPoint(40, 0);
  QTest::mouseMove(plot->plot(), to);
  QMouseEvent drag(QEvent::MouseMove, to, plot->plot()->mapToGlobal(to), Qt::NoButton,
                   Qt::LeftButton, {});
  QApplication::sendEvent(plot->plot(), &drag);
  QTest::mouseRelease(plot->plot(), Qt::LeftButton, {}, to);
  EXPECT_NEAR(m_page->threshold(), plot->plot()->xAxis->pixelToCoord(to.x()), 1e-9);
  EXPECT_NEAR(plot->markerPosition().x(), to.x(), 1);
  EXPECT_NEAR(
      m_page->curves(0)->plot()->xAxis->pixelToCoord(m_page->curves(0)->markerPosition().x()),
      m_page->threshold(), 1e-6);
  // The keyboard does the same. (A random network's scores lie close together.)
  const double before = m_page->threshold();
  QTest::keyClick(m_page->curves(0), Qt::Key_Left, Qt::ShiftModifier);
  EXPECT_NEAR(m_page->threshold(), before - 0.001, 1e-9);
  QTest::keyClick(m_page->curves(1), Qt::Key_Right, Qt::ShiftModifier);
  EXPECT_NEAR(m_page->threshold(), before, 1e-9);
}

TEST_F(ThresholdOfOwnPeople, ShowsTheTrialsBehindACount) {
  showOwn();
  m_page->setThreshold(2);  // nothing matches: every own sample is missed
  ASSERT_EQ(count(0, 1), 12);
  m_page->counts()->setFocus();
  m_page->counts()->setCurrentCell(0, 1);
  QTest::keyClick(m_page->counts(), Qt::Key_Return);
  EXPECT_TRUE(until([&] { return m_page->gallery()->itemCount() == 12; }));
  const auto rect = m_page->counts()->visualItemRect(m_page->counts()->item(2, 0));
  QTest::mouseClick(m_page->counts()->viewport(), Qt::LeftButton, {}, rect.center());
  EXPECT_EQ(count(2, 0), 0) << "nobody else matches";
  EXPECT_EQ(m_page->galleryTitle(), QStringLiteral("No samples of other people there."));
}

TEST_F(ThresholdOfOwnPeople, ShowsTheTrialsBehindABar) {
  showOwn();
  auto* plot = m_page->distributions();
  m_page->setThreshold(2);
  const double before = m_page->threshold();
  // Somewhere along the axis there is a bar of own samples.
  const auto* axes = plot->plot()->axisRect();
  for (int x = axes->right() - 2; x > axes->left() && m_page->gallery()->itemCount() == 0; x -= 3) {
    QTest::mouseClick(plot->plot(), Qt::LeftButton, {}, QPoint(x, axes->center().y()));
    QTest::qWait(20);
  }
  EXPECT_TRUE(until([&] { return m_page->gallery()->itemCount() > 0; }));
  EXPECT_EQ(m_page->threshold(), before) << "a click moves no threshold";
}

TEST_F(ThresholdOfOwnPeople, FindsAndPutsIntoForceWhatIsAskedFor) {
  showOwn();
  auto* goal = m_page->goalPanel();
  goal->goalBox()->setCurrentIndex(0);
  goal->targetBox()->setValue(0.01);
  goal->findButton()->click();
  EXPECT_EQ(count(2, 0), 0) << "one of 24 would be more than was asked for";
  EXPECT_TRUE(goal->message().contains(QStringLiteral("cannot show"))) << "three people";
  goal->goalBox()->setCurrentIndex(1);
  goal->targetBox()->setValue(0);
  goal->findButton()->click();
  EXPECT_EQ(count(0, 1), 0);
  const double found = m_page->threshold();
  ASSERT_TRUE(m_page->applyButton()->isVisible());
  m_page->applyButton()->click();
  EXPECT_TRUE(until(
      [&] { return std::abs(m_session->service()->service.rule.threshold.value - found) < 1e-9; }));
  EXPECT_TRUE(until([&] { return !m_page->applyButton()->isVisible(); }));
}

TEST_F(ThresholdOfOwnPeople, WeighsVerdictsByThemOnlyWhereTheyAreEnough) {
  EXPECT_FALSE(m_page->weighButton()->isVisible()) << "the card is shown";
  showOwn();
  ASSERT_TRUE(m_page->weighButton()->isVisible());
  m_page->weighButton()->click();
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("are needed"); }));
  EXPECT_EQ(m_session->service()->service.ownEvidence, 0);
  for (std::uint64_t person = 20; person < 27; ++person)
    enrol(std::to_string(person), "", person, 2);
  showOwn();
  m_page->weighButton()->click();
  ASSERT_TRUE(until([&] { return m_session->service()->service.ownEvidence > 0; }));
  ASSERT_TRUE(until([&] {
    const auto& table = m_session->service()->several;
    return table && table->lists().front().starts_with(kPeopleOnFile);
  })) << "the Verify page weighs by them";
  // Made anew, and taken back: the one before is in use again, not the card.
  const auto first = m_session->service()->service.ownEvidence;
  showOwn();
  m_page->weighButton()->click();
  ASSERT_TRUE(until([&] { return m_session->service()->service.ownEvidence > first; }));
  m_session->undo();
  ASSERT_TRUE(until([&] { return m_session->service()->service.ownEvidence > first + 1; }));
  m_session->weighByCard();
  ASSERT_TRUE(until([&] { return m_session->service()->service.ownEvidence == 0; }));
  m_session->undo();
  EXPECT_TRUE(until([&] { return m_session->service()->service.ownEvidence > 0; }));
}

TEST_F(ThresholdOfOwnPeople, DrawsEveryViewAndSavesIt) {
  showOwn();
  for (int view = 0; view < static_cast<int>(thresholdViewNames().size()); ++view) {
    m_page->viewBox(1)->setCurrentIndex(view);
    EXPECT_GT(m_page->curves(1)->seriesCount(), 0) << "view " << view;
  }
  constexpr std::uintmax_t kMost = 1 << 24;
  const auto path = [&](const char* name) {
    return QString::fromStdString((m_folder.path() / name).string());
  };
  EXPECT_TRUE(m_page->distributions()->savePng(path("plot.png")));
  EXPECT_FALSE(QImage(path("plot.png")).isNull());
  EXPECT_TRUE(m_page->distributions()->saveSvg(path("plot.svg")));
  EXPECT_TRUE(readTextFile(path("plot.svg").toStdString(), kMost)->find("<svg") !=
              std::string::npos);
  EXPECT_TRUE(m_page->distributions()->csv().startsWith(QStringLiteral("series,")));
  EXPECT_TRUE(m_page->saveReport(path("report.pdf")));
  const auto report = readTextFile(path("report.pdf").toStdString(), kMost);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->starts_with("%PDF"));
  EXPECT_FALSE(m_page->saveReport(path("no-such-folder") + QStringLiteral("/report.pdf")));
}

TEST_F(ThresholdOfOwnPeople, RefusesATableOfAnotherNetwork) {
  const auto table = m_folder.path() / "scores.csv";
  std::string text = "references,probe,label,group,subject,score,network\n";
  for (int i = 0; i < 20; ++i)
    text += "a/1.png,a/" + std::to_string(i) +
            (i % 2 == 0 ? ".png,mated,genuine,a,0." : ".png,nonMated,random,a,0.") +
            std::to_string(10 + 4 * i) + ",other\n";
  ASSERT_TRUE(writeFileAtomically(table, text));
  m_window->showPage(MainWindow::Page::Threshold);
  ASSERT_TRUE(until([&] { return !m_page->isWaiting(); }));
  m_page->useTable(table);
  ASSERT_TRUE(until([&] {
    return !m_page->isWaiting() && m_page->provenance().contains(QStringLiteral("scores.csv"));
  }));
  m_page->setThreshold(0.5);
  EXPECT_FALSE(m_page->applyButton()->isVisible()) << "τ of another network means nothing here";
}

TEST_F(ThresholdOfOwnPeople, DrawsAnotherNetworkOnTheSameTrials) {
  showOwn();
  constexpr int kDet = static_cast<int>(ThresholdView::Det);
  m_page->viewBox(1)->setCurrentIndex(kDet);
  const int alone = m_page->curves(1)->seriesCount();
  m_page->compareWith(test::writeRandomNetwork(m_folder.path(), "rival", 7));
  ASSERT_TRUE(until([&] { return !m_page->comparison().isEmpty(); }));
  EXPECT_TRUE(m_page->comparison().contains(QStringLiteral("rival")));
  EXPECT_TRUE(m_page->comparison().contains(QStringLiteral("may be chance"))) << "three people";
  EXPECT_EQ(m_page->curves(1)->seriesCount(), 2 * alone);
  const double before = m_page->threshold();
  QTest::keyClick(m_page->curves(1), Qt::Key_Right);
  EXPECT_GT(m_page->threshold(), before) << "the point is followed as before";
  EXPECT_TRUE(m_page->saveReport(QString::fromStdString((m_folder.path() / "two.pdf").string())));
  m_page->stopComparingButton()->click();
  EXPECT_TRUE(m_page->comparison().isEmpty());
  EXPECT_EQ(m_page->curves(1)->seriesCount(), alone);
  m_page->compareWith(m_folder.path() / "nowhere.safetensors");
  EXPECT_TRUE(until([&] { return m_window->messageBar()->text().contains("nowhere"); }));
}

TEST_F(ThresholdOfOwnPeople, OffersToMeasureAnewWithAnotherNetwork) {
  for (std::uint64_t person = 20; person < 27; ++person)
    enrol(std::to_string(person), "", person, 2);
  showOwn();
  m_page->weighButton()->click();
  ASSERT_TRUE(until([&] { return m_session->service()->service.ownEvidence > 0; }));
  EXPECT_FALSE(m_page->remeasureButton()->isVisible());
  auto next = test::randomNetwork(9);
  next.evidence["list-3ref"] = {
      {0.9F, 0.8F, 0.85F, 0.1F, 0.2F, 0.1F}, {0, 0, 1, 1, 2, 2}, {0, 1, 0, 1, 0, 1}};
  const auto file = m_folder.path() / "next.safetensors";
  ASSERT_TRUE(writeNetworkFile(file, next));
  bool isChanged = false;
  m_session->changeNetwork(file,
                           [&](const Status& status) { isChanged = static_cast<bool>(status); });
  ASSERT_TRUE(until([&] { return isChanged; }));
  m_page->sourceBox()->setCurrentIndex(0);
  Q_EMIT m_page->sourceBox()->activated(0);
  ASSERT_TRUE(until([&] { return m_page->remeasureButton()->isVisible(); }))
      << "the old figures mean nothing with the new one";
  EXPECT_EQ(m_session->service()->service.ownEvidence, 0);
  m_page->remeasureButton()->click();
  ASSERT_TRUE(until([&] {
    return !m_page->isWaiting() && m_page->provenance().contains(QStringLiteral("on file"));
  }));
  EXPECT_FALSE(m_page->remeasureButton()->isVisible());
  EXPECT_TRUE(m_page->weighButton()->isVisible()) << "the next step";
}

}  // namespace
}  // namespace countersign::ui
