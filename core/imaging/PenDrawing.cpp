// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/PenDrawing.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/Random.h"

namespace countersign {

namespace {

/// Drawn at a multiple of the size and averaged down: cv::line's own anti-aliasing knows whole
/// widths only.
constexpr int kOversampling = 3;

struct Extent {
  double left = 0;
  double right = 0;
  double bottom = 0;
  double top = 0;
  double longerSide() const { return std::max({right - left, top - bottom, 1e-9}); }
};

bool findExtent(const PenTrajectory& trajectory, Extent& extent) {
  bool isAny = false;
  bool wasDown = false;
  for (const auto& p : trajectory) {
    // The sample at which the pen is lifted still ends a line.
    const bool isDrawn = p.isDown || wasDown;
    wasDown = p.isDown;
    if (!isDrawn) continue;
    if (!isAny) extent = {p.x, p.x, p.y, p.y};
    extent = {std::min(extent.left, p.x), std::max(extent.right, p.x), std::min(extent.bottom, p.y),
              std::max(extent.top, p.y)};
    isAny = true;
  }
  return isAny;
}

double length(const PenPoint& a, const PenPoint& b) { return std::hypot(b.x - a.x, b.y - a.y); }

/// Speed below which most of the pen-down way lies: the unit of "fast".
double highSpeed(const PenTrajectory& trajectory) {
  std::vector<double> speeds;
  for (std::size_t i = 1; i < trajectory.size(); ++i) {
    const double dt = trajectory[i].seconds - trajectory[i - 1].seconds;
    if (trajectory[i - 1].isDown && dt > 0)
      speeds.push_back(length(trajectory[i - 1], trajectory[i]) / dt);
  }
  if (speeds.empty()) return 0;
  const auto at = speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() * 9 / 10);
  std::nth_element(speeds.begin(), at, speeds.end());
  return *at;
}

}  // namespace

cv::Mat drawPen(const PenTrajectory& trajectory, const PenDrawingOptions& options) {
  Extent extent;
  if (!findExtent(trajectory, extent)) return {};
  const double scale = options.longerSide * kOversampling / extent.longerSide();
  const int margin = options.margin * kOversampling;
  const auto pixels = [&](double span) {
    return static_cast<int>(std::ceil(span * scale)) + 2 * margin;
  };
  cv::Mat large(pixels(extent.top - extent.bottom), pixels(extent.right - extent.left), CV_8UC1,
                cv::Scalar(255));

  constexpr int kFraction = 4;  // bits of sub-pixel position
  const auto place = [&](const PenPoint& p) {
    constexpr double kUnit = 1 << kFraction;
    return cv::Point(cvRound(((p.x - extent.left) * scale + margin) * kUnit),
                     cvRound(((extent.top - p.y) * scale + margin) * kUnit));
  };
  const double fast = highSpeed(trajectory);
  const double meanWidth = options.strokeWidth * options.longerSide * kOversampling;
  double smoothed = 0.5;
  for (std::size_t i = 1; i < trajectory.size(); ++i) {
    const auto& from = trajectory[i - 1];
    const auto& to = trajectory[i];
    if (!from.isDown) continue;
    const double dt = to.seconds - from.seconds;
    const double speed = fast > 0 && dt > 0 ? std::min(1.0, length(from, to) / dt / fast) : 0.5;
    smoothed += 0.2 * (speed - smoothed);
    const double width = meanWidth * (1 + options.speedThinning * (0.5 - smoothed));
    cv::line(large, place(from), place(to), cv::Scalar(0), std::max(1, cvRound(width)), cv::LINE_8,
             kFraction);
  }
  cv::Mat drawing;
  cv::resize(large, drawing, {}, 1.0 / kOversampling, 1.0 / kOversampling, cv::INTER_AREA);
  return drawing;
}

cv::Mat scanOf(const cv::Mat& drawing, const ScanTones& tones, std::uint64_t seed) {
  cv::Mat soft;
  constexpr double kOpticsBlur = 0.6;
  cv::GaussianBlur(drawing, soft, {0, 0}, kOpticsBlur);
  cv::Mat scan(drawing.size(), CV_8UC3);
  Random random{seed, 0x5ca9};
  for (int y = 0; y < scan.rows; ++y) {
    const auto* in = soft.ptr(y);
    auto* out = scan.ptr<cv::Vec3b>(y);
    for (int x = 0; x < scan.cols; ++x) {
      const double paper = in[x] / 255.0;
      const double noise = tones.noise * random.normal();
      for (int c = 0; c < 3; ++c)
        out[x][c] =
            cv::saturate_cast<uchar>(paper * tones.paper[c] + (1 - paper) * tones.ink[c] + noise);
    }
  }
  return scan;
}

}  // namespace countersign
