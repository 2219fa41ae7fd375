// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/Result.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/WriterLock.h"

namespace countersign {

/// Whether a network may have this name; it becomes a file's.
Status checkNetworkName(const std::string& identity);

/// A store that is being copied to where it will be: in files, or schemas, of other names beside
/// it, so that nobody can open a half of it. Throws SqlFailure.
class StagedCopy {
 public:
  /// @param store  folder of the store, which may name a server.
  explicit StagedCopy(std::filesystem::path store);

  /// Takes the right to make it; nobody else does as long as this lives.
  ///
  /// @return  StoreBusy when somebody else does.
  Status hold();
  /// What was noted when it was begun; empty when nothing was, or not to its end.
  std::string mark();
  /// Forgets what is there, and makes the tables.
  void startAnew(const std::string& mark);
  /// Empty tables for the keys, whatever was there.
  void startKeysAnew();
  SqlConnection& rows();
  SqlConnection& keys();
  /// A network, unless it is there.
  void addNetwork(const std::string& identity, const Bytes& content);
  /// All files of a folder.
  void addNetworks(const std::filesystem::path& folder);

  /// For the history, which whoever opens the store next writes.
  void noteRestore(const std::string& backup);

  /// Takes the place where no store is, from one moment to the next.
  ///
  /// @return  AlreadyEnrolled when one was set up there meanwhile.
  Status takeFreePlace();
  /// On a server, takes the place of the rows that are there, which are gone.
  void replaceRows();

 private:
  bool isOnServer() const { return isServer(m_rows); }
  void takePlaceOfFiles();
  void rename(const std::string& schema);
  static void removeFiles(const SqlPlace& place);

  std::filesystem::path m_store;
  SqlPlace m_rows;
  SqlPlace m_keys;
  std::unique_ptr<WriterLock> m_lock;  ///< Of a folder.
  std::unique_ptr<SqlConnection> m_rowsConnection;
  std::unique_ptr<SqlConnection> m_keysConnection;
};

}  // namespace countersign
