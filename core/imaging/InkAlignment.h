// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>

namespace countersign {

/// A similarity transform that lays one signature on another: turn, one scale, shift.
struct InkAlignment {
  cv::Matx23d transform;  ///< From pixels of the questioned mask to pixels of the reference's.
  double distance = 0;    ///< Mean distance of ink to the other's nearest ink, in reference pixels.
};

/// Finds the transform by matching ink to the nearest ink in both directions (iterative closest
/// points; Besl & McKay, 1992) from several starts, with the worst fifth of matches left out, so
/// that a missing stroke does not drag the rest along. Turns of up to 30 degrees and scales from a
/// half to twice are considered.
///
/// @param questioned, reference  CV_8UC1, ink where not 0; of any sizes.
/// @return  nothing where one of them has no ink.
std::optional<InkAlignment> alignInk(const cv::Mat& questioned, const cv::Mat& reference);

}  // namespace countersign
