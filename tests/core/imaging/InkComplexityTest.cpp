// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/InkComplexity.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace countersign {
namespace {

cv::Mat blank() { return cv::Mat::zeros(150, 220, CV_8UC1); }

TEST(InkComplexity, IsWhatGeometrySays) {
  EXPECT_EQ(inkComplexity({}), 0);
  EXPECT_EQ(inkComplexity(blank()), 0);
  auto disc = blank();
  cv::circle(disc, {110, 75}, 50, 255, cv::FILLED);
  EXPECT_NEAR(inkComplexity(disc), 1, 0.25) << "a border of pixels is a tenth longer";
  // A bar of 200 by 4: (2 · 204)² / (4π · 800) = 16.6.
  auto bar = blank();
  bar(cv::Rect(10, 70, 200, 4)) = 255;
  EXPECT_NEAR(inkComplexity(bar), 16.6, 1.5);
}

TEST(InkComplexity, GrowsWithEveryStroke) {
  auto canvas = blank();
  double before = 0;
  for (int stroke = 0; stroke < 5; ++stroke) {
    cv::line(canvas, {20 + 40 * stroke, 20}, {30 + 30 * stroke, 130}, 255, 4);
    const double after = inkComplexity(canvas);
    EXPECT_GT(after, before + 5);
    before = after;
  }
  EXPECT_LT(before, kSimplestMeasured + 10) << "five strokes are still a simple signature";
}

TEST(InkComplexity, DoesNotDependOnPlaceOrDirection) {
  auto one = blank();
  cv::ellipse(one, {80, 70}, {50, 30}, 0, 0, 300, 255, 4);
  cv::line(one, {20, 120}, {200, 100}, 255, 4);
  cv::Mat other;
  cv::flip(one, other, 0);
  EXPECT_NEAR(inkComplexity(one), inkComplexity(other), 0.02 * inkComplexity(one));
}

}  // namespace
}  // namespace countersign
