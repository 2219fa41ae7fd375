// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/Clock.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/storage/Accounts.h"

namespace countersign {

struct StoreCopyProgress {
  enum class Step { Copying, Comparing };
  Step step = Step::Copying;
  std::int64_t done = 0;   ///< Rows.
  std::int64_t total = 0;  ///< Rows of the source.
};

struct CopiedStore {
  std::int64_t rows = 0;
  int networks = 0;
  bool wasResumed = false;  ///< Part of it had been copied before.
  std::int64_t events = 0;  ///< Of the audit, whose chain was verified in the copy.
};

/// Copies a store, its accounts and its networks to another place: from a folder to a server, back,
/// or anywhere else (folders as ServerAddress.h has them). Rows stay sealed as they are. Every row
/// of the copy is compared with the original, added up by the store's book, and the chain of its
/// audit is worked out anew, before it can be opened. The source stays as it is; nobody can write
/// to it meanwhile. What was copied when it is stopped or fails is kept, and the next call goes on
/// from there unless the source was changed.
///
/// @param credential  of an administrator of the source.
/// @return            AlreadyEnrolled when there is a store at the target, StoreBusy while others
///                    have the source open, OptionOutOfRange, Cancelled, StoreFailure when source
///                    or copy are not whole, or the errors of Store::open().
Result<CopiedStore> copyStore(const std::filesystem::path& from, const std::filesystem::path& to,
                              const Credential& credential,
                              const JobContext<StoreCopyProgress>& context = {},
                              const Clock& clock = systemTime);

}  // namespace countersign
