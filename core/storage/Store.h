// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/Clock.h"
#include "core/base/Result.h"
#include "core/biometrics/Repository.h"
#include "core/storage/Backup.h"

namespace countersign {

/// A folder with the store's database ("store.db", SQLite), the networks that serve it
/// ("networks/<identity>.safetensors"), and the lock of the one program that writes
/// ("writer.lock").
class Store {
 public:
  enum class Access {
    Write,        ///< StoreBusy when somebody else writes. The folder is made if it is missing.
    WriteIfFree,  ///< Like Write, but only reads when somebody else writes.
    Read,         ///< NotFound when there is no store.
  };

  /// Opens the store, finishes a restore that was broken off in its last step, brings an older one
  /// to this program's version, and, when it may write, deletes what was retired earlier and no
  /// decision rests on.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, Access access,
                                             Clock clock = systemTime);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Repository& repository();
  const Repository& repository() const;
  const std::filesystem::path& folder() const;
  /// Who holds the store instead, as a sentence; empty when this one may write.
  const std::string& writerElsewhere() const;

  /// Where the file of a network is kept; NotFound when the store has none of this identity.
  Result<std::filesystem::path> networkFile(const std::string& identity) const;
  /// Copies a network into the store, so that it serves as long as the store exists.
  Status keepNetwork(const std::filesystem::path& file, const std::string& identity);

  /// Copies the database as it is at one moment into a new file, while others work with it.
  Status copyDatabase(const std::filesystem::path& file,
                      const JobContext<BackupProgress>& context) const;

  /// Looks at every page, index and link of the database. For tests and after a crash.
  Status check() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

/// Where the office's store is when none is named: below $XDG_DATA_HOME or ~/.local/share.
std::filesystem::path defaultStoreFolder();

}  // namespace countersign
