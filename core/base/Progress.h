// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

namespace countersign {

/// How a long function talks to whoever runs it. Copyable; empty callbacks are allowed.
template <typename Event>
struct JobContext {
  std::stop_token stop = {};                      ///< Polled at least once per mini-batch.
  std::function<void(const Event&)> report = {};  ///< Called on the job's own thread.

  void emitEvent(const Event& event) const {
    if (report) report(event);
  }
};

}  // namespace countersign
