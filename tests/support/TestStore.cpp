// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestStore.h"

#include <gtest/gtest.h>

#include <sqlite3.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

#include "core/storage/Accounts.h"
#include "core/storage/internal/Sql.h"
#include "tests/support/PostgresServer.h"

namespace countersign::test {

bool areStoresOnServer() {
  const char* wanted = std::getenv("COUNTERSIGN_TEST_STORES");
  return wanted != nullptr && std::string_view(wanted) == "postgresql";
}

std::filesystem::path placeFor(const std::filesystem::path& folder) {
  if (!areStoresOnServer() || std::filesystem::exists(folder / "server.url")) return folder;
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "server.url") << PostgresServer::shared().newDatabase() << '\n';
  return folder;
}

std::filesystem::path storeIn(const std::filesystem::path& folder) {
  placeFor(folder);
  if (!hasKeys(folder)) {
    const auto made = protectOpenly(folder, "ada");
    EXPECT_TRUE(made) << made.error().message << made.error().detail;
  }
  return folder;
}

namespace {

std::string databaseOf(const SqlPlace& place) {
  return std::get<ServerPlace>(place).server.database;
}

/// Several statements, none of which gives rows.
void change(const SqlPlace& place, const std::string& statements) {
  if (isServer(place)) {
    EXPECT_NO_THROW(PostgresServer::shared().run(
        databaseOf(place), "SET search_path TO countersign, countersign_keys; " + statements))
        << statements;
    return;
  }
  sqlite3* handle = nullptr;
  sqlite3_open(std::get<std::filesystem::path>(place).c_str(), &handle);
  EXPECT_EQ(sqlite3_exec(handle, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << statements << ": " << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

}  // namespace

void changeRows(const std::filesystem::path& folder, const std::string& statement) {
  const auto place = rowsPlaceOf(folder);
  change(place, (isServer(place) ? "SET session_replication_role TO replica; "
                                 : "DROP TRIGGER IF EXISTS event_refuses_UPDATE;"
                                   "DROP TRIGGER IF EXISTS event_refuses_DELETE;") +
                    statement);
}

void changeKeys(const std::filesystem::path& folder, const std::string& statement) {
  change(keysPlaceOf(folder), statement);
}

std::string bytesLiteral(const std::string& digits) {
  return areStoresOnServer() ? "'\\x" + digits + "'" : "x'" + digits + "'";
}

RowsAsTheyAre::RowsAsTheyAre(std::filesystem::path folder) : m_folder(std::move(folder)) {
  const auto place = rowsPlaceOf(m_folder);
  if (isServer(place)) {
    m_copy = databaseOf(place) + "_as_it_was";
    PostgresServer::shared().run("postgres",
                                 "CREATE DATABASE " + m_copy + " TEMPLATE " + databaseOf(place));
    return;
  }
  m_copy = (m_folder.parent_path() / "rows-as-they-were.db").string();
  std::filesystem::copy_file(std::get<std::filesystem::path>(place), m_copy);
}

void RowsAsTheyAre::putBack() const {
  const auto place = rowsPlaceOf(m_folder);
  if (isServer(place)) {
    auto& server = PostgresServer::shared();
    server.run("postgres", "DROP DATABASE " + databaseOf(place) + " WITH (FORCE)");
    server.run("postgres", "CREATE DATABASE " + databaseOf(place) + " TEMPLATE " + m_copy);
    return;
  }
  std::filesystem::copy_file(m_copy, std::get<std::filesystem::path>(place),
                             std::filesystem::copy_options::overwrite_existing);
}

}  // namespace countersign::test
