// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/Exhibit.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "ui/support/ImageConversion.h"

namespace countersign::ui {

namespace {

/// Larger pictures are shown at half their size, or a quarter ...: nobody sees the difference, and
/// painting stays quick.
constexpr int kLongestShown = 1600;

cv::Rect withMargin(const cv::Rect2d& box, cv::Size inside) {
  constexpr double kMargin = 0.08;
  const double margin = kMargin * std::max(box.width, box.height) + 4;
  const cv::Rect wide(static_cast<int>(std::floor(box.x - margin)),
                      static_cast<int>(std::floor(box.y - margin)),
                      static_cast<int>(std::ceil(box.width + 2 * margin)),
                      static_cast<int>(std::ceil(box.height + 2 * margin)));
  return wide & cv::Rect({0, 0}, inside);
}

QImage alphaOf(const cv::Mat& mask) {
  auto image = toQImage(mask);
  image.reinterpretAsFormat(QImage::Format_Alpha8);
  return image;
}

}  // namespace

Exhibit exhibitOf(const ExaminedImage& examined) {
  Exhibit exhibit;
  const auto& sample = examined.sample;
  exhibit.canvas = sample.canvas;
  exhibit.normalised =
      sample.canvas.channels() == 1 ? canvasImage(sample.canvas) : toQImage(sample.canvas);
  exhibit.quality = QString::fromStdString(examined.image.quality);
  exhibit.isComparable = examined.isComparable();
  const auto selected = selectRegion(examined.picture, examined.image.region);
  cv::Mat shown = selected ? *selected : examined.picture;
  cv::Mat ink(shown.size(), CV_8UC1, cv::Scalar(0));
  const auto& box = sample.box;
  if (sample.signature && !box.empty()) {
    const cv::Rect tight(cvRound(box.x), cvRound(box.y), std::max(1, cvRound(box.width)),
                         std::max(1, cvRound(box.height)));
    const cv::Rect inside = tight & cv::Rect({0, 0}, shown.size());
    if (!inside.empty()) {
      cv::Mat place = ink(inside);
      cv::resize(sample.signature->mask, place, inside.size(), 0, 0, cv::INTER_AREA);
    }
  }
  if (const auto around = withMargin(box, shown.size()); !box.empty() && !around.empty()) {
    shown = shown(around);
    ink = ink(around);
    exhibit.inkLength = std::max(box.width, box.height);
  }
  const double scale =
      std::min(1.0, static_cast<double>(kLongestShown) / std::max(shown.cols, shown.rows));
  if (scale < 1) {
    cv::Mat smaller;
    cv::resize(shown, smaller, {}, scale, scale, cv::INTER_AREA);
    shown = smaller;
    cv::Mat smallerInk;
    cv::resize(ink, smallerInk, shown.size(), 0, 0, cv::INTER_AREA);
    ink = smallerInk;
  }
  exhibit.inkLength *= scale;
  // A camera's resolution says nothing of a face's size.
  if (sample.signature && examined.image.dotsPerInch)
    exhibit.dotsPerInch = *examined.image.dotsPerInch * scale;
  exhibit.picture = toQImage(shown);
  exhibit.ink = alphaOf(ink);
  return exhibit;
}

CommonScale commonScale(const Exhibit& first, const Exhibit& second) {
  if (first.dotsPerInch && second.dotsPerInch) {
    const double higher = std::max(*first.dotsPerInch, *second.dotsPerInch);
    return {higher / *first.dotsPerInch, higher / *second.dotsPerInch, true};
  }
  if (first.inkLength <= 0 || second.inkLength <= 0) return {};
  const double longer = std::max(first.inkLength, second.inkLength);
  return {longer / first.inkLength, longer / second.inkLength, false};
}

}  // namespace countersign::ui
