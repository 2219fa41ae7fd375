// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceAligner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace countersign {
namespace {

FaceLandmarks moved(double degrees, double scale, cv::Point2d shift) {
  const double angle = degrees * std::numbers::pi / 180;
  const auto move = [&](cv::Point2f p) {
    return cv::Point2f(
        static_cast<float>(scale * (std::cos(angle) * p.x - std::sin(angle) * p.y) + shift.x),
        static_cast<float>(scale * (std::sin(angle) * p.x + std::cos(angle) * p.y) + shift.y));
  };
  const auto t = faceTemplate();
  return {move(t.leftEye), move(t.rightEye), move(t.noseTip), move(t.leftMouthCorner),
          move(t.rightMouthCorner)};
}

cv::Point2d through(const cv::Matx23d& m, const cv::Point2f& p) {
  return {m(0, 0) * p.x + m(0, 1) * p.y + m(0, 2), m(1, 0) * p.x + m(1, 1) * p.y + m(1, 2)};
}

TEST(FaceAligner, FindsEverySimilarityBackExactly) {
  for (const double degrees : {0.0, 17.0, -45.0, 90.0, 180.0, -120.0}) {
    for (const double scale : {0.2, 1.0, 7.5}) {
      const auto landmarks = moved(degrees, scale, {100, -30});
      const auto transform = faceTransform(landmarks);
      ASSERT_TRUE(transform);
      const auto points = landmarks.points();
      const auto targets = faceTemplate().points();
      for (std::size_t i = 0; i < points.size(); ++i) {
        const auto p = through(*transform, points[i]);
        EXPECT_NEAR(p.x, targets[i].x, 1e-3);
        EXPECT_NEAR(p.y, targets[i].y, 1e-3);
      }
    }
  }
}

/// Sum of squared distances between moved landmarks and the template.
double costOf(const cv::Matx23d& m, const FaceLandmarks& landmarks) {
  const auto points = landmarks.points();
  const auto targets = faceTemplate().points();
  double cost = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto d = through(m, points[i]) - cv::Point2d(targets[i]);
    cost += d.dot(d);
  }
  return cost;
}

TEST(FaceAligner, IsTheLeastSquaresSolutionAndNeverReflects) {
  auto landmarks = moved(20, 2, {10, 20});
  landmarks.noseTip += cv::Point2f(9, -4);
  landmarks.leftMouthCorner += cv::Point2f(-6, 8);
  const auto best = *faceTransform(landmarks);
  const double least = costOf(best, landmarks);
  EXPECT_GT(least, 1);
  for (int direction = 0; direction < 4; ++direction) {
    for (const double step : {-1e-3, 1e-3}) {
      auto other = best;  // what stays a similarity: turn, size, shifts
      if (direction == 0) {
        other(0, 0) += step;
        other(1, 1) += step;
      } else if (direction == 1) {
        other(0, 1) -= step;
        other(1, 0) += step;
      } else {
        other(direction - 2, 2) += 100 * step;
      }
      EXPECT_GT(costOf(other, landmarks), least);
    }
  }
  auto mirrored = faceTemplate();
  std::swap(mirrored.leftEye, mirrored.rightEye);
  std::swap(mirrored.leftMouthCorner, mirrored.rightMouthCorner);
  if (const auto transform = faceTransform(mirrored)) {
    const auto& m = *transform;
    EXPECT_GT(m(0, 0) * m(1, 1) - m(0, 1) * m(1, 0), 0);
  }
}

TEST(FaceAligner, GivesTheChipBackThatAPictureWasMadeOf) {
  cv::Mat chip(kFaceChipSize, kFaceChipSize, CV_8UC3, cv::Scalar(40, 80, 160));
  for (const auto& point : faceTemplate().points())
    cv::circle(chip, point, 9, cv::Scalar(200, 120, 30), cv::FILLED, cv::LINE_AA);
  cv::GaussianBlur(chip, chip, {}, 2);
  const auto landmarks = moved(30, 3, {300, 150});
  cv::Matx23d toPicture;
  cv::invertAffineTransform(*faceTransform(landmarks), toPicture);
  cv::Mat picture;
  cv::warpAffine(chip, picture, toPicture, {900, 800}, cv::INTER_LINEAR, cv::BORDER_CONSTANT);
  const auto found = alignFace(picture, landmarks);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type(), CV_8UC3);
  const cv::Rect inner(4, 4, kFaceChipSize - 8, kFaceChipSize - 8);
  EXPECT_LT(cv::norm(chip(inner), (*found)(inner), cv::NORM_INF), 12);
  cv::Mat grey;
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
  EXPECT_EQ(alignFace(grey, landmarks)->type(), CV_8UC3);
}

TEST(FaceAligner, RefusesPointsThatAreNoFace) {
  FaceLandmarks together{{5, 5}, {5, 5}, {5, 5}, {5, 5}, {5, 5}};
  EXPECT_EQ(faceTransform(together).error().code, ErrorCode::QualityInsufficient);
  auto broken = faceTemplate();
  broken.noseTip.x = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(faceTransform(broken));
}

}  // namespace
}  // namespace countersign
