// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>

#include "core/imaging/FaceAligner.h"

namespace countersign {

/// A picture of an invented person's face and where its landmarks lie.
struct FacePicture {
  cv::Mat picture;  ///< CV_8UC3 (BGR).
  FaceLandmarks landmarks;
};

/// How an invented person is photographed.
struct FaceView {
  int size = 250;            ///< Side of the square picture, in pixels.
  double height = 0.56;      ///< Of the head, from chin to crown, as a share of the picture's side.
  double turn = 0;           ///< Of the head in the picture's plane, in degrees clockwise.
  double yaw = 0;            ///< To the beholder's right, in degrees.
  double light = 1;          ///< Brightness, 1 as usual.
  double side = 0;           ///< How much more of the light comes from the right, in [-1, 1].
  double smile = 0;          ///< In [-1, 1].
  double blur = 0.8;         ///< Standard deviation, in pixels.
  cv::Point2d offset{0, 0};  ///< Of the head's middle from the picture's, as shares of its side.
};

/// An invented person who has a face: what tests, samples and screenshots show in place of real
/// people. Drawn, not photographed: no figure that is measured on such faces says anything about
/// real ones.
///
/// Everything is a function of (seed, number): the same person looks the same on every machine.
class SyntheticFace {
 public:
  SyntheticFace(std::uint64_t seed, std::uint64_t number);

  FacePicture picture(const FaceView& view) const;

  /// The `index`-th snapshot: view, light, expression and background differ a little.
  FacePicture snapshot(std::uint64_t index, int size = 250) const;

 private:
  struct Tones {
    cv::Scalar skin, shade, hair, iris, lip;
  };

  std::uint64_t m_seed;
  std::uint64_t m_number;
  Tones m_tones;
  double m_width;    // of the head, over half its height
  double m_jaw;      // width of the chin
  double m_eyeSpan;  // distance of the eyes' middles
  double m_eyeSize;
  double m_eyeTilt;
  double m_browRise;
  double m_browWeight;
  double m_browTilt;
  double m_noseLength;
  double m_noseWidth;
  double m_mouthWidth;
  double m_lipWeight;
  double m_fringe;  // how far the hair comes down
  double m_sides;   // how far it stands off
  double m_beard;   // darkness, 0 for none
  bool m_hasGlasses;
};

}  // namespace countersign
