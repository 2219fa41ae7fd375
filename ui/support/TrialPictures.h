// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "ui/support/ThresholdEvidence.h"
#include "ui/widgets/PairGallery.h"

namespace countersign::ui {

/// The samples of some trials side by side, each with its score. One that cannot be read any more
/// is an empty picture. Runs on a job's thread.
std::vector<PairGallery::Item> trialPictures(const Desk& desk, const ThresholdEvidence& evidence,
                                             const std::vector<std::size_t>& trials);

}  // namespace countersign::ui
