// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>

#include "core/base/Random.h"

namespace countersign {

/// How far a training canvas may be changed while it stays the same person's signature. The ranges
/// are those that the literature on off-line signatures uses; there are no mirror images.
struct AugmentationOptions {
  /// Largest turn either way, in degrees.
  double rotation = 7;
  /// Largest relative change of size; width and height differ by up to half of it.
  double scale = 0.1;
  /// Largest horizontal shear, as displacement per height.
  double shear = 0.1;
  /// Largest shift, as a share of the canvas.
  double shift = 0.04;
  /// Largest mean displacement of the elastic field (Simard, Steinkraus & Platt, 2003), in pixels.
  double elasticAmplitude = 2.0;
  /// Distance over which the elastic field changes, in pixels.
  double elasticLength = 24;
  /// Chance that the strokes are made thicker or thinner, by up to one pixel.
  double strokeChance = 0.5;
};

/// A changed copy of a canvas (CV_8UC1, 255 = ink); the same `random` gives the same copy.
cv::Mat augmentCanvas(const cv::Mat& canvas, const AugmentationOptions& options, Random& random);

}  // namespace countersign
