// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "core/corpus/CorpusManifest.h"
#include "core/evaluation/ErrorRates.h"

namespace countersign {

/// Scores of the comparisons by which a training run is judged while it goes on.
struct DevelopmentScores {
  LabelledScores skilled;  ///< Mated, and genuine against skilled forgery of the same person.
  LabelledScores random;   ///< Mated, and genuine against genuine of another person.
};

/// All pairs of genuine samples of a person, all of them against that person's forgeries, and a few
/// of each person against a few of every other.
///
/// @param score  of the samples of two records.
DevelopmentScores developmentScores(const std::vector<SampleRecord>& records,
                                    const std::function<double(std::size_t, std::size_t)>& score);

}  // namespace countersign
