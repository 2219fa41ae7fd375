// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/Camera.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <opencv2/core.hpp>

#include "core/imaging/FaceCapture.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

using testing::HasSubstr;

void describe(const std::filesystem::path& folder, const std::string& name,
              const std::string& index) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "name") << name << '\n';
  std::ofstream(folder / "index") << index << '\n';
}

TEST(Camera, IsListedByItsNumberWithoutItsFurtherNodes) {
  const test::TemporaryFolder system;
  describe(system.path() / "video10", "Document camera", "0");
  describe(system.path() / "video2", "Webcam", "0");
  describe(system.path() / "video3", "Webcam", "1");
  describe(system.path() / "vbi0", "Tuner", "0");
  describe(system.path() / "video", "No number", "0");
  const auto found = cameras(system.path());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "/dev/video2");
  EXPECT_EQ(found[0].name, "Webcam");
  EXPECT_EQ(found[1].path, "/dev/video10");
  EXPECT_TRUE(cameras(system.path() / "missing").empty());
}

TEST(Camera, ShowsAVideoFileAtItsPaceAndEnds) {
  const test::TemporaryFolder folder;
  std::vector<cv::Mat> frames;
  frames.reserve(10);
  for (int i = 0; i < 10; ++i) frames.emplace_back(120, 160, CV_8UC3, cv::Scalar::all(20 * i));
  const auto file = test::writeVideo(folder.path() / "grey.avi", frames, 20);
  const auto began = std::chrono::steady_clock::now();
  auto stream = CameraStream::open(file.string());
  ASSERT_TRUE(stream) << stream.error().message;
  int count = 0;
  double last = -1;
  for (;;) {
    const auto frame = stream->next();
    ASSERT_TRUE(frame) << frame.error().message;
    if (!*frame) break;
    ++count;
    EXPECT_GT((*frame)->seconds, last);
    last = (*frame)->seconds;
    EXPECT_EQ((*frame)->picture.type(), CV_8UC3);
    const auto number = static_cast<int>(std::lround(last * 20));
    EXPECT_NEAR(cv::mean((*frame)->picture)[0], 20 * number, 8);
  }
  EXPECT_GE(count, 5) << "a slow machine may leave some out";
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took.count(), 0.4);
}

TEST(Camera, SaysInOneSentenceWhatIsWrong) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(CameraStream::open("/dev/video-missing").error().message, HasSubstr("Connect it"));
  EXPECT_THAT(CameraStream::open((folder.path() / "no.mp4").string()).error().message,
              HasSubstr("not there"));
  test::writeBytes(folder.path() / "letter.mp4", {'n', 'o'});
  EXPECT_THAT(CameraStream::open((folder.path() / "letter.mp4").string()).error().message,
              HasSubstr("no video"));
  // A device that is no camera.
  EXPECT_THAT(CameraStream::open("/dev/null").error().message, HasSubstr("cannot be used"));
}

FaceReading seen(double sharpness, std::vector<FaceQualityReason> reasons = {}) {
  FaceReading reading;
  reading.quality.sharpness = sharpness;
  reading.quality.reasons = std::move(reasons);
  return reading;
}

TEST(FaceCapture, TakesTheSharpestPictureOfOneGoodSecond) {
  FaceCapture capture;
  const auto add = [&](double seconds, const FaceReading& reading) {
    return capture.add({cv::Mat(), seconds}, reading);
  };
  EXPECT_FALSE(add(0, seen(1, {FaceQualityReason::NoFace})));
  EXPECT_FALSE(add(0.2, seen(0.4)));
  EXPECT_FALSE(add(0.7, seen(0.9)));
  // Somebody comes in: the second begins anew, and what was before does not count.
  EXPECT_FALSE(add(0.8, seen(2, {FaceQualityReason::SeveralFaces})));
  EXPECT_EQ(capture.progress(), 0);
  EXPECT_FALSE(add(1.0, seen(0.3)));
  EXPECT_FALSE(add(1.5, seen(0.6)));
  EXPECT_NEAR(capture.progress(), 0.5, 1e-9);
  const auto best = add(2.0, seen(0.5));
  ASSERT_TRUE(best);
  EXPECT_EQ(best->frame.seconds, 1.5);
  EXPECT_FALSE(add(3.5, seen(5))) << "once";
  capture.restart();
  EXPECT_FALSE(add(4, seen(1)));
  EXPECT_TRUE(add(5, seen(1)));
}

TEST(FaceCapture, AsksTheCheckForAttacksIfThereIsOne) {
  struct Doubt final : PresentationAttackCheck {
    std::size_t frames = 0;
    bool isSatisfied = false;
    std::optional<std::string> suspicion(const std::vector<CameraFrame>& seen) override {
      frames = seen.size();
      if (isSatisfied) return std::nullopt;
      return "This looks like a screen.";
    }
  };
  const auto doubt = std::make_shared<Doubt>();
  FaceCapture capture(doubt);
  EXPECT_FALSE(capture.add({cv::Mat(), 0}, seen(1)));
  EXPECT_FALSE(capture.add({cv::Mat(), 1}, seen(1)));
  EXPECT_EQ(doubt->frames, 2U);
  EXPECT_EQ(capture.suspicion(), "This looks like a screen.");
  doubt->isSatisfied = true;
  EXPECT_FALSE(capture.add({cv::Mat(), 1.1}, seen(1)));
  EXPECT_TRUE(capture.add({cv::Mat(), 2.2}, seen(1)));
  EXPECT_TRUE(capture.suspicion().empty());
}

TEST(SettlingScore, IsTheMeanOverTheBestPictures) {
  SettlingScore score;
  EXPECT_FALSE(score.value());
  score.add(0.2, 1);
  score.add(0.4, 2);
  EXPECT_NEAR(*score.value(), 0.3, 1e-12);
  for (std::size_t i = 0; i < SettlingScore::kBest; ++i) score.add(0.8, 3);
  EXPECT_NEAR(*score.value(), 0.8, 1e-12) << "worse pictures no longer count";
  score.add(-1, 0);
  EXPECT_NEAR(*score.value(), 0.8, 1e-12);
  EXPECT_EQ(score.count(), static_cast<int>(SettlingScore::kBest));
  score.restart();
  EXPECT_FALSE(score.value());
}

TEST(CaptureHint, SaysWhatToDo) {
  EXPECT_TRUE(captureHint({}).empty());
  for (const auto reason :
       {FaceQualityReason::NoFace, FaceQualityReason::SeveralFaces, FaceQualityReason::CutOff,
        FaceQualityReason::TooSmall, FaceQualityReason::Small, FaceQualityReason::Profile,
        FaceQualityReason::Turned, FaceQualityReason::Blurred, FaceQualityReason::Dark,
        FaceQualityReason::Overexposed, FaceQualityReason::Covered})
    EXPECT_FALSE(captureHint({.reasons = {reason}}).empty());
}

}  // namespace
}  // namespace countersign
