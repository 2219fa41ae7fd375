// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Error.h"
#include "core/base/Secret.h"
#include "core/storage/internal/SqlPlace.h"

class QVariant;

namespace countersign {

/// What a connection to a database is for.
enum class SqlUse {
  Work,  ///< The rows of a store. A file is made if it is missing.
  Look,  ///< Only reads, and leaves a file and its folder as they are.
  Keys,  ///< Like Work for the keys, and nothing of an earlier state stays beside a file.
};

/// Everything that a database says in its own words; all other SQL is standard.
class SqlDialect {
 public:
  static const SqlDialect& of(const SqlPlace& place);
  virtual ~SqlDialect() = default;
  SqlDialect(const SqlDialect&) = delete;
  SqlDialect& operator=(const SqlDialect&) = delete;

  /// How QtSql opens it.
  struct Opening {
    const char* driver;
    std::string database;
    std::string host = {};
    int port = 0;
    std::string user = {};
    std::shared_ptr<const Secret> password = {};
    std::string options = {};
  };
  virtual Opening opening(const SqlPlace& place, SqlUse use) const = 0;
  /// Called with the driver's own handle of a new connection.
  virtual void onOpened(const QVariant& handle) const = 0;
  /// Statements for every new connection.
  virtual std::vector<std::string> onConnect(const SqlPlace& place, SqlUse use) const = 0;
  /// Statements before tables are made.
  virtual std::vector<std::string> beforeTables(const SqlPlace& place, SqlUse use) const = 0;
  /// Statements that take the right to write at once, so that nothing read in the transaction can
  /// be out of date.
  virtual std::vector<std::string> beginWrite() const = 0;
  /// All that is read is as of one moment.
  virtual const char* beginLook() const = 0;
  /// Number of tables of a name.
  virtual const char* countTables() const = 0;
  /// One row with "ok", or rows that say what is damaged.
  virtual const char* integrityCheck() const = 0;
  /// Rows that name what refers to nothing.
  virtual const char* foreignKeyCheck() const = 0;
  /// Whether rows can be read one by one while other statements run on the same connection.
  virtual bool doesStream() const = 0;
  /// Statements after which rows of a table can be added, and never changed or deleted.
  virtual std::vector<std::string> appendOnly(const std::string& table) const = 0;

  /// What a native error code means for a user.
  virtual Error errorOf(const std::string& nativeCode, const std::string& text) const = 0;
  /// The same where no connection was made.
  virtual Error errorOfOpening(const SqlPlace& place, const std::string& nativeCode,
                               const std::string& text) const = 0;

 protected:
  SqlDialect() = default;
};

namespace sqlite {

/// Everything in the database's own file, nothing in others beside it.
inline constexpr const char* kOneFile = "PRAGMA journal_mode = DELETE";
/// What the names of the files beside it end in: what was not yet written into it, and where that
/// is found.
inline constexpr const char* kLogSuffix = "-wal";
inline constexpr const char* kIndexSuffix = "-shm";

/// Copies a database as it is at one moment into a new file, while others may write to it.
///
/// @param connection  sqlite3*, as the driver gives it, with a read transaction open.
/// @param goesOn      told pages done and pages in all; false stops.
/// @return            what went wrong, if anything did; Cancelled when it was stopped.
std::optional<Error> copyDatabase(void* connection, const std::filesystem::path& file,
                                  const std::function<bool(int, int)>& goesOn);

const SqlDialect& dialect();

}  // namespace sqlite

namespace postgres {

/// Channel on which a change says that it was made.
inline constexpr const char* kChannel = "countersign";
/// Tells it, as part of the change. Values: what to tell.
inline constexpr const char* kNotify = "SELECT pg_notify('countersign', ?)";
/// Whether no other desk has the store open; until kGoOn none can open it.
inline constexpr const char* kTryAlone =
    "SELECT CASE WHEN pg_try_advisory_lock(hashtext(current_setting('search_path')), 2) THEN 1 "
    "ELSE 0 END";
inline constexpr const char* kGoOn =
    "SELECT pg_advisory_unlock(hashtext(current_setting('search_path')), 2)";

const SqlDialect& dialect();

/// What libpq is told to connect, besides names and password. What the environment says of servers
/// is not heard.
std::string connectionOptions(const ServerAddress& server);

}  // namespace postgres

}  // namespace countersign
