// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <opencv2/core/mat.hpp>
#include <opencv2/core/matx.hpp>
#include <opencv2/core/types.hpp>
#include <string_view>

#include "core/base/Result.h"

namespace countersign {

/// Changes whenever alignFace() gives other pixels for any image and landmarks. Part of a face
/// network's identity, as kSignatureNormaliserVersion is of a signature network's.
inline constexpr std::string_view kFaceAlignerVersion = "face-1";

/// Side of the square chip that face networks look at, in pixels.
inline constexpr int kFaceChipSize = 112;

/// Five points of a face, in pixels of the image that they were found in; left and right are the
/// beholder's.
struct FaceLandmarks {
  cv::Point2f leftEye;
  cv::Point2f rightEye;
  cv::Point2f noseTip;
  cv::Point2f leftMouthCorner;
  cv::Point2f rightMouthCorner;

  std::array<cv::Point2f, 5> points() const {
    return {leftEye, rightEye, noseTip, leftMouthCorner, rightMouthCorner};
  }
};

/// Where the five points lie in a chip (the template that ArcFace networks are trained on: Deng et
/// al., 2019).
FaceLandmarks faceTemplate();

/// The similarity transform (turn, size, shift; no reflection) that maps the landmarks onto the
/// template with the least sum of squared distances (Umeyama, 1991), as a 2 × 3 matrix from image
/// to chip.
///
/// @return  QualityInsufficient when the points fall together or are not finite: no face has such.
Result<cv::Matx23d> faceTransform(const FaceLandmarks& landmarks);

/// The face, turned upright and scaled, as networks look at it.
///
/// @param picture  CV_8UC3 (BGR) or CV_8UC1; what lies beyond its edges is black.
/// @return  CV_8UC3 (BGR), kFaceChipSize × kFaceChipSize, sampled bilinearly.
Result<cv::Mat> alignFace(const cv::Mat& picture, const FaceLandmarks& landmarks);

}  // namespace countersign
