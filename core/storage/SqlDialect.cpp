// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/SqlDialect.h"

#include <sqlite3.h>

#include <cstdlib>

namespace countersign::dialect {

std::vector<std::string> onConnect() {
  return {"PRAGMA foreign_keys = ON", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
          "PRAGMA secure_delete = ON"};
}

Error errorOf(const std::string& nativeCode, const std::string& text) {
  constexpr int kPrimary = 0xff;  // extended codes carry the primary one in their low byte
  switch (std::atoi(nativeCode.c_str()) & kPrimary) {
    case SQLITE_FULL:
      return {ErrorCode::FileNotWritable, "The disk is full; nothing was saved.", text};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {ErrorCode::FileNotWritable,
              "The store may not be written here; nothing was saved. Look at the rights of its "
              "folder.",
              text};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::StoreBusy,
              "Another program holds the store; nothing was saved. Try again in a moment.", text};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::StoreFailure,
              "The store is damaged. Restore it from a backup; nothing was changed in it.", text};
    case SQLITE_CANTOPEN:
      return {ErrorCode::FileNotReadable,
              "The store could not be opened. Look whether its folder exists and may be written.",
              text};
    case SQLITE_IOERR:
      return {ErrorCode::StoreFailure,
              "The disk that holds the store reports an error; nothing was saved.", text};
    default:
      return {ErrorCode::StoreFailure, "The store did not do what it was asked to.", text};
  }
}

}  // namespace countersign::dialect
