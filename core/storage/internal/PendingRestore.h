// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/Result.h"

namespace countersign {

/// Where a backup waits that is complete and only has to take the store's place.
std::filesystem::path pendingRestore(const std::filesystem::path& store);

/// Whether a restore was broken off in its last step.
bool hasPendingRestore(const std::filesystem::path& store);

/// Takes that step: sets the old database aside and puts the new one in its place. May be broken
/// off and called again. The caller holds the writer's lock, and nobody has the database open.
Status finishRestore(const std::filesystem::path& store);

/// File with the name of a backup that was restored and is not in the history yet.
std::filesystem::path restoreNote(const std::filesystem::path& store);

}  // namespace countersign
