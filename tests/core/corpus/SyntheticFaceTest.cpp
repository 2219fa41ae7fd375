// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SyntheticFace.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

namespace countersign {
namespace {

TEST(SyntheticFace, IsAFunctionOfItsSeedAndNumber) {
  const auto one = SyntheticFace(1, 2).snapshot(3);
  const auto same = SyntheticFace(1, 2).snapshot(3);
  EXPECT_EQ(cv::norm(one.picture, same.picture, cv::NORM_INF), 0);
  EXPECT_EQ(one.landmarks.points(), same.landmarks.points());
  for (const auto& other : {SyntheticFace(2, 2).snapshot(3), SyntheticFace(1, 3).snapshot(3),
                            SyntheticFace(1, 2).snapshot(4)})
    EXPECT_GT(cv::norm(one.picture, other.picture, cv::NORM_INF), 50);
}

TEST(SyntheticFace, LandmarksFollowTheView) {
  const SyntheticFace face(7, 1);
  const auto front = face.picture({});
  EXPECT_EQ(front.picture.size(), cv::Size(250, 250));
  EXPECT_EQ(front.picture.type(), CV_8UC3);
  const auto& l = front.landmarks;
  EXPECT_NEAR(l.leftEye.y, l.rightEye.y, 0.01);
  EXPECT_NEAR((l.leftEye.x + l.rightEye.x) / 2, 125, 0.5);
  EXPECT_LT(l.leftEye.x, l.rightEye.x);
  EXPECT_LT(l.noseTip.y, l.leftMouthCorner.y);
  const auto turned = face.picture({.turn = 30}).landmarks;
  EXPECT_GT(turned.rightEye.y, turned.leftEye.y + 5) << "clockwise";
  const auto profile = face.picture({.yaw = 25}).landmarks;
  EXPECT_GT(profile.noseTip.x - (profile.leftEye.x + profile.rightEye.x) / 2, 3);
  const auto large = face.picture({.size = 500}).landmarks;
  EXPECT_NEAR(large.rightEye.x - large.leftEye.x, 2 * (l.rightEye.x - l.leftEye.x), 0.5);
}

}  // namespace
}  // namespace countersign
