// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/biometrics/Repository.h"
#include "core/storage/Backup.h"

namespace countersign {

/// A repository with a database of its own, as its store sees it.
class StoredRepository : public Repository {
 public:
  /// Makes or upgrades the tables, and adds up all rows; deletes what was retired in an earlier
  /// session.
  virtual Status prepare() = 0;
  /// People whose erasing had been broken off, and was finished by prepare().
  virtual int erasedAtOpening() const = 0;
  /// The latest time of the newest events, which one misdated one does not hide; nothing while
  /// there is none, or it cannot be read.
  virtual std::optional<Timestamp> latestTime() const = 0;
  /// Takes the rows as they are, for somebody to answer for.
  ///
  /// @return  what was not as the store's book has it, in words.
  virtual Result<std::vector<std::string>> accept(const Author& author) = 0;
  /// Looks at every page, index and link of the database.
  virtual Status check() const = 0;
  /// Identities of the networks that a server holds.
  virtual Result<std::vector<std::string>> networksHeld() const = 0;
  /// Networks of a store on a server, as their files are; NotFound when there is none.
  virtual Result<Bytes> networkContent(const std::string& network) const = 0;
  virtual Status keepNetworkContent(const std::string& network, const std::string& hash,
                                    const Bytes& content, const Author& author) = 0;
  /// Copies the database into a new file.
  virtual Status copyTo(const std::filesystem::path& file,
                        const JobContext<BackupProgress>& context) const = 0;
};

}  // namespace countersign
