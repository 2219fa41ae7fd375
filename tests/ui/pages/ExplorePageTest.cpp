// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ExplorePage.h"

#include <QApplication>
#include <QComboBox>
#include <QListWidget>
#include <QSignalSpy>
#include <QWheelEvent>

#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/VerifyPage.h"
#include "ui/widgets/EmbeddingMapView.h"
#include "ui/widgets/PairGallery.h"
#include "ui/widgets/SimilarityMatrixView.h"

namespace countersign::ui {
namespace {

class ExploringAStore : public WindowFixture {
 protected:
  void SetUp() override {
    WindowFixture::SetUp();
    for (const int person : {1, 2, 3})
      enrol(std::to_string(person), "Person " + std::to_string(person),
            static_cast<std::uint64_t>(person), 3);
    m_page = m_window->explorePage();
    QTest::keyClick(m_window.get(), Qt::Key_F5);
    ASSERT_EQ(m_window->page(), MainWindow::Page::Explore);
    ASSERT_TRUE(until([&] { return m_page->map()->count() == 9; }));
  }

  static void drag(QWidget* widget, const std::vector<QPointF>& path,
                   Qt::KeyboardModifiers modifiers) {
    QTest::mousePress(widget, Qt::LeftButton, modifiers, path.front().toPoint());
    for (const auto& place : path) {
      QMouseEvent move(QEvent::MouseMove, place, widget->mapToGlobal(place), Qt::NoButton,
                       Qt::LeftButton, modifiers);
      QApplication::sendEvent(widget, &move);
    }
    QTest::mouseRelease(widget, Qt::LeftButton, modifiers, path.back().toPoint());
  }

  ExplorePage* m_page = nullptr;
};

TEST_F(ExploringAStore, NamesTheNearestOfAChosenSample) {
  auto* map = m_page->map();
  map->setFocus();
  QTest::keyClick(map, Qt::Key_PageDown);
  ASSERT_EQ(map->chosen(), 0U);
  ASSERT_TRUE(until([&] { return m_page->list()->count() == 8; })) << "all others";
  EXPECT_TRUE(until([&] { return m_page->gallery()->itemCount() > 1; }));
  double before = 2;
  for (int row = 0; row < 8; ++row) {
    const double score = m_page->list()->item(row)->text().section(u' ', 0, 0).toDouble();
    EXPECT_LE(score, before);
    before = score;
  }
  // A click on another point chooses that one.
  const auto other = map->pointAt(map->position(5));
  ASSERT_TRUE(other);
  QTest::mouseClick(map, Qt::LeftButton, {}, map->position(*other).toPoint());
  EXPECT_EQ(map->chosen(), map->pointAt(QPointF(map->position(*other).toPoint())));
}

TEST_F(ExploringAStore, ShowsPicturesAndKeepsItsPlaceWhenZoomed) {
  auto* map = m_page->map();
  const auto at = map->position(4);
  map->zoomBy(3, at);
  EXPECT_NEAR(map->position(4).x(), at.x(), 0.5) << "what is under the pointer stays there";
  const auto dots = map->grab().toImage();
  EXPECT_TRUE(until([&] { return map->grab().toImage() != dots; })) << "pictures come";
  QTest::keyClick(map, Qt::Key_0);
  EXPECT_EQ(map->zoom(), 1);
}

TEST_F(ExploringAStore, ListsWhatIsEncircled) {
  auto* map = m_page->map();
  const double w = map->width() - 1;
  const double h = map->height() - 1;
  drag(map, {{0, 0}, {w, 0}, {w, h}, {0, h}, {0, 0}}, Qt::ShiftModifier);
  EXPECT_EQ(map->selection().size(), 9U);
  EXPECT_EQ(m_page->list()->count(), 9);
  EXPECT_TRUE(until([&] { return m_page->gallery()->itemCount() == 9; }));
}

TEST_F(ExploringAStore, LaysOutWhileItIsWatchedAndKeepsWhatItFound) {
  const auto before = m_page->map()->points()[0].x;
  m_page->viewBox()->setCurrentIndex(1);
  EXPECT_TRUE(m_page->isLayingOut());
  EXPECT_TRUE(until([&] { return !m_page->isLayingOut(); }));
  EXPECT_NE(m_page->map()->points()[0].x, before);
  m_page->viewBox()->setCurrentIndex(0);
  EXPECT_EQ(m_page->map()->points()[0].x, before) << "the plane is as it was";
  m_page->viewBox()->setCurrentIndex(1);
  EXPECT_FALSE(m_page->isLayingOut());
  EXPECT_NE(m_page->map()->points()[0].x, before);
}

TEST_F(ExploringAStore, DropsAnswersAboutWhatIsNotShownAnyMore) {
  m_page->map()->choose(0);
  m_page->viewBox()->setCurrentIndex(2);  // before the neighbours are found
  ASSERT_TRUE(until([&] { return m_page->list()->count() == 6; }));
  QTest::qWait(300);
  EXPECT_EQ(m_page->list()->count(), 6) << "pairs and people only";
  m_page->viewBox()->setCurrentIndex(0);
  m_page->map()->choose(1);
  m_page->map()->choose(1);
  ASSERT_TRUE(until([&] { return m_page->list()->count() > 0; }));
  QTest::qWait(300);
  EXPECT_EQ(m_page->list()->count(), 8) << "each of the others once";
}

TEST_F(ExploringAStore, FollowsTheThresholdInForce) {
  m_page->viewBox()->setCurrentIndex(2);
  ASSERT_TRUE(until([&] { return m_page->list()->count() == 6; }));
  const auto before = m_page->matrix()->grab().toImage();
  m_session->setRule({{-0.9}, 0});
  ASSERT_TRUE(until([&] { return m_session->service()->service.rule.threshold.value == -0.9; }));
  ASSERT_TRUE(until([&] { return m_page->matrix()->order().size() == 3U; }));
  EXPECT_TRUE(until([&] { return m_page->matrix()->grab().toImage() != before; }))
      << "everybody is taken for everybody now";
}

TEST_F(ExploringAStore, ComparesEverybodyWithEverybody) {
  m_page->viewBox()->setCurrentIndex(2);
  ASSERT_TRUE(until([&] { return m_page->list()->count() == 6; })) << "three pairs, three people";
  auto* matrix = m_page->matrix();
  EXPECT_EQ(matrix->order().size(), 3U);
  matrix->setFocus();
  QTest::keyClick(matrix, Qt::Key_Right);
  QTest::keyClick(matrix, Qt::Key_Return);
  EXPECT_TRUE(until([&] { return m_page->gallery()->itemCount() == 6; })) << "both people's";
  QTest::keyClick(matrix, Qt::Key_Left);
  QTest::keyClick(matrix, Qt::Key_Return);
  EXPECT_TRUE(until([&] { return m_page->gallery()->itemCount() == 3; })) << "one with themselves";
}

TEST_F(ExploringAStore, LooksCloserAtTheMatrix) {
  for (std::uint64_t person = 20; person < 26; ++person)
    enrol(std::to_string(person), "", person, 2);
  m_page->viewBox()->setCurrentIndex(2);
  auto* matrix = m_page->matrix();
  ASSERT_TRUE(until([&] { return matrix->order().size() == 9; }));
  EXPECT_EQ(matrix->visiblePeople(), 9);
  const QPointF middle = matrix->rect().center();
  QWheelEvent closer(middle, matrix->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton,
                     Qt::NoModifier, Qt::NoScrollPhase, false);
  QApplication::sendEvent(matrix, &closer);
  EXPECT_NEAR(matrix->visiblePeople(), 9 / 1.25, 1e-9);
  matrix->setFocus();
  for (int i = 0; i < 9; ++i) QTest::keyClick(matrix, Qt::Key_Plus);
  EXPECT_EQ(matrix->visiblePeople(), 4) << "and no closer";
  // What is chosen comes into sight; a drag moves, and chooses nobody.
  const auto seen = [&] { return matrix->grab().toImage(); };
  const auto before = seen();
  for (int i = 0; i < 8; ++i) QTest::keyClick(matrix, Qt::Key_Down);
  const auto below = seen();
  EXPECT_NE(below, before);
  QSignalSpy chosen(matrix, &SimilarityMatrixView::pairChosen);
  const QPoint from = matrix->rect().center();
  QTest::mousePress(matrix, Qt::LeftButton, {}, from);
  QMouseEvent drag(QEvent::MouseMove, from + QPoint(0, 150),
                   matrix->mapToGlobal(from + QPoint(0, 150)), Qt::NoButton, Qt::LeftButton, {});
  QApplication::sendEvent(matrix, &drag);
  QTest::mouseRelease(matrix, Qt::LeftButton, {}, from + QPoint(0, 150));
  EXPECT_NE(seen(), below);
  EXPECT_EQ(chosen.count(), 0);
  QTest::mouseClick(matrix, Qt::LeftButton, {}, from);
  EXPECT_EQ(chosen.count(), 1);
  QTest::keyClick(matrix, Qt::Key_0);
  EXPECT_EQ(matrix->visiblePeople(), 9);
}

TEST_F(ExploringAStore, HasTheQuestionedSampleAmongTheOthers) {
  m_window->showPage(MainWindow::Page::Verify);
  m_window->verifyPage()->takeImage({drawing(8, 0), {}});
  ASSERT_TRUE(until([&] { return m_window->verifyPage()->probe() != nullptr; }));
  m_window->showPage(MainWindow::Page::Explore);
  ASSERT_TRUE(until([&] { return m_page->map()->count() == 10; }));
  EXPECT_EQ(m_page->data()->nameOf(9), QStringLiteral("Questioned sample"));
  m_page->map()->choose(9);
  EXPECT_TRUE(until([&] { return m_page->list()->count() == 9; }));
}

TEST_F(ExploringAStore, IsLoadedAnewWhenSomebodyComes) {
  enrol("4", "Person 4", 4, 2);
  EXPECT_TRUE(until([&] { return m_page->map()->count() == 11; }));
}

}  // namespace
}  // namespace countersign::ui
