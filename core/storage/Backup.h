// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/Clock.h"
#include "core/base/Progress.h"
#include "core/base/Result.h"

namespace countersign {

class Store;

/// A backup is a folder: the database as it was at one moment ("store.db"), the networks that serve
/// it ("networks/"), and a list of both with their sizes and SHA-256 ("backup.json"), which is
/// written last. Nothing in it is encrypted that is not encrypted in the store. The newest copy of
/// the keys of a store that has any lies beside its backups ("keys-<store>.db"): who was erased
/// before it was written cannot be read in any of them.
struct BackupSummary {
  std::filesystem::path folder;
  std::string made;   ///< ISO 8601, UTC.
  std::string store;  ///< Folder of the store that it is of.
  int people = 0;
  int references = 0;
  int decisions = 0;
  std::uintmax_t bytes = 0;
};

struct BackupProgress {
  int done = 0;
  int total = 0;  ///< Pages of the database, or rows of a server's; 0 until they are counted.
};

struct BackupOptions {
  /// Older backups of the same store in the same folder are deleted beyond so many, once the new
  /// one was verified; 0: none is.
  int keep = 7;
  Clock clock = systemTime;
};

/// Copies a store that is in use into a new folder below `into`, and verifies what was written.
/// What is enrolled or decided meanwhile is in the next backup. A backup that was broken off leaves
/// nothing that could be taken for one.
///
/// @return  FileNotWritable when there is no room, Cancelled, or the errors of verifyBackup().
Result<BackupSummary> backUp(const Store& store, const std::filesystem::path& into,
                             const BackupOptions& options,
                             const JobContext<BackupProgress>& context);

/// Complete backups below a folder, the newest first; only their lists are read.
std::vector<BackupSummary> backupsIn(const std::filesystem::path& folder);

/// Reads every file of a backup and compares it with the list, then every page, index and link of
/// the database.
///
/// @return  NotFound when the folder is no backup, StoreFailure when it is damaged or was written
///          by a newer version of the program.
Result<BackupSummary> verifyBackup(const std::filesystem::path& folder);

struct RestoredStore {
  BackupSummary backup;
  std::filesystem::path kept;  ///< Folder of the database that was there before; empty: none was.
};

/// Puts a backup in the place of a store that nobody has open. What was there, damaged or not, is
/// kept in a folder of its own in the store's, from which it can be restored in turn. Broken off at
/// any moment, it leaves the old store, or the new one is complete when the store is next opened.
///
/// @param backup  of backUp(), or a folder that an earlier restore kept.
/// @return        StoreBusy while somebody has the store open, FileNotWritable when there is no
///                room, or the errors of verifyBackup(); then the store is as it was.
Result<RestoredStore> restoreStore(const std::filesystem::path& backup,
                                   const std::filesystem::path& folder,
                                   const Clock& clock = systemTime);

/// Usual backups of a store, and what restores kept of it, that an earlier version left without
/// encrypting them.
std::vector<std::filesystem::path> unencryptedCopies(const std::filesystem::path& store);

/// Where backups go when no folder is named: "backups" beside the store.
std::filesystem::path defaultBackupFolder(const std::filesystem::path& store);

}  // namespace countersign
