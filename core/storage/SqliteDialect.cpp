// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/SqlDialect.h"

#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

namespace countersign {

namespace {

class SqliteDialect final : public SqlDialect {
 public:
  Opening opening(const SqlPlace& place, SqlUse use) const override {
    // How long a short lock of another connection is waited for.
    std::string options = "QSQLITE_BUSY_TIMEOUT=10000";
    if (use == SqlUse::Look) options += ";QSQLITE_OPEN_READONLY";
    return {.driver = "QSQLITE",
            .database = std::get<std::filesystem::path>(place).string(),
            .options = options};
  }

  void onOpened(const QVariant& /*handle*/) const override {}

  /// Freed pages are overwritten, since what is deleted is personal. The file of keys has no log: a
  /// key that was erased would live on in it.
  std::vector<std::string> onConnect(const SqlPlace& /*place*/, SqlUse use) const override {
    if (use == SqlUse::Look) return {};
    if (use == SqlUse::Keys)
      return {sqlite::kOneFile, "PRAGMA synchronous = EXTRA", "PRAGMA secure_delete = ON"};
    return {"PRAGMA foreign_keys = ON", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
            "PRAGMA secure_delete = ON"};
  }

  std::vector<std::string> beforeTables(const SqlPlace& /*place*/, SqlUse /*use*/) const override {
    return {};
  }

  std::vector<std::string> beginWrite() const override { return {"BEGIN IMMEDIATE"}; }
  const char* beginLook() const override { return "BEGIN"; }
  const char* countTables() const override {
    return "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
  }
  const char* integrityCheck() const override { return "PRAGMA integrity_check"; }
  const char* foreignKeyCheck() const override { return "PRAGMA foreign_key_check"; }
  bool doesStream() const override { return true; }

  std::vector<std::string> appendOnly(const std::string& table) const override {
    std::vector<std::string> statements;
    for (const char* change : {"UPDATE", "DELETE"}) {
      std::string text = "CREATE TRIGGER ";
      text.append(table).append("_refuses_").append(change).append(" BEFORE ").append(change);
      text.append(" ON ").append(table);
      text.append(" BEGIN SELECT RAISE(ABORT, 'history is not changed'); END");
      statements.push_back(std::move(text));
    }
    return statements;
  }

  Error errorOf(const std::string& nativeCode, const std::string& text) const override {
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
        return {ErrorCode::FileNotReadable,
                "The disk that holds the store reports an error; nothing was saved. Look after the "
                "disk before you go on.",
                text};
      default:
        return {ErrorCode::StoreFailure, "The store did not do what it was asked to.", text};
    }
  }

  Error errorOfOpening(const SqlPlace& /*place*/, const std::string& nativeCode,
                       const std::string& text) const override {
    return errorOf(nativeCode, text);
  }
};

}  // namespace

namespace sqlite {

const SqlDialect& dialect() {
  static const SqliteDialect words;
  return words;
}

std::optional<Error> copyDatabase(void* connection, const std::filesystem::path& file,
                                  const std::function<bool(int, int)>& goesOn) {
  sqlite3* opened = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> copy(opened, &sqlite3_close);
  const auto failed = [&](int code) {
    return dialect().errorOf(std::to_string(code), sqlite3_errstr(code));
  };
  if (result != SQLITE_OK) return failed(result);
  auto* backup = sqlite3_backup_init(copy.get(), "main", static_cast<sqlite3*>(connection), "main");
  if (backup == nullptr) return failed(sqlite3_errcode(copy.get()));
  constexpr int kPages = 256;  // some 1 MiB: Cancel is heard between two of them
  int step = SQLITE_OK;
  bool isWanted = true;
  while (step == SQLITE_OK || step == SQLITE_BUSY || step == SQLITE_LOCKED) {
    step = sqlite3_backup_step(backup, kPages);
    if (step == SQLITE_BUSY || step == SQLITE_LOCKED)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const int total = sqlite3_backup_pagecount(backup);
    isWanted = goesOn(total - sqlite3_backup_remaining(backup), total);
    if (!isWanted) break;
  }
  const int finished = sqlite3_backup_finish(backup);
  if (!isWanted)
    return Error{ErrorCode::Cancelled, "The backup was stopped; nothing was kept of it.", ""};
  if (step != SQLITE_DONE) return failed(step);
  if (finished != SQLITE_OK) return failed(finished);
  const int joined = sqlite3_exec(copy.get(), kOneFile, nullptr, nullptr, nullptr);
  if (joined != SQLITE_OK) return failed(joined);
  return {};
}

}  // namespace sqlite

const SqlDialect& SqlDialect::of(const SqlPlace& place) {
  return isServer(place) ? postgres::dialect() : sqlite::dialect();
}

}  // namespace countersign
