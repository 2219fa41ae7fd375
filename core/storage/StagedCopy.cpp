// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/StagedCopy.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include "core/base/File.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/Schema.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".copying";
constexpr std::uintmax_t kLargestNetwork = std::uintmax_t{1} << 30U;

SqlPlace stagedPlace(const SqlPlace& place) {
  if (const auto* file = std::get_if<fs::path>(&place)) return fs::path(file->string() + kSuffix);
  auto staged = std::get<ServerPlace>(place);
  staged.isCopying = true;
  return staged;
}

[[noreturn]] void cannotWrite(const fs::path& file, const std::string& why) {
  throw SqlFailure(ErrorCode::FileNotWritable,
                   quoted(file) + " could not be written: is there room, and may you write there?",
                   why);
}

void check(const Status& status) {
  if (!status) throw SqlFailure(status.error().code, status.error().message, status.error().detail);
}

}  // namespace

Status checkNetworkName(const std::string& identity) {
  const bool isPlain = !identity.empty() && identity.front() != '.' &&
                       std::all_of(identity.begin(), identity.end(), [](unsigned char c) {
                         return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
                       });
  if (isPlain) return ok();
  return Error{ErrorCode::StoreFailure,
               "The store names a network that could not be a file's name; somebody changed it.",
               identity};
}

StagedCopy::StagedCopy(fs::path store)
    : m_store(std::move(store)),
      m_rows(stagedPlace(rowsPlaceOf(m_store))),
      m_keys(stagedPlace(keysPlaceOf(m_store))) {}

SqlConnection& StagedCopy::rows() {
  if (!m_rowsConnection) m_rowsConnection = std::make_unique<SqlConnection>(m_rows);
  return *m_rowsConnection;
}

SqlConnection& StagedCopy::keys() {
  if (!m_keysConnection)
    m_keysConnection = std::make_unique<SqlConnection>(m_keys, SqlConnection::Use::Keys);
  return *m_keysConnection;
}

Status StagedCopy::hold() {
  if (!isOnServer()) {
    std::error_code failure;
    fs::create_directories(m_store / "networks", failure);
    if (failure) cannotWrite(m_store, failure.message());
    fs::permissions(m_store, fs::perms::owner_all, failure);
    auto lock = WriterLock::take(m_store / "writer.lock");
    if (!lock) return lock.error();
    m_lock = *std::move(lock);
    return ok();
  }
  SqlStatement alone(rows(), postgres::kTryAlone);
  if (alone.run().next() && alone.integer(0) == 1) return ok();
  return Error{ErrorCode::StoreBusy,
               "Somebody else is copying a store to " + placeText(m_store) +
                   ". Try again when that is done.",
               ""};
}

std::string StagedCopy::mark() {
  std::error_code ignored;
  if (const auto* file = std::get_if<fs::path>(&m_rows);
      file != nullptr && !fs::exists(*file, ignored))
    return {};
  if (!rows().hasTable("copy_mark")) return {};
  SqlStatement row(rows(), "SELECT content FROM copy_mark");
  return row.run().next() ? row.text(0) : "";
}

void StagedCopy::removeFiles(const SqlPlace& place) {
  std::error_code ignored;
  for (const char* suffix : {"", sqlite::kLogSuffix, sqlite::kIndexSuffix})
    fs::remove(std::get<fs::path>(place).string() + suffix, ignored);
}

void StagedCopy::startAnew(const std::string& mark) {
  startKeysAnew();
  if (isOnServer()) {
    rows().run("DROP SCHEMA IF EXISTS countersign_copying CASCADE");
  } else {
    m_rowsConnection.reset();
    removeFiles(m_rows);
  }
  SqlTransaction transaction(rows());
  createTables(rows());
  rows().run("CREATE TABLE copy_mark (content TEXT NOT NULL)");
  SqlStatement(rows(), "INSERT INTO copy_mark VALUES (?)").bind(mark).run();
  transaction.commit();
}

void StagedCopy::startKeysAnew() {
  if (isOnServer()) {
    keys().run("DROP SCHEMA IF EXISTS countersign_keys_copying CASCADE");
  } else {
    m_keysConnection.reset();
    removeFiles(m_keys);
  }
  SqlTransaction transaction(keys());
  createKeyTables(keys());
  transaction.commit();
}

void StagedCopy::addNetwork(const std::string& identity, const Bytes& content) {
  check(checkNetworkName(identity));
  if (!isOnServer()) {
    const auto file = m_store / "networks" / (identity + ".safetensors");
    std::error_code ignored;
    if (fs::exists(file, ignored)) return;
    check(
        writeFileAtomically(file, {reinterpret_cast<const char*>(content.data()), content.size()}));
    return;
  }
  SqlStatement known(rows(), "SELECT COUNT(*) FROM network_file WHERE identity = ?");
  if (known.bind(identity).run().next() && known.integer(0) > 0) return;
  SqlStatement(rows(), "INSERT INTO network_file VALUES (?, ?)").bind(identity).bind(content).run();
}

void StagedCopy::addNetworks(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".safetensors") continue;
    const auto content = readFile(entry.path(), kLargestNetwork);
    if (!content) check(content.error());
    addNetwork(entry.path().stem().string(), *content);
  }
}

void StagedCopy::noteRestore(const std::string& backup) {
  rows().run("CREATE TABLE restore_note (content TEXT NOT NULL)");
  SqlStatement(rows(), "INSERT INTO restore_note VALUES (?)").bind(backup).run();
}

void StagedCopy::rename(const std::string& schema) {
  rows().run("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
  rows().run("ALTER SCHEMA " + schema + "_copying RENAME TO " + schema);
}

Status StagedCopy::takeFreePlace() {
  if (!isOnServer()) {
    takePlaceOfFiles();
    return ok();
  }
  SqlTransaction transaction(rows());
  // Who sets a store up takes this one, too.
  rows().run("SELECT pg_advisory_xact_lock(hashtext('countersign_keys'), 1)");
  SqlStatement there(rows(),
                     "SELECT COUNT(*) FROM pg_tables WHERE schemaname IN"
                     " ('countersign', 'countersign_keys')");
  if (there.run().next() && there.integer(0) > 0)
    return Error{ErrorCode::AlreadyEnrolled,
                 "Meanwhile a store was set up at " + placeText(m_store) +
                     ". Copy to where none is; nothing was changed.",
                 ""};
  rows().run("DROP TABLE copy_mark");
  rename("countersign");
  rename("countersign_keys");
  try {
    transaction.commit();
  } catch (const SqlFailure& failure) {
    if (failure.error().code != ErrorCode::StoreUnreachable) throw;
    return Error{ErrorCode::StoreUnreachable,
                 "The server went away in the last step; whether the copy is in its place is not "
                 "known. Copy again: what is there is found.",
                 failure.error().detail};
  }
  return ok();
}

void StagedCopy::replaceRows() {
  const auto place = keysPlaceOf(m_store);
  const bool hasOwnKeys = areKeysAt(place);
  SqlTransaction transaction(rows());
  rows().run("DROP TABLE copy_mark");
  rename("countersign");
  if (hasOwnKeys)
    rows().run("DROP SCHEMA IF EXISTS countersign_keys_copying CASCADE");
  else
    rename("countersign_keys");
  transaction.commit();
}

/// Where the keys are is a store: they come last.
void StagedCopy::takePlaceOfFiles() {
  rows().run("DROP TABLE copy_mark");
  rows().run(sqlite::kOneFile);
  m_rowsConnection.reset();
  m_keysConnection.reset();
  for (const auto& place : {m_rows, m_keys}) {
    const auto& file = std::get<fs::path>(place);
    auto target = file;
    target.replace_extension();
    std::error_code failure;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, failure);
    flushToDisk(file);
    fs::rename(file, target, failure);
    if (failure) cannotWrite(target, failure.message());
  }
  flushToDisk(m_store);
}

}  // namespace countersign
