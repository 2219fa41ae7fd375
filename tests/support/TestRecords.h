// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/Clock.h"
#include "core/biometrics/Records.h"

namespace countersign::test {

/// A clock that stands at 2026-01-02 03:04:05 UTC and moves on by a second with each look.
Clock steppingClock();

/// A reference that needs no network, with bytes of its own.
NewReference plainReference(const std::string& name, const std::string& network);

}  // namespace countersign::test
