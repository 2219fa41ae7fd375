// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>
#include <optional>

#include "core/base/Result.h"

namespace countersign {

/// Which face is meant where there are several.
struct FaceChoice {
  enum class Kind {
    Only,         ///< There is no other of comparable size.
    Largest,      ///< By the distance of the eyes.
    MostCentral,  ///< In the picture, or in the part of it that was asked for.
    Number,       ///< Counted from the left.
  };
  Kind kind = Kind::Only;
  int number = 1;  ///< From 1, for Kind::Number.
  friend bool operator==(const FaceChoice&, const FaceChoice&) = default;
};

/// What the user asks for before anything is measured.
struct SampleRegion {
  /// Part of the image that holds the signature or the face, in pixels of the upright image; all of
  /// it if unset.
  std::optional<cv::Rect> crop;
  /// Clockwise turn of the cropped part, in degrees.
  double rotation = 0;
  FaceChoice face = {};
  friend bool operator==(const SampleRegion&, const SampleRegion&) = default;
};

/// The part of an image that was asked for, turned: what boxes of samples refer to.
///
/// @return  OptionOutOfRange when the crop lies outside the image.
Result<cv::Mat> selectRegion(const cv::Mat& image, const SampleRegion& region);

/// Its two steps. The turned picture grows so that no corner is lost; new corners take the colour
/// of its edge.
Result<cv::Mat> cropped(const cv::Mat& image, const std::optional<cv::Rect>& crop);
cv::Mat turnedClockwise(const cv::Mat& image, double degrees);

}  // namespace countersign
