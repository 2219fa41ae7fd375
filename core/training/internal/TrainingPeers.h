// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>

#include "core/base/Result.h"
#include "core/metric/internal/BatchPeers.h"
#include "core/training/TrainingNodes.h"

namespace countersign {

/// Meets the other processes (LibTorch's process group over Gloo), and waits until all are there.
///
/// @return  Cancelled when it was stopped, OptionOutOfRange when the place cannot be listened at,
///          or BackendFailure when somebody was there and went again.
Result<std::unique_ptr<BatchPeers>> meetPeers(const TrainingNodes& nodes,
                                              const std::stop_token& stop);

}  // namespace countersign
