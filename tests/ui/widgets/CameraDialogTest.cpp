// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CameraDialog.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>

#include "core/corpus/SyntheticFace.h"
#include "tests/support/FaceNetwork.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/VerifyPage.h"
#include "ui/widgets/CameraView.h"
#include "ui/widgets/ImageDrop.h"

namespace countersign::ui {
namespace {

/// A clip of an invented person who comes before the camera and stays.
class CameraInTheWindow : public WindowFixture {
 protected:
  void SetUp() override {
    m_faceNetwork = test::shippedFaceNetwork();
    openWindow();
    m_session->setModality(Modality::Face);
    ASSERT_TRUE(until([&] { return m_session->modality() == Modality::Face; }));
  }

  /// @param person  nobody when it is unset.
  QString clip(const std::string& name, std::optional<std::uint64_t> person, double seconds,
               int perSecond = 15) const {
    std::vector<cv::Mat> frames;
    const int count = static_cast<int>(seconds * perSecond);
    const auto face = person ? SyntheticFace(1, *person).picture({.size = 360}).picture : cv::Mat();
    for (int i = 0; i < count; ++i) {
      cv::Mat frame(480, 640, CV_8UC3, cv::Scalar(140, 135, 130));
      const bool isThere = 3 * i >= perSecond;  // comes in after a third of a second
      if (isThere && person) face.copyTo(frame(cv::Rect(140 + i % 3, 60, 360, 360)));
      frames.push_back(frame);
    }
    return QString::fromStdString(
        test::writeVideo(m_folder.path() / (name + ".avi"), frames, perSecond).string());
  }

  PersonKey enrolFace(std::uint64_t person) {
    PersonKey key;
    m_session->saveWithDesk<Enrolled>(
        m_session.get(),
        [person](const Desk& desk) -> Result<Enrolled> {
          std::vector<std::shared_ptr<const ExaminedImage>> images;
          for (std::uint64_t i = 0; i < 3; ++i) {
            auto image = desk.examine(
                test::encoded(SyntheticFace(1, person).snapshot(i).picture, ".png"), "photo");
            if (!image) return image.error();
            images.push_back(std::make_shared<const ExaminedImage>(*std::move(image)));
          }
          return desk.enrol("1", "Ada", images);
        },
        [&](Result<Enrolled> enrolled) {
          EXPECT_TRUE(enrolled) << enrolled.error().message;
          if (enrolled) key = enrolled->person.key;
        });
    EXPECT_TRUE(until([&] { return key.value != 0; }));
    m_session->reload();
    EXPECT_TRUE(until([&] { return m_session->people().size() == 1; }));
    return key;
  }
};

TEST_F(CameraInTheWindow, TakesTheBestPictureAndVerifiesIt) {
  const auto ada = enrolFace(1);
  m_window->showPage(MainWindow::Page::Verify);
  auto* page = m_window->verifyPage();
  page->choosePerson(ada);
  auto* button = page->findChild<ImageDrop*>()->cameraButton();
  ASSERT_TRUE(button->isVisible());
  QTest::mouseClick(button, Qt::LeftButton);
  auto* dialog = page->findChild<CameraDialog*>();
  ASSERT_NE(dialog, nullptr);
  // There is no camera here, and the dialog says so.
  if (dialog->sources()->count() == 1) {
    EXPECT_TRUE(until([&] { return dialog->hint()->text().contains("No camera"); }));
  }
  EXPECT_FALSE(dialog->useButton()->isEnabled());
  dialog->look(clip("ada", 1, 3));
  ASSERT_TRUE(until([&] { return !dialog->view()->isEmpty(); }));
  ASSERT_TRUE(until([&] { return dialog->useButton()->isEnabled(); }))
      << dialog->hint()->text().toStdString();
  EXPECT_TRUE(dialog->similarity()->text().contains("Similarity"))
      << dialog->similarity()->text().toStdString();
  EXPECT_TRUE(dialog->useButton()->hasFocus());
  QTest::keyClick(dialog->useButton(), Qt::Key_Space);
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  EXPECT_EQ(page->examination()->scores.size(), 3U);
  EXPECT_TRUE(page->examination()->probe->image.sourceName.starts_with("camera "));
}

TEST_F(CameraInTheWindow, SaysWhatIsMissingAndTriesAgain) {
  CameraDialog dialog(*m_session, {});
  dialog.show();
  dialog.look(clip("nobody", {}, 0.8));
  EXPECT_TRUE(until([&] { return dialog.hint()->text().contains("Look into the camera"); }));
  EXPECT_TRUE(until([&] { return dialog.hint()->text().contains("video is over"); }));
  EXPECT_FALSE(dialog.useButton()->isEnabled());
  dialog.look(QString::fromStdString((m_folder.path() / "gone.avi").string()));
  EXPECT_TRUE(until([&] { return dialog.hint()->text().contains("not there"); }));
  // It is there when it is tried again.
  clip("gone", 1, 2.5);
  QTest::mouseClick(dialog.againButton(), Qt::LeftButton);
  EXPECT_TRUE(until([&] { return dialog.useButton()->isEnabled(); }));
  // Once more: another picture.
  QTest::mouseClick(dialog.againButton(), Qt::LeftButton);
  EXPECT_FALSE(dialog.useButton()->isEnabled());
  EXPECT_TRUE(until([&] { return dialog.useButton()->isEnabled(); }));
}

TEST_F(CameraInTheWindow, LeavesTheWindowSmooth) {
  CameraDialog dialog(*m_session, {});
  dialog.show();
  dialog.look(clip("smooth", 1, 3, 30));
  ASSERT_TRUE(until([&] { return !dialog.view()->isEmpty(); }));
  // What a click would wait for.
  double longest = 0;
  QElapsedTimer turn;
  for (int i = 0; i < 100; ++i) {
    turn.start();
    QCoreApplication::processEvents();
    longest = std::max(longest, static_cast<double>(turn.nsecsElapsed()) * 1e-6);
    QTest::qSleep(10);
  }
  EXPECT_LT(longest, 120) << "ms; a picture is painted in a few";
  std::printf("camera, 640 x 480: %.0f pictures a second, %.0f ms the longest turn\n",
              dialog.perSecond(), longest);
  EXPECT_GT(dialog.perSecond(), 5) << "15 on a machine that does nothing else";
  dialog.reject();
}

}  // namespace
}  // namespace countersign::ui
