// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/metric/NetworkFile.h"

namespace countersign::test {

/// A small network with random weights for the canvas that the normaliser makes; always the same.
NetworkFile randomNetwork();

}  // namespace countersign::test
