// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metric/NetworkFile.h"

namespace countersign::test {

/// A small network with random weights for the canvas that the normaliser makes; the same for the
/// same seed.
NetworkFile randomNetwork(int seed = 1, int mapChannels = 0);

}  // namespace countersign::test
