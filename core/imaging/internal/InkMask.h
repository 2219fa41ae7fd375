// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>

namespace countersign {

/// Ink of a picture, separated from its paper.
struct InkMask {
  cv::Mat mask;          ///< CV_8UC1, 0 or 255.
  double threshold = 0;  ///< Darkness from which a pixel counts as ink, in [0, 255].
  double contrast = 0;   ///< Darkness of ink above that of paper; 0 when there is no ink.
  bool wasInverted = false;
};

/// Divides paper and shadows out and binarises at half of the ink's own contrast.
InkMask findInk(const cv::Mat& image);

/// Typical width of the strokes of a mask, in pixels; 0 for an empty mask.
double strokeWidth(const cv::Mat& mask);

/// The strokes of a mask made wider or narrower, all by the same amount, so that their typical
/// width becomes `to` pixels; a stroke never loses more than a third of itself.
///
/// @return  CV_8UC1 with soft edges, larger than the mask on every side by what the strokes grew.
cv::Mat withStrokeWidth(const cv::Mat& mask, double from, double to);

/// Takes straight lines out that cross the whole picture (ruled paper, form boxes) and keeps the
/// strokes that cross them. Returns how many were removed.
int removeRuledLines(cv::Mat& mask, double strokeWidth);

/// Connected pieces of ink.
struct PieceCount {
  int kept = 0;
  int removed = 0;
};

/// Takes pieces out that are too small to be writing, and solid ones that reach in from the
/// picture's edge (the black margin of a scan).
PieceCount removeBlotsAndSpecks(cv::Mat& mask, double strokeWidth);

}  // namespace countersign
