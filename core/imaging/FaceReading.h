// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/imaging/FaceDetector.h"
#include "core/imaging/SampleRegion.h"

namespace countersign {

/// Why a picture is less than good for comparing the face in it, in the order in which a person
/// would want to hear it.
enum class FaceQualityReason {
  NoFace,        ///< None was found.
  SeveralFaces,  ///< And nobody said which.
  CutOff,        ///< A good part of the face lies beyond the picture's edge.
  TooSmall,      ///< The eyes are too few pixels apart.
  // From here on it can be compared, with care.
  Small,    ///< Less detail than the network can use.
  Profile,  ///< Turned so far that half of the face is hidden.
  Turned,   ///< Best compared with references that are turned alike.
  Blurred,
  Dark,
  Overexposed,
  Covered,  ///< Something like a hand, a mask or dark glasses may hide a part; a hint, no finding.
};

/// One sentence for the user: what is wrong, and what to do about it.
std::string_view faceQualitySentence(FaceQualityReason reason);

/// How good a face is for being compared. None of these numbers says whose face it is.
struct FaceQuality {
  std::vector<FaceQualityReason> reasons;  ///< Empty when nothing is wrong.
  double detectionScore = 0;               ///< DetectedFace::detectionScore.
  double eyeDistance = 0;                  ///< In pixels of the picture.
  double yaw = 0;          ///< About how far the face looks to the beholder's right, in degrees.
  double pitch = 0;        ///< About how far it looks up, in degrees.
  double roll = 0;         ///< Its turn in the picture's plane, clockwise, in degrees.
  double sharpness = 0;    ///< Share of the chip's contrast that is in its finest details, >= 0.
  double brightness = 0;   ///< Mean grey value of the inner face, in [0, 255].
  double insideShare = 0;  ///< Share of the chip that lies within the picture, in [0, 1].

  /// False when a comparison would mean nothing.
  bool isComparable() const;
  /// The sentences of all reasons, joined by a space.
  std::string text() const;
};

/// Yaw, pitch and roll of a head, in degrees, as FaceQuality has them.
struct FacePose {
  double yaw = 0;
  double pitch = 0;
  double roll = 0;
};

/// The pose in which an average head would show these landmarks, seen from afar (a least-squares
/// fit of DeMenthon and Davis' scaled orthographic projection, 1995): good to some ten degrees,
/// since heads differ. Nothing when the points do not form a face.
std::optional<FacePose> facePose(const FaceLandmarks& landmarks);

/// A face reduced to what the network looks at, and how it was found.
struct FaceReading {
  std::vector<DetectedFace> faces;    ///< All that were found, from left to right.
  std::optional<std::size_t> chosen;  ///< The one that is meant, among `faces`.
  cv::Mat chip;                       ///< alignFace(); empty when none is meant.
  FaceQuality quality;
};

/// Detection → choice → quality → alignment. Three thresholds, never to be mixed up: the
/// detector's own, those of quality here, and τ, which alone decides who it is.
///
/// @param picture  CV_8UC3 (BGR) or CV_8UC1.
/// @return  always a reading; `quality` says whether it can be compared. OptionOutOfRange when the
///          crop lies outside the picture or there is no face of that number.
Result<FaceReading> readFace(const FaceDetector& detector, const cv::Mat& picture,
                             const SampleRegion& region = {});

}  // namespace countersign
