// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/corpus/CorpusManifest.h"
#include "core/imaging/PenDrawing.h"

namespace countersign {

/// One stroke of the sigma-lognormal model (Plamondon, 1995; O'Reilly & Plamondon, 2009): its speed
/// is D times the lognormal density of (t - t0; mu, sigma), and its direction turns from thetaStart
/// to thetaEnd as the stroke is carried out.
struct LognormalStroke {
  double length = 1;      ///< D, in heights of a small letter.
  double onset = 0;       ///< t0, in seconds.
  double mu = -1.6;       ///< Log of the response time in seconds.
  double sigma = 0.3;     ///< Spread of the response, > 0.
  double thetaStart = 0;  ///< Radians, counter-clockwise from the right.
  double thetaEnd = 0;
  bool isDown = true;  ///< False while the pen travels above the paper.
};

/// An invented person who signs: a plan of strokes, and the habits of their hand and pen.
///
/// Everything is a function of (seed, number): the same signer signs the same on every machine.
class SyntheticSigner {
 public:
  SyntheticSigner(std::uint64_t seed, std::uint64_t number);

  /// The `index`-th genuine signature: the plan with a small jitter (Galbally et al., 2012).
  PenTrajectory genuine(std::uint64_t index) const;

  /// The `index`-th skilled forgery: larger jitter, slower, with tremor and added pen lifts, by
  /// somebody who saw the signature but has another hand.
  ///
  /// @param likeness  in (0, 1]: strokes err 1 / likeness times as much as a skilled forger's.
  PenTrajectory forgery(std::uint64_t index, double likeness = 1) const;

  /// A scan of a signature. Tones of pen, paper and scanner depend on (signer, label-blind index)
  /// in one and the same way for genuine ones and forgeries.
  cv::Mat scan(const PenTrajectory& trajectory, std::uint64_t sampleKey) const;

  const std::vector<LognormalStroke>& plan() const { return m_plan; }

 private:
  PenTrajectory write(SampleLabel label, std::uint64_t index, double errors) const;

  std::uint64_t m_seed;
  std::uint64_t m_number;
  std::vector<LognormalStroke> m_plan;
  double m_slant = 0;
};

/// Trajectory of a sequence of strokes, sampled at 100 Hz.
PenTrajectory trace(const std::vector<LognormalStroke>& strokes);

}  // namespace countersign
