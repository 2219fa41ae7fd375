// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>

#include "core/base/Random.h"
#include "core/base/Result.h"

namespace countersign {

/// How far a training canvas may be changed while it stays the same person's sample. The ranges are
/// those that the literature on off-line signatures uses.
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
  /// Chance that the ink fades in places, as of a pen that runs dry, to as little as this share.
  double fadeChance = 0;
  double leastInk = 0.4;
  /// Chance that a rectangle of up to this share of the canvas's width and height is hidden.
  double occlusionChance = 0;
  double occlusionSize = 0.2;
  /// Chance that one to three ruled lines cross the signature.
  double lineChance = 0;
  /// Faces alone: chance that it is mirrored, and largest relative change of brightness and
  /// contrast. Strokes, fading ink and ruled lines are for signatures alone.
  double mirrorChance = 0;
  double lightChange = 0;

  /// The first value that is out of its range, or nothing.
  Status check() const;
};

/// How a genuine signature is turned into one by somebody who imitates it.
struct PseudoWriterOptions {
  /// Mean displacement, in pixels, in [0, 50]: beyond what one hand varies by.
  double amplitude = 6;
  /// Distance over which the displacement changes, in pixels, in [4, 500].
  double length = 40;
  /// Different imitators of each person, >= 1.
  int variants = 4;

  Status check() const;
};

/// The canvas as the writer that `random` stands for would have written it: warped by a smooth
/// field which is the same for all canvases that are warped with an equal `random`. The images of a
/// person warped by one field are mates of each other and imitations of the person.
cv::Mat warpAsPseudoWriter(const cv::Mat& canvas, const PseudoWriterOptions& options,
                           Random& random);

/// How a person is turned into one who does not exist.
struct VirtualWriterOptions {
  /// Share of the people in a batch who are, in [0, 1].
  double share = 0;
  /// Whether they may also be mirrored left to right and upside down.
  bool isMirrored = true;
  /// As in AugmentationOptions; wider, since it need not be the same hand.
  double rotation = 12;
  double scale = 0.25;
  double shear = 0.25;
  double elasticAmplitude = 6;
  double elasticLength = 60;

  Status check() const;
};

/// The canvas as the person whom `random` stands for would have written it: equal numbers change
/// all canvases alike. Where every image of a person is changed so, genuine and forged, what tells
/// them apart stays, and the network cannot know the person by heart.
cv::Mat warpAsVirtualWriter(const cv::Mat& canvas, const VirtualWriterOptions& options,
                            Random& random);

/// A changed copy of a canvas (CV_8UC1, 255 = ink, or a face's chip, CV_8UC3); the same `random`
/// gives the same copy.
cv::Mat augmentCanvas(const cv::Mat& canvas, const AugmentationOptions& options, Random& random);

}  // namespace countersign
