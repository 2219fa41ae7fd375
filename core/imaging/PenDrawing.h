// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <vector>

namespace countersign {

/// One sample of a pen's movement.
struct PenPoint {
  double x = 0;        ///< To the right, in the device's unit.
  double y = 0;        ///< Upwards, in the same unit.
  double seconds = 0;  ///< Since the first sample.
  bool isDown = true;  ///< Whether the pen touches the paper from here to the next sample.
};
using PenTrajectory = std::vector<PenPoint>;

/// How a trajectory becomes a picture. Lengths are shares of the signature's longer side.
struct PenDrawingOptions {
  int longerSide = 640;        ///< Of the drawn ink, in pixels.
  int margin = 24;             ///< Paper around it, in pixels.
  double strokeWidth = 0.009;  ///< Mean width of the line.
  double speedThinning = 0.4;  ///< How much thinner the fastest part of the line is, in [0, 1).
};

/// Draws the pen-down parts of a trajectory, dark on white, smooth and anti-aliased.
///
/// @return  CV_8UC1; empty when the trajectory never touches the paper.
cv::Mat drawPen(const PenTrajectory& trajectory, const PenDrawingOptions& options = {});

/// Tones of a scan: pen, paper and scanner, without any influence on shape.
struct ScanTones {
  cv::Scalar ink{40, 40, 40};       ///< BGR.
  cv::Scalar paper{245, 245, 245};  ///< BGR.
  double noise = 2;                 ///< Standard deviation of the sensor, in grey levels.
};

/// Turns a drawing (CV_8UC1, dark on white) into a scan in colour (CV_8UC3).
cv::Mat scanOf(const cv::Mat& drawing, const ScanTones& tones, std::uint64_t seed);

}  // namespace countersign
