// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

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
/// Number of tables of a name.
inline constexpr const char* kCountTables =
    "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
/// One row with "ok", or rows that say what is damaged.
inline constexpr const char* kIntegrityCheck = "PRAGMA integrity_check";
inline constexpr const char* kForeignKeyCheck = "PRAGMA foreign_key_check";

/// Statements for every new connection: foreign keys, write-ahead log, full synchronisation, and
/// freed pages overwritten, since what is deleted is personal.
std::vector<std::string> onConnect();

/// What a native error code means for a user.
Error errorOf(const std::string& nativeCode, const std::string& text);

}  // namespace countersign::dialect
