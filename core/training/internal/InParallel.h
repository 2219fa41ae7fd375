// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/training/TrainingCorpus.h"

namespace countersign {

/// Calls `work(i)` for all i below `count`, on `threads` threads; the caller's one reports. `work`
/// must not throw.
///
/// @return  Cancelled when it was stopped; some calls have been made then.
template <typename Work>
Status inParallel(std::size_t count, int threads, const JobContext<CorpusProgress>& context,
                  const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::atomic<int> done = 0;
  const auto run = [&](bool isCaller) {
    for (std::size_t i = next++; i < count; i = next++) {
      if (context.stop.stop_requested()) return;
      work(i);
      ++done;
      if (isCaller) context.emitEvent({done, static_cast<int>(count)});
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(run, false);
    run(true);
  }
  if (context.stop.stop_requested())
    return Error{ErrorCode::Cancelled, "Reading the corpus was stopped.", ""};
  return ok();
}

}  // namespace countersign
