// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/StagedCopy.h"

#include <system_error>

#include "core/base/File.h"
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

std::string StagedCopy::mark() {
  std::error_code ignored;
  if (const auto* file = std::get_if<fs::path>(&m_rows);
      file != nullptr && !fs::exists(*file, ignored))
    return {};
  if (!rows().hasTable("copy_mark")) return {};
  SqlStatement row(rows(), "SELECT content FROM copy_mark");
  return row.run().next() ? row.text(0) : "";
}

void StagedCopy::startAnew(const std::string& mark) {
  m_rowsConnection.reset();
  m_keysConnection.reset();
  if (isOnServer()) {
    rows().run("DROP SCHEMA IF EXISTS countersign_copying CASCADE");
    rows().run("DROP SCHEMA IF EXISTS countersign_keys_copying CASCADE");
  } else {
    std::error_code failure;
    fs::create_directories(m_store / "networks", failure);
    if (failure) cannotWrite(m_store, failure.message());
    fs::permissions(m_store, fs::perms::owner_all, failure);
    for (const auto& place : {m_rows, m_keys})
      for (const char* suffix : {"", sqlite::kLogSuffix, sqlite::kIndexSuffix})
        fs::remove(std::get<fs::path>(place).string() + suffix, failure);
  }
  {
    SqlTransaction transaction(keys());
    createKeyTables(keys());
    transaction.commit();
  }
  SqlTransaction transaction(rows());
  createTables(rows());
  rows().run("CREATE TABLE copy_mark (content TEXT NOT NULL)");
  SqlStatement(rows(), "INSERT INTO copy_mark VALUES (?)").bind(mark).run();
  transaction.commit();
}

void StagedCopy::addNetwork(const std::string& identity, const Bytes& content) {
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

void StagedCopy::takePlace(With what) {
  rows().run("DROP TABLE copy_mark");
  if (!isOnServer()) {
    takePlaceOfFiles();
    return;
  }
  SqlTransaction transaction(rows());
  rows().run("DROP SCHEMA IF EXISTS countersign CASCADE");
  rows().run("ALTER SCHEMA countersign_copying RENAME TO countersign");
  if (what == With::RowsAndKeys) {
    rows().run("DROP SCHEMA IF EXISTS countersign_keys CASCADE");
    rows().run("ALTER SCHEMA countersign_keys_copying RENAME TO countersign_keys");
  } else {
    rows().run("DROP SCHEMA IF EXISTS countersign_keys_copying CASCADE");
  }
  transaction.commit();
  m_rowsConnection.reset();
  m_keysConnection.reset();
}

/// Where the keys are is a store: they come last.
void StagedCopy::takePlaceOfFiles() {
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
