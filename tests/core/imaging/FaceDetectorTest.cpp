// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceDetector.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "core/base/File.h"
#include "core/base/Random.h"
#include "core/corpus/SyntheticFace.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

class FaceDetectorOnInventedPeople : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = FaceDetector::of(test::shippedDetector());
    ASSERT_TRUE(loaded) << loaded.error().message << loaded.error().detail;
    detector = std::make_unique<FaceDetector>(*std::move(loaded));
  }
  static void TearDownTestSuite() { detector.reset(); }

  static double errorOf(const DetectedFace& face, const FaceLandmarks& truth) {
    const auto found = face.landmarks.points();
    const auto expected = truth.points();
    double sum = 0;
    for (std::size_t i = 0; i < found.size(); ++i) sum += cv::norm(found[i] - expected[i]);
    return sum / static_cast<double>(found.size()) / cv::norm(expected[0] - expected[1]);
  }
  /// Shares of the distance between the eyes.
  static constexpr double kLargestError = 0.12;

  static inline std::unique_ptr<FaceDetector> detector;
};

TEST_F(FaceDetectorOnInventedPeople, FindsEveryFaceAndItsLandmarks) {
  double total = 0;
  constexpr int kPeople = 20;
  for (std::uint64_t person = 0; person < kPeople; ++person) {
    const auto shot = SyntheticFace(3, person).snapshot(0);
    const auto faces = detector->detect(shot.picture);
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_EQ(faces->size(), 1U) << person;
    EXPECT_LT(errorOf(faces->front(), shot.landmarks), kLargestError) << person;
    total += errorOf(faces->front(), shot.landmarks);
    EXPECT_TRUE(faces->front().box.contains(shot.landmarks.noseTip));
    EXPECT_GT(faces->front().detectionScore, 0.7);
    EXPECT_LE(faces->front().detectionScore, 1);
  }
  EXPECT_LT(total / kPeople, 0.07);
}

TEST_F(FaceDetectorOnInventedPeople, FindsTurnedSmallDimAndGreyOnes) {
  for (std::uint64_t person = 0; person < 6; ++person) {
    const SyntheticFace face(4, person);
    for (const double turn : {-45.0, -30.0, -15.0, 15.0, 30.0, 45.0}) {
      const auto shot = face.picture({.turn = turn});
      const auto faces = detector->detect(shot.picture);
      ASSERT_EQ(faces->size(), 1U) << person << " turned by " << turn;
      EXPECT_LT(errorOf(faces->front(), shot.landmarks), kLargestError) << turn;
    }
    const auto dim = face.picture({.light = 0.25});
    ASSERT_EQ(detector->detect(dim.picture)->size(), 1U) << person;
    const auto small = face.picture({.size = 600, .height = 0.14});
    const auto far = detector->detect(small.picture);
    ASSERT_EQ(far->size(), 1U) << person;
    EXPECT_LT(errorOf(far->front(), small.landmarks), 2 * kLargestError);
    cv::Mat grey;
    cv::cvtColor(face.picture({}).picture, grey, cv::COLOR_BGR2GRAY);
    EXPECT_EQ(detector->detect(grey)->size(), 1U) << person;
  }
}

TEST_F(FaceDetectorOnInventedPeople, PutsTheLikeliestSubjectFirst) {
  cv::Mat group(500, 1000, CV_8UC3, cv::Scalar(180, 180, 180));
  const auto large = SyntheticFace(5, 1).picture({.size = 400});
  const auto small = SyntheticFace(5, 2).picture({.size = 250});
  large.picture.copyTo(group(cv::Rect(300, 50, 400, 400)));
  small.picture.copyTo(group(cv::Rect(20, 200, 250, 250)));
  small.picture.copyTo(group(cv::Rect(730, 200, 250, 250)));
  const auto faces = detector->detect(group);
  ASSERT_EQ(faces->size(), 3U);
  auto truth = large.landmarks;
  EXPECT_NEAR(faces->front().landmarks.noseTip.x, truth.noseTip.x + 300, 15);
  EXPECT_GT(faces->front().eyeDistance(), (*faces)[1].eyeDistance());
}

TEST_F(FaceDetectorOnInventedPeople, SeesNoFaceWhereThereIsNone) {
  Random random{9};
  for (int i = 0; i < 24; ++i) {
    cv::Mat texture(250, 250, CV_8UC3);
    cv::Mat noise(4 << (i % 6), 4 << (i % 6), CV_8UC3);
    for (int y = 0; y < noise.rows; ++y) {
      for (int x = 0; x < noise.cols; ++x) {
        for (int c = 0; c < 3; ++c)
          noise.at<cv::Vec3b>(y, x)[c] = static_cast<std::uint8_t>(random.below(256));
      }
    }
    cv::resize(noise, texture, texture.size(), 0, 0,
               i % 2 == 0 ? cv::INTER_CUBIC : cv::INTER_NEAREST);
    EXPECT_TRUE(detector->detect(texture)->empty()) << i;
  }
  for (const auto size : {cv::Size(1, 1), cv::Size(3, 900), cv::Size(2000, 2)})
    EXPECT_TRUE(detector->detect(cv::Mat::zeros(size, CV_8UC3))->empty()) << size;
}

TEST_F(FaceDetectorOnInventedPeople, MayBeUsedByManyThreadsAtOnce) {
  const auto shot = SyntheticFace(3, 1).snapshot(0);
  const auto expected = detector->detect(shot.picture)->front().landmarks.points();
  std::atomic<int> wrong = 0;
  constexpr int kThreads = 4;
  std::vector<std::jthread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) {
        const auto faces = detector->detect(shot.picture);
        if (!faces || faces->size() != 1 || faces->front().landmarks.points() != expected) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(FaceDetectorFiles, AreRefusedWhenTheyAreMissingDamagedOrSwapped) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(FaceDetectorFiles::read(folder.path()).error().code, ErrorCode::FileNotReadable);
  const auto files = test::shippedDetector();
  for (const auto& [name, bytes] : {std::pair{"near.tflite", &files.near},
                                    {"far.tflite", &files.far},
                                    {"landmarks.tflite", &files.landmarks}})
    ASSERT_TRUE(
        writeFileAtomically(folder.path() / name, std::string(bytes->begin(), bytes->end())));
  EXPECT_EQ(*FaceDetectorFiles::read(folder.path()), files);
  auto damaged = files;
  damaged.near.resize(damaged.near.size() / 2);
  EXPECT_EQ(FaceDetector::of(damaged).error().code, ErrorCode::FileMalformed);
  for (const auto& swapped : {FaceDetectorFiles{files.far, files.far, files.landmarks},
                              FaceDetectorFiles{files.near, files.near, files.landmarks},
                              FaceDetectorFiles{files.near, files.far, files.near}})
    EXPECT_EQ(FaceDetector::of(swapped).error().code, ErrorCode::FileMalformed);
}

}  // namespace
}  // namespace countersign
