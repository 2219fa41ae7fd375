// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Background.h"

#include <sys/resource.h>
#include <unistd.h>

namespace countersign {

void yieldToOthers() {
#ifdef __linux__
  constexpr int kLast = 19;
  // On Linux, a process number may be a thread's.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLast));
#endif
}

}  // namespace countersign
