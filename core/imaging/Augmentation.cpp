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

/// Ink that fades in places: a smooth field between `least` and 1.
void fade(cv::Mat& canvas, double least, Random& random) {
  cv::Mat coarse(3, 5, CV_32FC1);
  for (int y = 0; y < coarse.rows; ++y) {
    for (int x = 0; x < coarse.cols; ++x)
      coarse.at<float>(y, x) = static_cast<float>(random.uniform(least, 1.3));
  }
  cv::Mat field;
  cv::resize(coarse, field, canvas.size(), 0, 0, cv::INTER_LINEAR);
  cv::min(field, 1.0, field);
  cv::multiply(canvas, field, canvas, 1, CV_8U);
}

void hideRectangle(cv::Mat& canvas, double size, const cv::Scalar& with, Random& random) {
  const int width = std::max(1, static_cast<int>(random.uniform(0.3, 1) * size * canvas.cols));
  const int height = std::max(1, static_cast<int>(random.uniform(0.3, 1) * size * canvas.rows));
  const int x = static_cast<int>(random.uniform(0, canvas.cols - width));
  const int y = static_cast<int>(random.uniform(0, canvas.rows - height));
  canvas(cv::Rect(x, y, width, height)).setTo(with);
}

void ruleLines(cv::Mat& canvas, Random& random) {
  const int count = 1 + static_cast<int>(random.below(3));
  const double slope = random.uniform(-0.03, 0.03);
  for (int i = 0; i < count; ++i) {
    const double y = random.uniform(0.1, 0.9) * canvas.rows;
    const double ink = random.uniform(80, 255);
    const double rise = slope * canvas.cols / 2;
    cv::line(canvas, {0, static_cast<int>(y - rise)}, {canvas.cols, static_cast<int>(y + rise)},
             cv::Scalar(ink), 1, cv::LINE_AA);
  }
}

/// Another light: contrast about the mean tone, and brightness.
void relight(cv::Mat& chip, double change, Random& random) {
  const double contrast = std::exp(random.uniform(-1, 1) * change);
  const double brightness = std::exp(random.uniform(-1, 1) * change);
  const auto mean = cv::mean(chip);
  const double grey = (mean[0] + mean[1] + mean[2]) / 3;
  chip.convertTo(chip, CV_8U, contrast * brightness, (1 - contrast) * brightness * grey);
}

bool isWithin(double value, double low, double high) { return value >= low && value <= high; }

}  // namespace

Status AugmentationOptions::check() const {
  if (isWithin(rotation, 0, 90) && isWithin(scale, 0, 1) && isWithin(shear, 0, 1) &&
      isWithin(shift, 0, 0.5) && isWithin(elasticAmplitude, 0, 50) &&
      isWithin(elasticLength, 4, 500) && isWithin(strokeChance, 0, 1) &&
      isWithin(fadeChance, 0, 1) && isWithin(leastInk, 0, 1) && isWithin(occlusionChance, 0, 1) &&
      isWithin(occlusionSize, 0, 1) && isWithin(lineChance, 0, 1) && isWithin(mirrorChance, 0, 1) &&
      isWithin(lightChange, 0, 1))
    return ok();
  return Error{ErrorCode::OptionOutOfRange, "An augmentation option is out of its range.", ""};
}

Status PseudoWriterOptions::check() const {
  if (isWithin(amplitude, 0, 50) && isWithin(length, 4, 500) && isWithin(variants, 1, 1000))
    return ok();
  return Error{ErrorCode::OptionOutOfRange, "A pseudo-writer option is out of its range.", ""};
}

cv::Mat warpAsPseudoWriter(const cv::Mat& canvas, const PseudoWriterOptions& options,
                           Random& random) {
  cv::Mat map = elasticField(canvas.size(), options.amplitude, options.length, random);
  for (int y = 0; y < map.rows; ++y) {
    auto* row = map.ptr<cv::Vec2f>(y);
    for (int x = 0; x < map.cols; ++x)
      row[x] += cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
  }
  cv::Mat warped;
  cv::remap(canvas, warped, map, {}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(0));
  return warped;
}

Status VirtualWriterOptions::check() const {
  if (isWithin(share, 0, 1) && isWithin(rotation, 0, 90) && isWithin(scale, 0, 1) &&
      isWithin(shear, 0, 1) && isWithin(elasticAmplitude, 0, 50) && isWithin(elasticLength, 4, 500))
    return ok();
  return Error{ErrorCode::OptionOutOfRange, "A virtual-writer option is out of its range.", ""};
}

cv::Mat warpAsVirtualWriter(const cv::Mat& canvas, const VirtualWriterOptions& options,
                            Random& random) {
  cv::Mat turned = canvas;
  if (options.isMirrored) {
    constexpr int kUpsideDown = 0;
    constexpr int kLeftToRight = 1;
    for (const int way : {kLeftToRight, kUpsideDown}) {
      if (!random.chance(0.5)) continue;
      cv::Mat flipped;
      cv::flip(turned, flipped, way);
      turned = flipped;
    }
  }
  return augmentCanvas(turned,
                       {.rotation = options.rotation,
                        .scale = options.scale,
                        .shear = options.shear,
                        .shift = 0,
                        .elasticAmplitude = options.elasticAmplitude,
                        .elasticLength = options.elasticLength,
                        .strokeChance = 0},
                       random);
}

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
  if (canvas.channels() == 3) {
    cv::remap(canvas, changed, map, {}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    if (random.chance(options.mirrorChance)) cv::flip(changed, changed, 1);
    relight(changed, options.lightChange, random);
    if (random.chance(options.occlusionChance))
      hideRectangle(changed, options.occlusionSize, cv::mean(changed), random);
    return changed;
  }
  cv::remap(canvas, changed, map, {}, cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar(0));
  if (random.chance(options.strokeChance)) changeStrokes(changed, random);
  if (random.chance(options.fadeChance)) fade(changed, options.leastInk, random);
  if (random.chance(options.occlusionChance))
    hideRectangle(changed, options.occlusionSize, 0, random);
  if (random.chance(options.lineChance)) ruleLines(changed, random);
  return changed;
}

}  // namespace countersign
