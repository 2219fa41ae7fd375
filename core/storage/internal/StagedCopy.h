// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/Result.h"
#include "core/storage/internal/Sql.h"

namespace countersign {

/// A store that is being copied to where it will be: in files, or schemas, of other names beside
/// it, so that nobody can open a half of it. Throws SqlFailure.
class StagedCopy {
 public:
  /// @param store  folder of the store, which may name a server.
  explicit StagedCopy(std::filesystem::path store);

  /// What was noted when it was begun; empty when nothing was, or not to its end.
  std::string mark();
  /// Forgets what is there, and makes the tables.
  void startAnew(const std::string& mark);
  SqlConnection& rows();
  SqlConnection& keys();
  /// A network, unless it is there.
  void addNetwork(const std::string& identity, const Bytes& content);
  /// All files of a folder.
  void addNetworks(const std::filesystem::path& folder);

  enum class With { Rows, RowsAndKeys };
  /// The store's place, from one moment to the next. What was there is gone.
  void takePlace(With what);

 private:
  bool isOnServer() const { return isServer(m_rows); }
  void takePlaceOfFiles();

  std::filesystem::path m_store;
  SqlPlace m_rows;
  SqlPlace m_keys;
  std::unique_ptr<SqlConnection> m_rowsConnection;
  std::unique_ptr<SqlConnection> m_keysConnection;
};

}  // namespace countersign
