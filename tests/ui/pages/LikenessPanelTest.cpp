// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/LikenessPanel.h"

#include <QListWidget>
#include <QPushButton>
#include <QSlider>
#include <QToolButton>

#include <opencv2/imgproc.hpp>

#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/NearestOthers.h"
#include "ui/pages/VerifyPage.h"
#include "ui/widgets/CompareView.h"
#include "ui/widgets/ReferenceStrip.h"
#include "ui/widgets/ThresholdPanel.h"
#include "ui/widgets/ThresholdPlot.h"

namespace countersign::ui {
namespace {

using LikenessInTheWindow = WindowFixture;

// By mouse and by keyboard: what the two have in common, place by place.
TEST_F(LikenessInTheWindow, ShowsWhereTwoSignaturesDiffer) {
  const auto key = enrol("1", "Ada", 4);
  auto* page = m_window->verifyPage();
  m_window->showPage(MainWindow::Page::Verify);
  page->choosePerson(key);
  ASSERT_TRUE(until([&] { return page->references()->count() == 3; }));
  page->takeImage({drawing(4, 7), {}});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  auto* likeness = page->likenessPanel();
  likeness->overlayButton()->click();
  EXPECT_TRUE(likeness->balance()->isVisible());
  ASSERT_TRUE(until([&] { return likeness->view()->isAligned(); }));
  likeness->view()->setFocus();
  const auto grabbed = [&] { return likeness->view()->grab().toImage(); };
  const auto both = grabbed();
  QTest::keyClick(likeness->view(), Qt::Key_Space);
  EXPECT_NE(grabbed(), both) << "space blinks";
  QTest::keyClick(likeness->view(), Qt::Key_Space);
  QTest::keyClick(likeness->view(), Qt::Key_Space);
  likeness->balance()->setValue(-100);
  EXPECT_NE(grabbed(), both) << "the reference is faded away";
  likeness->heatMapButton()->click();
  EXPECT_FALSE(likeness->balance()->isVisible());
  EXPECT_EQ(likeness->view()->mode(), CompareView::Mode::Differences);
  page->references()->setCurrentRow(2);
  EXPECT_FALSE(likeness->view()->isAligned()) << "not by what was found of the other one";
  EXPECT_TRUE(until([&] { return likeness->view()->isAligned(); }))
      << "another one is aligned anew";
}

TEST_F(LikenessInTheWindow, NamesWhoElseComesClose) {
  const auto key = enrol("1", "Ada", 4);
  for (const std::uint64_t other : {2, 3, 5, 6})
    enrol(std::to_string(other), "Other " + std::to_string(other), other);
  auto* page = m_window->verifyPage();
  m_window->showPage(MainWindow::Page::Verify);
  page->choosePerson(key);
  ASSERT_TRUE(until([&] { return page->references()->count() == 3; }));
  page->takeImage({drawing(4, 7), {}});
  auto* others = page->nearestOthers();
  ASSERT_TRUE(until([&] { return others->others().size() == 3; }));
  EXPECT_TRUE(others->isVisible());
  for (const auto& other : others->others()) EXPECT_NE(other.person.key, key);
  EXPECT_TRUE(others->text().contains(QStringLiteral("Other ")));
  EXPECT_TRUE(others->text().contains(QStringLiteral("of 3 references")));
  page->thresholdPanel()->plot()->setThreshold(1);
  EXPECT_TRUE(others->text().contains(QStringLiteral("0 of 3"))) << others->text().toStdString();
}

TEST_F(LikenessInTheWindow, SaysThatASignatureIsSimplerThanWhatWasMeasured) {
  const auto key = enrol("1", "Ada", 4);
  auto* page = m_window->verifyPage();
  m_window->showPage(MainWindow::Page::Verify);
  page->choosePerson(key);
  ASSERT_TRUE(until([&] { return page->references()->count() == 3; }));
  cv::Mat stroke(200, 500, CV_8UC1, cv::Scalar(250));
  cv::line(stroke, {40, 150}, {460, 60}, 20, 6);
  cv::line(stroke, {60, 60}, {200, 150}, 20, 6);
  const auto path = m_folder.path() / "stroke.png";
  test::writeBytes(path, test::encoded(stroke, ".png"));
  ASSERT_TRUE(until([&] { return m_session->service()->several != nullptr; }));
  page->takeImage({QString::fromStdString(path.string()), {}});
  auto* others = page->nearestOthers();
  EXPECT_TRUE(until([&] { return others->text().contains(QStringLiteral("Simpler than")); }))
      << others->text().toStdString();
}

}  // namespace
}  // namespace countersign::ui
