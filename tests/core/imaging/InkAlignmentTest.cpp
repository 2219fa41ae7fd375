// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/InkAlignment.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "tests/support/TestImages.h"

namespace countersign {
namespace {

cv::Mat inkOf(std::uint64_t number, std::uint64_t index) {
  cv::Mat grey = test::signatureDrawing(number, index);
  if (grey.channels() == 3) cv::cvtColor(grey, grey, cv::COLOR_BGR2GRAY);
  cv::Mat ink;
  cv::threshold(grey, ink, 128, 255, cv::THRESH_BINARY_INV);
  return ink;
}

cv::Mat moved(const cv::Mat& ink, double degrees, double scale, cv::Point2d shift) {
  cv::Mat by = cv::getRotationMatrix2D(cv::Point(ink.cols / 2, ink.rows / 2), degrees, scale);
  by.at<double>(0, 2) += shift.x;
  by.at<double>(1, 2) += shift.y;
  cv::Mat out;
  cv::warpAffine(ink, out, by, ink.size() + cv::Size(80, 80));
  cv::threshold(out, out, 128, 255, cv::THRESH_BINARY);
  return out;
}

TEST(InkAlignment, FindsHowASignatureWasMoved) {
  const auto ink = inkOf(4, 0);
  for (const double degrees : {0.0, 9.0, -14.0}) {
    for (const double scale : {1.0, 0.8, 1.2}) {
      const auto other = moved(ink, degrees, scale, {30, 22});
      const auto found = alignInk(ink, other);
      ASSERT_TRUE(found);
      EXPECT_LT(found->distance, 0.7) << degrees << " degrees, scale " << scale;
      const auto& t = found->transform;
      EXPECT_NEAR(std::hypot(t(0, 0), t(1, 0)), scale, 0.02);
      EXPECT_NEAR(std::atan2(-t(1, 0), t(0, 0)) * 180 / CV_PI, degrees, 1.0);
    }
  }
}

TEST(InkAlignment, IsNotDraggedAlongByAMissingPart) {
  const auto ink = inkOf(4, 0);
  auto other = moved(ink, 0, 1, {10, 10});
  cv::Rect box = cv::boundingRect(other);
  other(cv::Rect(box.x + box.width * 6 / 7, box.y, box.width - box.width * 6 / 7, box.height)) = 0;
  const auto found = alignInk(ink, other);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->transform(0, 2), 10, 2.5);
  EXPECT_NEAR(found->transform(0, 0), 1, 0.03);
}

TEST(InkAlignment, BringsTwoSignaturesOfOnePersonCloserThanThoseOfTwo) {
  const auto one = inkOf(4, 0);
  const auto other = inkOf(4, 1);
  const auto same = alignInk(one, other);
  const auto different = alignInk(one, inkOf(9, 0));
  ASSERT_TRUE(same && different);
  EXPECT_LT(same->distance, different->distance);
}

TEST(InkAlignment, HasNothingToAlignWithoutInk) {
  const cv::Mat blank(50, 80, CV_8UC1, cv::Scalar(0));
  EXPECT_FALSE(alignInk(blank, inkOf(4, 0)));
  EXPECT_FALSE(alignInk(inkOf(4, 0), blank));
  EXPECT_FALSE(alignInk({}, blank));
  cv::Mat dot = blank.clone();
  dot.at<unsigned char>(20, 30) = 255;
  EXPECT_TRUE(alignInk(dot, inkOf(4, 0)));
}

}  // namespace
}  // namespace countersign
