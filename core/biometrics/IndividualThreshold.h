// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "core/biometrics/ComparisonScore.h"
#include "core/metric/ScoreEvidence.h"

namespace countersign {

/// How people's own samples score, by a network's evidence: what one person is compared with.
struct UsualSpread {
  /// Standard deviation of the scores of one person's samples with one reference, within people.
  double deviation = 0;
  /// Mean score of a sample with as many references as the person has.
  double mean = 0;
};
/// @return  nothing when the evidence has no two mated scores of anybody, or they are all the same.
std::optional<UsualSpread> usualSpread(const EvidenceByList& evidence, int references);

/// Fewer references show no spread: with two there is one score.
inline constexpr int kFewestForSpread = 3;
/// How many references the office's τ counts for against a person's own.
inline constexpr double kReferencesOfOfficeThreshold = 4;

/// τ of one person, from the spread of their own references: as many of their standard deviations
/// below the usual mean as the office's τ lies below it in usual ones, and then shrunk towards the
/// office's τ by n / (n + 4) for n references. Somebody who signs much the same each time gets a
/// higher τ than somebody whose signatures differ. Their own mean plays no part: a person whose
/// references happen to be alike scores no higher with later samples (models/README.md has the
/// figures with and without).
///
/// @param pairs       scores of the person's references with each other, one a pair, less their
///                    excessOffset(): as probes score.
/// @param references  how many there are; with fewer than kFewestForSpread it is the office's τ.
SimilarityScore individualThreshold(SimilarityScore office, const UsualSpread& usual,
                                    const std::vector<double>& pairs, int references);

}  // namespace countersign
