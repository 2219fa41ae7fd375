// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>

namespace countersign {

/// How much there is to a signature: squared perimeter of its ink over 4π times its area
/// (perimetric complexity; Pelli, Burns, Farell & Moore-Page, 2006). A disc has 1, a straight
/// stroke about a third of its length in stroke widths; each loop and each further stroke adds to
/// it. On a network's canvas all strokes have one width, so that the pen plays no part.
///
/// @param canvas  CV_8UC1, 255 = ink.
/// @return        0 without ink.
double inkComplexity(const cv::Mat& canvas);

/// Of 100 signatures that the rates of the shipped network were measured on, one has less
/// (models/README.md).
inline constexpr double kSimplestMeasured = 47;

}  // namespace countersign
