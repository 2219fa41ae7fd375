// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/InkComplexity.h"

#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace countersign {

double inkComplexity(const cv::Mat& canvas) {
  if (canvas.empty()) return 0;
  // A canvas holds shares of ink: enlarged, the border runs between its pixels.
  constexpr double kEnlarged = 4;
  constexpr double kHalf = 127;
  cv::Mat large;
  cv::resize(canvas, large, {}, kEnlarged, kEnlarged, cv::INTER_CUBIC);
  const cv::Mat ink = large > kHalf;
  const double area = cv::countNonZero(ink);
  if (area == 0) return 0;
  std::vector<std::vector<cv::Point>> borders;
  cv::findContours(ink, borders, cv::RETR_LIST, cv::CHAIN_APPROX_NONE);
  double perimeter = 0;
  for (const auto& border : borders) perimeter += cv::arcLength(border, true);
  return perimeter * perimeter / (4 * std::numbers::pi * area);
}

}  // namespace countersign
