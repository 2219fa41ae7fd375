// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/corpus/CorpusManifest.h"
#include "core/evaluation/ErrorRates.h"
#include "core/metric/Embedding.h"

namespace countersign {

/// Scores of the comparisons by which a training run is judged while it goes on.
struct DevelopmentScores {
  LabelledScores skilled;  ///< Mated, and genuine against skilled forgery of the same person.
  LabelledScores random;   ///< Mated, and genuine against genuine of another person.
};

/// All pairs of genuine samples of a person, all of them against that person's forgeries, and a few
/// of each person against a few of every other. Sample i has embedding i.
DevelopmentScores developmentScores(const std::vector<SampleRecord>& records,
                                    const std::vector<EmbeddedSample>& samples);

}  // namespace countersign
