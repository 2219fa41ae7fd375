// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/Augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace countersign {

namespace {

/// A smooth random displacement field: a coarse grid of Gaussian numbers, enlarged.
cv::Mat elasticField(cv::Size size, double amplitude, double length, Random& random) {
  const cv::Size coarse(std::max(2, static_cast<int>(std::ceil(size.width / length)) + 1),
                        std::max(2, static_cast<int>(std::ceil(size.height / length)) + 1));
  cv::Mat grid(coarse, CV_32FC2);
  for (int y = 0; y < grid.rows; ++y) {
    for (int x = 0; x < grid.cols; ++x)
      grid.at<cv::Vec2f>(y, x) = {static_cast<float>(amplitude * random.normal()),
                                  static_cast<float>(amplitude * random.normal())};
  }
  cv::Mat field;
  cv::resize(grid, field, size, 0, 0, cv::INTER_CUBIC);
  return field;
}

void changeStrokes(cv::Mat& canvas, Random& random) {
  static const cv::Mat kCross = cv::getStructuringElement(cv::MORPH_CROSS, {3, 3});
  cv::Mat changed;
  if (random.chance(0.5))
    cv::dilate(canvas, changed, kCross);
  else
    cv::erode(canvas, changed, kCross);
  // Part of a step: strokes on the canvas are two to three pixels wide.
  const double share = random.uniform(0.2, 0.9);
  cv::addWeighted(canvas, 1 - share, changed, share, 0, canvas);
}

}  // namespace

cv::Mat augmentCanvas(const cv::Mat& canvas, const AugmentationOptions& options, Random& random) {
  const double turn = random.uniform(-1, 1) * options.rotation * std::numbers::pi / 180;
  const double size = std::exp(random.uniform(-1, 1) * options.scale);
  const double aspect = std::exp(random.uniform(-0.5, 0.5) * options.scale);
  const double shear = random.uniform(-1, 1) * options.shear;
  const double shiftX = random.uniform(-1, 1) * options.shift * canvas.cols;
  const double shiftY = random.uniform(-1, 1) * options.shift * canvas.rows;
  const double centreX = 0.5 * (canvas.cols - 1);
  const double centreY = 0.5 * (canvas.rows - 1);
  const double a = std::cos(turn) * size * aspect;
  const double b = -std::sin(turn) * size + shear;
  const double c = std::sin(turn) * size;
  const double d = std::cos(turn) * size / aspect;

  cv::Mat map = elasticField(canvas.size(), options.elasticAmplitude * random.uniform(),
                             options.elasticLength, random);
  for (int y = 0; y < map.rows; ++y) {
    auto* row = map.ptr<cv::Vec2f>(y);
    const double dy = y - centreY;
    for (int x = 0; x < map.cols; ++x) {
      const double dx = x - centreX;
      row[x][0] += static_cast<float>(centreX + a * dx + b * dy + shiftX);
      row[x][1] += static_cast<float>(centreY + c * dx + d * dy + shiftY);
    }
  }
  cv::Mat changed;
  cv::remap(canvas, changed, map, {}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(0));
  if (random.chance(options.strokeChance)) changeStrokes(changed, random);
  return changed;
}

}  // namespace countersign
