// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "core/metric/internal/Branch.h"

namespace countersign {

// The families of branches; makeBranch() is the way to get at them.
std::shared_ptr<Branch> makeSequenceBranch(const Architecture& architecture, ScoreKind score);
std::shared_ptr<Branch> makeMobileFaceNetBranch(const Architecture& architecture, ScoreKind score);
std::shared_ptr<Branch> makePseudoSiameseBranch(const Architecture& architecture, ScoreKind score);

}  // namespace countersign
