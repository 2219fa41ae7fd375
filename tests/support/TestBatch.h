// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <vector>

#include "core/metric/internal/LabelledBatch.h"

namespace countersign::test {

/// Unit vectors in the plane, at angles in degrees, with their cosines as scores: all can be worked
/// out by hand.
///
/// @param victims  whom each imitates, negative for nobody; a sample with a victim and without a
///                 subject is a forgery. Empty: nobody imitates anybody.
LabelledBatch planeBatch(const std::vector<double>& degrees,
                         const std::vector<std::int64_t>& subjects,
                         std::vector<std::int64_t> victims = {});

/// cos of an angle in degrees.
double cosine(double degrees);

}  // namespace countersign::test
