// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/File.h"
#include "core/base/Sha256.h"
#include "core/storage/Accounts.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/Store.h"
#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/PendingRestore.h"
#include "core/storage/internal/RowCopy.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/SqlDialect.h"
#include "core/storage/internal/StagedCopy.h"
#include "core/storage/internal/Vault.h"
#include "core/storage/internal/WriterLock.h"

namespace countersign {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDatabase = "store.db";
constexpr const char* kList = "backup.json";
constexpr const char* kPrefix = "countersign-";
constexpr const char* kUnfinished = ".part";
constexpr const char* kKept = "kept-";
constexpr int kFormat = 1;

Error cannotWrite(const fs::path& what, const std::error_code& why) {
  return {ErrorCode::FileNotWritable,
          quoted(what) + " could not be written: is there room, and may you write there?",
          why.message()};
}

Error damaged(const fs::path& backup, const std::string& what, const std::string& detail = {}) {
  return {ErrorCode::StoreFailure, "The backup " + quoted(backup) + " is damaged: " + what, detail};
}

Status copyFile(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, failure);
  if (failure) return cannotWrite(to, failure);
  flushToDisk(to);
  return ok();
}

/// SHA-256 of a file of any size; empty when it cannot be read.
std::string hashOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};
  Sha256 hash;
  std::vector<char> block(std::size_t{1} << 20U);
  while (in) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.add(std::string_view(block.data(), static_cast<std::size_t>(in.gcount())));
  }
  return in.bad() ? std::string() : hash.finish();
}

/// A time as part of a folder's name, which must not have colons on some disks.
std::string folderTime(const Clock& clock) {
  auto text = toIso8601(clock());
  std::replace(text.begin(), text.end(), ':', '-');
  return text;
}

/// A name that is not taken: with "-2", "-3" ... where another one has it.
fs::path freeName(const fs::path& wanted) {
  std::error_code ignored;
  auto name = wanted;
  for (int i = 2; fs::exists(name, ignored); ++i) name = wanted.string() + "-" + std::to_string(i);
  return name;
}

std::vector<fs::path> filesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_regular_file(ignored)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// What an error of the database says about a copy of it.
template <typename Work>
auto guarded(const fs::path& backup, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SqlFailure& failure) {
    return damaged(backup, "its database cannot be read.", failure.error().detail);
  }
}

/// Looks at every page and link, and counts what is in it.
Result<BackupSummary> examineDatabase(const fs::path& backup, const fs::path& file) {
  return guarded(backup, [&]() -> Result<BackupSummary> {
    SqlConnection sql(file, SqlConnection::Use::Look);
    SqlStatement pages(sql, sql.dialect().integrityCheck());
    pages.run();
    while (pages.next())
      if (pages.text(0) != "ok")
        return damaged(backup, "pages of its database are not whole.", pages.text(0));
    SqlStatement links(sql, sql.dialect().foreignKeyCheck());
    if (links.run().next()) return damaged(backup, "its database has loose ends.", links.text(0));
    const int version = schemaVersion(sql);
    if (version == 0) return damaged(backup, "its database is not a store.");
    if (version > kSchemaVersion)
      return Error{ErrorCode::StoreFailure,
                   "The backup was written by a newer version of Countersign; use that one.", ""};
    const auto count = [&](const char* query) {
      SqlStatement row(sql, query);
      return row.run().next() ? static_cast<int>(row.integer(0)) : 0;
    };
    BackupSummary summary;
    summary.folder = backup;
    summary.people = count("SELECT COUNT(*) FROM person WHERE retired IS NULL");
    summary.references = count(
        "SELECT COUNT(*) FROM biometric_reference r JOIN person p"
        " ON p.person_key = r.person_key WHERE r.retired IS NULL AND p.retired IS NULL");
    summary.decisions = count("SELECT COUNT(*) FROM decision");
    return summary;
  });
}

struct ListedFile {
  std::string name;
  std::uintmax_t bytes = 0;
  std::string hash;
};

struct BackupList {
  BackupSummary summary;
  std::vector<ListedFile> files;
};

Result<BackupList> readList(const fs::path& folder) try {
  constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 20U;
  std::error_code ignored;
  if (!fs::exists(folder / kList, ignored))
    return Error{ErrorCode::NotFound, quoted(folder) + " is not a backup.", ""};
  const auto text = readTextFile(folder / kList, kLargest);
  if (!text) return text.error();
  const auto json = nlohmann::json::parse(*text);
  if (json.at("format").get<int>() > kFormat)
    return Error{ErrorCode::StoreFailure,
                 "The backup was written by a newer version of Countersign; use that one.", ""};
  BackupList list{{folder, json.at("made"), json.at("store"), json.at("people"),
                   json.at("references"), json.at("decisions"), 0},
                  {}};
  for (const auto& file : json.at("files")) {
    list.files.push_back({file.at("name"), file.at("bytes"), file.at("sha256")});
    list.summary.bytes += list.files.back().bytes;
    // A list may come from anywhere; what it names lies in its folder.
    const fs::path name(list.files.back().name);
    if (name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end())
      return damaged(folder, "its list names files elsewhere.");
  }
  return list;
} catch (const std::exception& e) { return damaged(folder, "its list cannot be read.", e.what()); }

std::string writeList(const BackupList& list) {
  auto files = nlohmann::json::array();
  for (const auto& file : list.files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.hash}});
  const auto& s = list.summary;
  const nlohmann::json json = {{"format", kFormat},
                               {"made", s.made},
                               {"store", s.store},
                               {"people", s.people},
                               {"references", s.references},
                               {"decisions", s.decisions},
                               {"files", files}};
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string storeName(const fs::path& folder) {
  std::error_code ignored;
  return fs::weakly_canonical(folder, ignored).string();
}

/// The same from every desk, whatever way each goes there.
std::string storeText(ServerAddress server) {
  server.user = "";
  server.passwordFile.clear();
  server.rootCertificate.clear();
  return urlOf(server);
}

/// Everything of a backup into a folder that is not yet taken for one.
Status write(const Store& store, const fs::path& folder, const std::string& made,
             const JobContext<BackupProgress>& context) {
  std::error_code failure;
  fs::create_directories(folder / "networks", failure);
  if (failure) return cannotWrite(folder, failure);
  fs::permissions(folder, fs::perms::owner_all, failure);
  if (auto status = store.copyDatabase(folder / kDatabase, context); !status) return status;
  if (auto status = store.gatherNetworks(); !status) return status;
  for (const auto& network : filesIn(store.folder() / "networks")) {
    if (context.stop.stop_requested())
      return Error{ErrorCode::Cancelled, "The backup was stopped; nothing was kept of it.", ""};
    if (auto status = copyFile(network, folder / "networks" / network.filename()); !status)
      return status;
  }
  auto summary = examineDatabase(folder, folder / kDatabase);
  if (!summary) return summary.error();
  BackupList list{*std::move(summary), {}};
  list.summary.made = made;
  const auto server = serverOf(store.folder());
  list.summary.store = server && *server ? storeText(**server) : storeName(store.folder());
  const auto add = [&](const std::string& name) {
    list.files.push_back({name, fs::file_size(folder / name, failure), hashOf(folder / name)});
  };
  add(kDatabase);
  for (const auto& network : filesIn(folder / "networks"))
    add("networks/" + network.filename().string());
  return writeFileAtomically(folder / kList, writeList(list));
}

/// Deletes what is too old, of this store alone, but not the one that was just made.
void rotate(const fs::path& folder, const BackupSummary& made, int keep) {
  if (keep <= 0) return;
  int seen = 0;
  std::error_code ignored;
  for (const auto& backup : backupsIn(folder)) {
    if (backup.store != made.store || ++seen <= keep || backup.folder == made.folder) continue;
    // Broken off in the middle, it must not be taken for one that is damaged.
    const fs::path going = backup.folder.string() + kUnfinished;
    fs::rename(backup.folder, going, ignored);
    if (!ignored) fs::remove_all(going, ignored);
  }
}

std::vector<fs::path> entriesOf(const fs::path& folder) {
  std::vector<fs::path> all;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure))
    all.push_back(at->path());
  return all;
}

/// What a program left that was ended while it made or deleted a backup.
void removeUnfinished(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : entriesOf(folder)) {
    const auto name = entry.filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(kUnfinished)) fs::remove_all(entry, ignored);
  }
}

/// "countersign-2026-11-28T17-42-18Z-2" without and with its number, which says which of one second
/// came later.
std::pair<std::string, int> numbered(const fs::path& backup) {
  const auto name = backup.filename().string();
  const auto end = name.find("Z-");
  if (end == std::string::npos) return {name, 1};
  return {name.substr(0, end + 1), std::atoi(name.c_str() + end + 2)};
}

/// A name after all others of the same second.
fs::path nextName(const fs::path& wanted) {
  int last = 0;
  for (const auto& entry : entriesOf(wanted.parent_path())) {
    const auto [name, number] = numbered(entry);
    if (name == wanted.filename()) last = std::max(last, number);
  }
  return last == 0 ? wanted : fs::path(wanted.string() + "-" + std::to_string(last + 1));
}

/// Backups of a folder are made one after the other, where files can be locked.
///
/// @return  nothing where they cannot.
Result<std::unique_ptr<WriterLock>> lockBackups(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) return cannotWrite(folder, failure);
  auto lock = WriterLock::take(folder / "backup.lock");
  if (lock) return lock;
  if (lock.error().code == ErrorCode::StoreBusy)
    return Error{
        ErrorCode::StoreBusy,
        "Another program is backing up into " + quoted(folder) + ". Try again when it is done.",
        ""};
  return std::unique_ptr<WriterLock>();
}

/// Identity of the store that a database belongs to; empty when its rows are not sealed.
std::string sealedIdentity(const fs::path& database) {
  try {
    SqlConnection sql(database, SqlConnection::Use::Look);
    SqlStatement row(sql, "SELECT content FROM store_info WHERE name = 'store'");
    return row.run().next() ? row.text(0) : "";
  } catch (const SqlFailure&) { return ""; }
}

/// Keys lie beside the backups, not in them: only the newest copy is kept, so that backups do not
/// bring back whoever was erased since.
fs::path keyCopy(const fs::path& backups, const std::string& identity) {
  return backups / ("keys-" + identity + ".db");
}

Status copyKeys(const fs::path& store, const fs::path& into) {
  const auto found = findKeys(store);
  if (!found) return found.error();
  if (!*found) return ok();
  return guarded(into, [&]() -> Status {
    const auto keys = keysPlaceOf(store);
    const auto identity = storeIdentityOf(keys);
    if (!identity) return identity.error();
    const auto copy = keyCopy(into, *identity);
    const fs::path unfinished = copy.string() + kUnfinished;
    std::error_code failure;
    fs::remove(unfinished, failure);
    SqlConnection sql(keys, SqlConnection::Use::Keys);
    if (isServer(keys))
      copyRowsToFile(sql, unfinished, StorePart::Keys);
    else
      sql.copyTo(unfinished, [](int, int) { return true; });
    fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write, failure);
    flushToDisk(unfinished);
    fs::rename(unfinished, copy, failure);
    if (failure) return cannotWrite(copy, failure);
    return ok();
  });
}

/// Keys that what is restored needs to be opened: none but the store's own, which know who was
/// erased, or else the copy beside the backup.
Result<std::optional<fs::path>> missingKeys(const fs::path& database, const fs::path& backup,
                                            const fs::path& store) {
  const std::optional<fs::path> none;
  const auto found = findKeys(store);
  if (!found) return found.error();
  const auto identity = sealedIdentity(database);
  if (identity.empty()) {
    if (!*found) return none;
    return Error{ErrorCode::StoreFailure,
                 "This backup is of the time before the store was encrypted. Restore it into a "
                 "folder of its own.",
                 ""};
  }
  if (*found) {
    const auto own = storeIdentityOf(keysPlaceOf(store));
    if (!own) return own.error();
    if (*own == identity) return none;
    return Error{ErrorCode::StoreFailure,
                 "This backup is of another store, which had other keys. Restore it into a folder "
                 "of its own.",
                 ""};
  }
  std::error_code ignored;
  const auto copy = keyCopy(backup.parent_path(), identity);
  if (!fs::exists(copy, ignored))
    return Error{ErrorCode::NotFound,
                 "The keys of this store are missing: put " + quoted(copy.filename()) +
                     " beside the backup. It is written where backups are made.",
                 ""};
  return std::optional(copy);
}

/// Sees to it that they are there.
Status provideKeys(const fs::path& database, const fs::path& backup, const fs::path& store) {
  const auto missing = missingKeys(database, backup, store);
  if (!missing) return missing.error();
  if (!*missing) return ok();
  const auto& copy = **missing;
  auto making = keyFileOf(store);
  making += kUnfinished;
  if (auto status = copyFile(copy, making); !status) return status;
  std::error_code failure;
  fs::rename(making, keyFileOf(store), failure);
  if (failure) return cannotWrite(keyFileOf(store), failure);
  return ok();
}

/// The database of a backup, or of what an earlier restore kept, as one complete file.
Result<BackupSummary> stage(const fs::path& backup, const fs::path& staging) {
  std::error_code failure;
  const bool isListed = fs::exists(backup / kList, failure);
  const auto name = fs::weakly_canonical(backup, failure).filename().string();
  if (!isListed && !(name.starts_with(kKept) && !name.ends_with(kUnfinished) &&
                     fs::exists(backup / kDatabase, failure)))
    return Error{ErrorCode::NotFound, quoted(backup) + " is not a backup.", ""};
  if (isListed)
    if (auto verified = verifyBackup(backup); !verified) return verified.error();
  if (auto status = copyFile(backup / kDatabase, staging / kDatabase); !status)
    return status.error();
  if (!isListed) {
    // As it was set aside: what was not yet in the database itself lies beside it.
    const std::string log = std::string(kDatabase) + sqlite::kLogSuffix;
    if (fs::exists(backup / log, failure))
      if (auto status = copyFile(backup / log, staging / log); !status) return status.error();
    auto joined = guarded(backup, [&]() -> Status {
      SqlConnection(staging / kDatabase).run(sqlite::kOneFile);
      return ok();
    });
    if (!joined) return joined.error();
  }
  auto summary = examineDatabase(backup, staging / kDatabase);
  if (!summary || !isListed) return summary;
  const auto list = readList(backup);
  if (!list) return list.error();
  if (list->files.empty() || list->files.front().hash != hashOf(staging / kDatabase))
    return damaged(backup, "it changed while it was read.");
  return list->summary;
}

/// A store on a server: the old rows are kept in a folder of this desk, the new ones take their
/// place from one moment to the next.
Result<RestoredStore> restoreOnServer(const fs::path& backup, const fs::path& folder,
                                      const ServerAddress& server, const Clock& clock) try {
  std::error_code failure;
  const auto lock = WriterLock::take(folder / "restore.lock");
  if (!lock) return lock.error();
  const auto staging = folder / "restoring.part";
  fs::remove_all(staging, failure);
  fs::create_directories(staging, failure);
  if (failure) return cannotWrite(staging, failure);
  struct Forget {
    fs::path what;
    ~Forget() {
      std::error_code ignored;
      fs::remove_all(what, ignored);
    }
  } const forget{staging};
  auto summary = stage(backup, staging);
  if (!summary) return summary.error();
  RestoredStore restored{*std::move(summary), {}};
  SqlConnection from(staging / kDatabase, SqlConnection::Use::Work);
  if (schemaVersion(from) != kSchemaVersion)
    return Error{ErrorCode::StoreFailure,
                 "This backup is of an earlier version. Restore it into a folder, open it there, "
                 "and copy that to the server (countersign-cli store copy).",
                 ""};
  SqlConnection sql(ServerPlace{server});
  SqlStatement alone(sql, postgres::kTryAlone);
  if (!alone.run().next() || alone.integer(0) != 1)
    return Error{ErrorCode::StoreBusy,
                 "The store is open at other desks; close it there before it is restored.", ""};
  const auto missing = missingKeys(staging / kDatabase, backup, folder);
  if (!missing) return missing.error();
  if (sql.hasTable("store_info")) {
    restored.kept = freeName(folder / (kKept + folderTime(clock)));
    // Broken off, it must not be taken for a store that was kept.
    const fs::path keeping = restored.kept.string() + kUnfinished;
    fs::create_directories(keeping, failure);
    copyRowsToFile(sql, keeping / kDatabase, StorePart::Rows);
    fs::rename(keeping, restored.kept, failure);
    if (failure) return cannotWrite(restored.kept, failure);
  }
  StagedCopy copy(folder);
  if (auto status = copy.hold(); !status) return status.error();
  copy.startAnew("");
  copyRows(from, copy.rows(), StorePart::Rows);
  auto differs = differingTable(from, copy.rows(), StorePart::Rows);
  if (*missing) {
    SqlConnection keys(**missing, SqlConnection::Use::Look);
    copyRows(keys, copy.keys(), StorePart::Keys);
    if (differs.empty()) differs = differingTable(keys, copy.keys(), StorePart::Keys);
  }
  if (!differs.empty()) return damaged(backup, "it could not be copied whole.", differs);
  copy.addNetworks(backup / "networks");
  if (sql.hasTable("network_file")) {
    SqlStatement held(sql, "SELECT identity, content FROM network_file");
    held.run();
    while (held.next()) copy.addNetwork(held.text(0), held.bytes(1));
  }
  copy.noteRestore(restored.backup.folder.filename().string());
  copy.replaceRows();
  return restored;
} catch (const SqlFailure& failed) { return failed.error(); }

}  // namespace

Result<BackupSummary> backUp(const Store& store, const fs::path& into, const BackupOptions& options,
                             const JobContext<BackupProgress>& context) {
  const auto lock = lockBackups(into);
  if (!lock) return lock.error();
  if (*lock) removeUnfinished(into);
  const auto made = toIso8601(options.clock());
  const auto target = nextName(into / (kPrefix + folderTime(options.clock)));
  const fs::path unfinished = target.string() + kUnfinished;
  std::error_code failure;
  const auto forget = [&] { fs::remove_all(unfinished, failure); };
  if (auto status = write(store, unfinished, made, context); !status) {
    forget();
    return status.error();
  }
  auto verified = verifyBackup(unfinished);
  if (!verified) {
    forget();
    return verified.error();
  }
  // Before it is a backup: without the keys of everybody in it, it would be none.
  if (auto status = copyKeys(store.folder(), into); !status) {
    forget();
    return status.error();
  }
  fs::rename(unfinished, target, failure);
  if (failure) {
    const auto error = cannotWrite(target, failure);
    forget();
    return error;
  }
  flushToDisk(into);
  verified->folder = target;
  rotate(into, *verified, options.keep);
  return verified;
}

std::vector<BackupSummary> backupsIn(const fs::path& folder) {
  std::vector<BackupSummary> backups;
  for (const auto& entry : entriesOf(folder)) {
    const auto name = entry.filename().string();
    if (!name.starts_with(kPrefix) || name.ends_with(kUnfinished)) continue;
    if (auto list = readList(entry)) backups.push_back(std::move(list->summary));
  }
  std::sort(backups.begin(), backups.end(), [](const BackupSummary& a, const BackupSummary& b) {
    return a.made != b.made ? a.made > b.made : numbered(a.folder) > numbered(b.folder);
  });
  return backups;
}

Result<BackupSummary> verifyBackup(const fs::path& folder) {
  const auto list = readList(folder);
  if (!list) return list.error();
  bool hasDatabase = false;
  for (const auto& file : list->files) {
    hasDatabase = hasDatabase || file.name == kDatabase;
    std::error_code failure;
    if (fs::file_size(folder / file.name, failure) != file.bytes || failure ||
        hashOf(folder / file.name) != file.hash)
      return damaged(folder, file.name + " is not as it was written.");
  }
  if (!hasDatabase) return damaged(folder, "its database is missing.");
  auto found = examineDatabase(folder, folder / kDatabase);
  if (!found) return found.error();
  return list->summary;
}

Result<RestoredStore> restoreStore(const fs::path& backup, const fs::path& folder,
                                   const Clock& clock) {
  const auto server = serverOf(folder);
  if (!server) return server.error();
  std::error_code failure;
  fs::create_directories(folder / "networks", failure);
  if (failure) return cannotWrite(folder, failure);
  if (*server) return restoreOnServer(backup, folder, **server, clock);
  const auto lock = WriterLock::take(folder / "writer.lock");
  if (!lock) return lock.error();
  if (auto status = finishRestore(folder); !status) return status.error();
  const auto waiting = pendingRestore(folder);
  const fs::path staging = waiting.string() + kUnfinished;
  const auto forget = [&] { fs::remove_all(staging, failure); };
  forget();
  fs::create_directories(staging, failure);
  if (failure) return cannotWrite(staging, failure);
  auto summary = stage(backup, staging);
  if (!summary) {
    forget();
    return summary.error();
  }
  if (auto status = provideKeys(staging / kDatabase, backup, folder); !status) {
    forget();
    return status.error();
  }
  for (const auto& network : filesIn(backup / "networks")) {
    // A network's name tells its content, and it is looked at when it is loaded.
    const auto target = folder / "networks" / network.filename();
    if (fs::exists(target, failure)) continue;
    if (auto status = copyFile(network, target); !status) {
      forget();
      return status.error();
    }
  }
  RestoredStore restored{*std::move(summary), {}};
  if (fs::exists(folder / kDatabase, failure))
    restored.kept = freeName(folder / (kKept + folderTime(clock)));
  auto status = writeFileAtomically(staging / "kept", restored.kept.filename().string());
  // For the history, which nobody can write here: the next opening does.
  if (status)
    status = writeFileAtomically(restoreNote(staging), restored.backup.folder.filename().string());
  flushToDisk(staging);
  if (status) {
    fs::rename(staging, waiting, failure);
    if (failure) status = cannotWrite(waiting, failure);
  }
  if (!status) {
    forget();
    return status.error();
  }
  flushToDisk(folder);
  if (auto finished = finishRestore(folder); !finished) return finished.error();
  return restored;
}

std::vector<fs::path> unencryptedCopies(const fs::path& store) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& folder : {store, defaultBackupFolder(store)})
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (fs::exists(entry.path() / kDatabase, ignored) &&
          sealedIdentity(entry.path() / kDatabase).empty())
        found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

fs::path defaultBackupFolder(const fs::path& store) { return store.parent_path() / "backups"; }

fs::path restoreNote(const fs::path& store) { return store / "restored.txt"; }

fs::path pendingRestore(const fs::path& store) { return store / "restoring"; }

bool hasPendingRestore(const fs::path& store) {
  std::error_code ignored;
  return fs::exists(pendingRestore(store), ignored);
}

Status finishRestore(const fs::path& store) {
  if (!hasPendingRestore(store)) return ok();
  const auto waiting = pendingRestore(store);
  std::error_code failure;
  // While the new database still waits, whatever stands in its place is the old one.
  if (fs::exists(waiting / kDatabase, failure)) {
    const auto name = readTextFile(waiting / "kept", 1U << 10U);
    if (!name) return name.error();
    const auto kept = store / (name->empty() ? kKept + std::string("unnamed") : *name);
    for (const std::string suffix : {"", sqlite::kLogSuffix, sqlite::kIndexSuffix}) {
      const auto file = kDatabase + suffix;
      if (!fs::exists(store / file, failure)) continue;
      fs::create_directories(kept, failure);
      fs::rename(store / file, kept / file, failure);
      if (failure) return cannotWrite(kept, failure);
      flushToDisk(kept);
    }
    fs::rename(waiting / kDatabase, store / kDatabase, failure);
    if (failure) return cannotWrite(store / kDatabase, failure);
    flushToDisk(store);
  }
  if (fs::exists(restoreNote(waiting), failure))
    fs::rename(restoreNote(waiting), restoreNote(store), failure);
  fs::remove_all(waiting, failure);
  return ok();
}

}  // namespace countersign
