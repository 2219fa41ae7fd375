// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceReading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/corpus/SyntheticFace.h"
#include "tests/support/FaceNetwork.h"

namespace countersign {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using Reason = FaceQualityReason;

class FaceReadingOfInventedPeople : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = FaceDetector::of(test::shippedDetector());
    ASSERT_TRUE(made) << made.error().message;
    detector = std::make_unique<FaceDetector>(*std::move(made));
  }
  static void TearDownTestSuite() { detector.reset(); }

  static FaceReading read(const cv::Mat& picture, const SampleRegion& region = {}) {
    auto reading = readFace(*detector, picture, region);
    EXPECT_TRUE(reading) << reading.error().message;
    return *std::move(reading);
  }
  static SampleRegion choosing(FaceChoice choice) {
    SampleRegion region;
    region.face = choice;
    return region;
  }
  /// Three people side by side, the largest on the right, the middle one half its size.
  static cv::Mat group() {
    cv::Mat picture(500, 1100, CV_8UC3, cv::Scalar(180, 180, 180));
    const auto add = [&](std::uint64_t person, int size, cv::Point at) {
      SyntheticFace(5, person)
          .picture({.size = size})
          .picture.copyTo(picture(cv::Rect(at, cv::Size(size, size))));
    };
    add(2, 300, {10, 150});
    add(3, 240, {420, 120});
    add(1, 400, {690, 50});
    return picture;
  }

  static inline std::unique_ptr<FaceDetector> detector;
};

TEST_F(FaceReadingOfInventedPeople, GivesTheAlignedChipOfAGoodPicture) {
  const auto shot = SyntheticFace(3, 1).picture({});
  const auto reading = read(shot.picture);
  ASSERT_TRUE(reading.chosen);
  EXPECT_TRUE(reading.quality.isComparable());
  const auto chip = alignFace(shot.picture, reading.faces[0].landmarks);
  EXPECT_EQ(cv::norm(reading.chip, *chip, cv::NORM_INF), 0);
  EXPECT_NEAR(reading.quality.eyeDistance, reading.faces[0].eyeDistance(), 1e-6);
  EXPECT_GT(reading.quality.insideShare, 0.99);
  EXPECT_EQ(reading.quality.text(), "");
}

TEST_F(FaceReadingOfInventedPeople, AsksWhichOfSeveralFacesIsMeant) {
  const auto picture = group();
  const auto asked = read(picture);
  ASSERT_EQ(asked.faces.size(), 3U);
  EXPECT_FALSE(asked.chosen);
  EXPECT_TRUE(asked.chip.empty());
  EXPECT_FALSE(asked.quality.isComparable());
  EXPECT_THAT(asked.quality.reasons, testing::ElementsAre(Reason::SeveralFaces));

  EXPECT_EQ(read(picture, choosing({FaceChoice::Kind::Largest})).chosen, 2U);
  EXPECT_EQ(read(picture, choosing({FaceChoice::Kind::MostCentral})).chosen, 1U);
  for (int number = 1; number <= 3; ++number) {
    const auto one = read(picture, choosing({FaceChoice::Kind::Number, number}));
    EXPECT_EQ(one.chosen, static_cast<std::size_t>(number - 1)) << "counted from the left";
    EXPECT_TRUE(one.quality.isComparable());
  }
  for (const int number : {0, 4}) {
    const auto none = readFace(*detector, picture, choosing({FaceChoice::Kind::Number, number}));
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::OptionOutOfRange);
    EXPECT_THAT(none.error().message, HasSubstr("shows 3"));
  }
  // Within a crop only what it shows counts.
  SampleRegion left;
  left.crop = cv::Rect(0, 100, 400, 400);
  EXPECT_EQ(read(picture, left).faces.size(), 1U);
  left.crop = cv::Rect(900, 100, 400, 400);
  EXPECT_EQ(readFace(*detector, picture, left).error().code, ErrorCode::OptionOutOfRange);
}

TEST_F(FaceReadingOfInventedPeople, TakesNoNoticeOfPeopleFarBehind) {
  cv::Mat picture(600, 900, CV_8UC3, cv::Scalar(180, 180, 180));
  SyntheticFace(5, 1).picture({.size = 500}).picture.copyTo(picture(cv::Rect(20, 50, 500, 500)));
  SyntheticFace(5, 2).picture({.size = 140}).picture.copyTo(picture(cv::Rect(700, 100, 140, 140)));
  const auto reading = read(picture);
  EXPECT_EQ(reading.faces.size(), 2U);
  EXPECT_EQ(reading.chosen, 0U);
  EXPECT_TRUE(reading.quality.isComparable());
}

TEST_F(FaceReadingOfInventedPeople, SaysWhatIsWrong) {
  const SyntheticFace face(3, 2);
  const auto good = face.picture({.size = 300}).picture;
  const auto reasonsOf = [&](const cv::Mat& picture) { return read(picture).quality.reasons; };
  EXPECT_THAT(reasonsOf(cv::Mat(200, 300, CV_8UC3, cv::Scalar(90, 140, 200))),
              Contains(Reason::NoFace));
  cv::Mat blurred;
  cv::GaussianBlur(good, blurred, {}, 9);
  EXPECT_THAT(reasonsOf(blurred), Contains(Reason::Blurred));
  EXPECT_THAT(reasonsOf(good), Not(Contains(Reason::Blurred)));
  EXPECT_THAT(reasonsOf(good * 0.3), Contains(Reason::Dark));
  EXPECT_THAT(reasonsOf(good * 1.2 + cv::Scalar::all(110)), Contains(Reason::Overexposed));
  const auto small = face.picture({.size = 600, .height = 0.1});
  EXPECT_THAT(reasonsOf(small.picture), Contains(Reason::Small));
  // The left half of the chip lies outside.
  const auto& l = face.picture({.size = 300}).landmarks;
  const auto cut = good.colRange(static_cast<int>(l.leftEye.x) - 12, 300).clone();
  const auto half = read(cut);
  ASSERT_TRUE(half.chosen);
  EXPECT_LT(half.quality.insideShare, 0.85);
}

TEST_F(FaceReadingOfInventedPeople, MeasuresTheTurnOfTheHead) {
  const SyntheticFace face(7, 1);
  for (const double turn : {-25.0, 0.0, 25.0}) {
    const auto pose = facePose(face.picture({.turn = turn}).landmarks);
    ASSERT_TRUE(pose);
    EXPECT_NEAR(pose->roll, turn, 1) << "clockwise";
  }
  const auto front = facePose(face.picture({}).landmarks);
  EXPECT_NEAR(front->yaw, 0, 3);
  double last = front->yaw;
  for (const double yaw : {10.0, 20.0, 30.0}) {
    const auto right = facePose(face.picture({.yaw = yaw}).landmarks);
    const auto left = facePose(face.picture({.yaw = -yaw}).landmarks);
    EXPECT_GT(right->yaw, last + 3) << yaw;
    EXPECT_NEAR(right->yaw, -left->yaw, 3) << "the same to either side";
    last = right->yaw;
  }
  FaceLandmarks point;
  EXPECT_FALSE(facePose(point)) << "all in one place";
}

TEST(FacePose, IsThatOfTheHeadThatWasSeen) {
  // The head that the fit assumes, turned by known angles and seen from afar.
  const auto seen = [](double yaw, double pitch, double roll) {
    const double degree = CV_PI / 180;
    const double y = yaw * degree;
    const double p = pitch * degree;
    const double r = roll * degree;
    const cv::Matx33d turnY(std::cos(y), 0, std::sin(y), 0, 1, 0, -std::sin(y), 0, std::cos(y));
    const cv::Matx33d turnX(1, 0, 0, 0, std::cos(p), -std::sin(p), 0, std::sin(p), std::cos(p));
    const cv::Matx33d turnZ(std::cos(r), -std::sin(r), 0, std::sin(r), std::cos(r), 0, 0, 0, 1);
    const cv::Matx33d all = turnZ * turnY * turnX;
    const auto place = [&](double x, double down, double towards) {
      const auto at = all * cv::Vec3d(x, down, towards);
      return cv::Point2f(static_cast<float>(200 + 60 * at[0]),
                         static_cast<float>(150 + 60 * at[1]));
    };
    return FaceLandmarks{place(-0.5, 0, 0), place(0.5, 0, 0), place(0, 0.63, 0.48),
                         place(-0.41, 1.16, 0.08), place(0.41, 1.16, 0.08)};
  };
  for (const double yaw : {-40.0, 0.0, 30.0}) {
    const auto pose = facePose(seen(yaw, 0, 0));
    EXPECT_NEAR(pose->yaw, yaw, 0.5);
    EXPECT_NEAR(pose->pitch, 0, 0.5);
  }
  EXPECT_NEAR(facePose(seen(0, 20, 0))->pitch, 20, 0.5) << "up";
  EXPECT_NEAR(facePose(seen(0, -20, 0))->pitch, -20, 0.5);
  const auto tilted = facePose(seen(30, 0, 25));
  EXPECT_NEAR(tilted->yaw, 30, 0.5);
  EXPECT_NEAR(tilted->roll, 25, 0.5);
}

TEST(FaceQualityReason, HasASentenceForEachAndRefusesTheFirstOnes) {
  for (const auto reason : {Reason::NoFace, Reason::SeveralFaces, Reason::CutOff, Reason::TooSmall,
                            Reason::Small, Reason::Profile, Reason::Turned, Reason::Blurred,
                            Reason::Dark, Reason::Overexposed, Reason::Covered}) {
    EXPECT_GT(faceQualitySentence(reason).size(), 10U);
    FaceQuality quality;
    quality.reasons = {reason};
    EXPECT_EQ(quality.isComparable(), reason >= Reason::Small);
    EXPECT_EQ(quality.text(), faceQualitySentence(reason));
  }
}

}  // namespace
}  // namespace countersign
