// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/Random.h"
#include "core/base/Result.h"
#include "core/imaging/Augmentation.h"
#include "core/imaging/PenDrawing.h"

namespace countersign {

/// A pen trajectory as a network for sequences sees it: eight features a point (after Bromley et
/// al., 1993), free of place, size and device unit.
struct PenFeatures {
  static constexpr int kFeatures = 8;
  static constexpr int kMostPoints = 200;

  /// [points, 8]: x, y (centred, in units of the trajectory's standard deviation), their changes,
  /// speed, cosine and sine of the direction, and 1 where the pen is down.
  std::vector<float> values;

  int points() const { return static_cast<int>(values.size()) / kFeatures; }
};

/// Resamples evenly in time to at most PenFeatures::kMostPoints points.
///
/// @return  QualityInsufficient when there are fewer than eight points, or they are one place.
Result<PenFeatures> penFeatures(const PenTrajectory& trajectory);

/// A changed copy of a trajectory: turned, stretched and sheared within the ranges of the options,
/// written a little faster or slower.
PenTrajectory augmentTrajectory(PenTrajectory trajectory, const AugmentationOptions& options,
                                Random& random);

}  // namespace countersign
