// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/Clock.h"
#include "core/base/Result.h"
#include "core/storage/Store.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

/// Whether a conversion was broken off, whatever its state.
bool hasPendingConversion(const std::filesystem::path& store);

/// Copies a store of an earlier, unencrypted version into a new database whose rows are sealed,
/// compares both, puts the new one in the old one's place, and overwrites and deletes the old one.
/// Broken off at any moment, the next call goes on: until the new one is complete, the old one is
/// the store. Does nothing for a store that is sealed, or that is new.
///
/// Cancelled, nothing was changed. The caller holds the writer's lock, and nobody has the database
/// open.
Status convertStore(const std::filesystem::path& store, const std::shared_ptr<Vault>& vault,
                    const Clock& clock, const JobContext<EncryptionProgress>& context = {});

}  // namespace countersign
