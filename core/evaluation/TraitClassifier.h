// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/evaluation/BootstrapInterval.h"
#include "core/metric/NetworkCard.h"

namespace countersign {

/// Traits of one sample for a reference-free classifier: no reference is looked at, only the sample
/// itself.
struct TraitRow {
  std::vector<double> traits;  ///< As many in every row.
  bool isGenuine = false;
  std::string subject;
};

/// How well traits alone tell genuine from forged: balanced accuracy (1/2 is chance) of ridge
/// regression onto ±1, trained and tested on different people, with a 95 % interval by bootstrap
/// over people. Nothing without genuine and forged samples of two people at least.
///
/// @param folds  groups of people, each tested once by a classifier trained on the others; >= 2.
std::optional<Estimate> traitAccuracy(const std::vector<TraitRow>& rows, int folds = 10,
                                      const BootstrapOptions& options = {});

}  // namespace countersign
