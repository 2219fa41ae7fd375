// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace countersign {

/// Lets everything else go first: this thread, and those it starts from now on, compute only when
/// nobody waits for the processor. Does nothing where the system has no such thing.
void yieldToOthers();

}  // namespace countersign
