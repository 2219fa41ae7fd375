// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/PenDrawing.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace countersign {
namespace {

TEST(PenDrawing, DrawsUpwardsYAndLeavesPenLiftsOut) {
  // A stroke up on the left, then a jump, then a stroke along the bottom on the right.
  const PenTrajectory pen{
      {0, 0, 0, true}, {0, 100, 1, false}, {100, 0, 2, true}, {200, 0, 3, true}};
  const auto drawing = drawPen(pen, {.longerSide = 200, .margin = 10});
  const cv::Rect ink = cv::boundingRect(drawing < 128);
  EXPECT_NEAR(ink.width, 200, 4);
  EXPECT_NEAR(ink.height, 100, 4);
  EXPECT_LT(drawing.at<uchar>(15, 10), 128) << "top of the first stroke";
  EXPECT_GT(drawing.at<uchar>(60, 60), 250) << "the pen was lifted here";
  EXPECT_LT(drawing.at<uchar>(110, 160), 128) << "second stroke at the bottom";
}

TEST(PenDrawing, IsEmptyForAPenThatNeverTouches) {
  EXPECT_TRUE(drawPen({{0, 0, 0, false}, {9, 9, 1, false}}).empty());
  EXPECT_TRUE(drawPen({}).empty());
}

TEST(PenDrawing, ScanHasTheTonesThatWereAskedFor) {
  const auto drawing = drawPen({{0, 0, 0, true}, {100, 50, 1, true}});
  const auto scan =
      scanOf(drawing, {.ink = {200, 80, 20}, .paper = {210, 220, 230}, .noise = 1}, 5);
  EXPECT_NEAR(scan.at<cv::Vec3b>(2, 2)[0], 210, 6);
  EXPECT_NEAR(scan.at<cv::Vec3b>(2, 2)[2], 230, 6);
  EXPECT_EQ(
      cv::norm(scan,
               scanOf(drawing, {.ink = {200, 80, 20}, .paper = {210, 220, 230}, .noise = 1}, 5),
               cv::NORM_INF),
      0);
}

}  // namespace
}  // namespace countersign
