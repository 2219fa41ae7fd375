// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Error.h"

namespace countersign::dialect {

/// Everything that SQLite says in its own words; all other SQL is standard.

/// QtSql's name of the driver.
inline constexpr const char* kDriver = "QSQLITE";
/// Options of a connection: how long a short lock of another connection is waited for.
inline constexpr const char* kConnectOptions = "QSQLITE_BUSY_TIMEOUT=10000";
/// Takes the right to write at once, so that nothing read in the transaction can be out of date.
inline constexpr const char* kBeginWrite = "BEGIN IMMEDIATE";
/// The same for a connection that only looks: the file stays as it is.
inline constexpr const char* kLookOptions = "QSQLITE_BUSY_TIMEOUT=10000;QSQLITE_OPEN_READONLY";
/// Everything in the database's own file, nothing in others beside it.
inline constexpr const char* kOneFile = "PRAGMA journal_mode = DELETE";
/// What the names of the files beside it end in: what was not yet written into it, and where that
/// is found.
inline constexpr const char* kLogSuffix = "-wal";
inline constexpr const char* kIndexSuffix = "-shm";
/// Number of tables of a name.
inline constexpr const char* kCountTables =
    "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
/// One row with "ok", or rows that say what is damaged.
inline constexpr const char* kIntegrityCheck = "PRAGMA integrity_check";
inline constexpr const char* kForeignKeyCheck = "PRAGMA foreign_key_check";

/// Statements for every new connection: foreign keys, write-ahead log, full synchronisation, and
/// freed pages overwritten, since what is deleted is personal.
std::vector<std::string> onConnect();
/// The same for the file of keys, which has no log: a key that was erased would live on in it.
std::vector<std::string> onConnectKeys();

/// Copies a database as it is at one moment into a new file, while others may write to it.
///
/// @param connection  sqlite3*, as the driver gives it, with a read transaction open.
/// @param goesOn      told pages done and pages in all; false stops.
/// @return            what went wrong, if anything did; Cancelled when it was stopped.
std::optional<Error> copyDatabase(void* connection, const std::filesystem::path& file,
                                  const std::function<bool(int, int)>& goesOn);

/// Statements after which rows of a table can be added, and never changed or deleted.
std::vector<std::string> appendOnly(const std::string& table);

/// What a native error code means for a user.
Error errorOf(const std::string& nativeCode, const std::string& text);

}  // namespace countersign::dialect
