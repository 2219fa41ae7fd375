// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/KeyFile.h"

#include <sodium.h>

#include <QString>
#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <thread>

#include "core/storage/internal/KeyText.h"
#include "core/storage/internal/Sealing.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
static_assert(kSaltBytes == crypto_pwhash_SALTBYTES);
constexpr const char* kDataKeysContext = "countersign data keys";
constexpr const char* kBookContext = "countersign book of rows";
constexpr const char* kAccountKeyContext = "countersign account rows";
// Files that were made before have none until somebody fails.
constexpr const char* kFailedTries =
    "CREATE TABLE IF NOT EXISTS failed_tries (account TEXT PRIMARY KEY, tries BIGINT NOT NULL,"
    " first_us BIGINT NOT NULL, last_us BIGINT NOT NULL)";
constexpr std::array kSchema = {
    "CREATE TABLE key_info (name TEXT PRIMARY KEY, content BYTEA NOT NULL)",
    // passes and memory: cost of Argon2id, 0 for a key. root: the root key, sealed. code: of the
    // row, by the root key, so that a role is not changed by whoever can write to the file.
    "CREATE TABLE account (name TEXT PRIMARY KEY, role TEXT NOT NULL, opening TEXT NOT NULL,"
    " salt BYTEA NOT NULL, passes BIGINT NOT NULL, memory BIGINT NOT NULL, root BYTEA NOT NULL,"
    " code BYTEA NOT NULL, failures BIGINT NOT NULL, failed_us BIGINT NOT NULL)",
    kFailedTries,
    // wrapped is empty once the person was erased.
    "CREATE TABLE person_key (person_key BIGINT PRIMARY KEY, wrapped BYTEA NOT NULL)",
};

struct AccountRow {
  Account account;
  Bytes salt;
  KeyCost cost;
  Bytes root;
  Bytes code;
  std::int64_t failures = 0;
  std::int64_t failed = 0;  ///< Time of the last failure, in microseconds.
};

std::string_view openingName(Account::Opening opening) {
  switch (opening) {
    case Account::Opening::Passphrase:
      return "passphrase";
    case Account::Opening::Key:
      return "key";
    case Account::Opening::Recovery:
      return "recovery";
    case Account::Opening::Desktop:
      return "desktop";
  }
  return "";
}

Error damagedKeys(const std::string& detail) {
  return {ErrorCode::StoreFailure,
          "The store's file of keys is damaged. Restore the newest copy of it; without it nobody "
          "can read the store.",
          detail};
}

SqlFailure damage(const std::string& detail) {
  const auto error = damagedKeys(detail);
  return {error.code, error.message, error.detail};
}

template <typename Work>
auto guarded(const SqlPlace& place, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SqlFailure& failure) {
    const auto error = failure.error();
    // A file that is not whole says so as the store would; its remedy is another one. What a server
    // did not do is no damage.
    const bool isDamage = error.code == ErrorCode::StoreFailure &&
                          (error.message == damagedKeys("").message || !isServer(place));
    return isDamage ? damagedKeys(error.detail) : error;
  }
}

/// The same for a change.
template <typename Work>
auto changed(const SqlPlace& place, Work&& work) -> decltype(work()) {
  auto done = guarded(place, std::forward<Work>(work));
  if (done || done.error().code != ErrorCode::StoreUnreachable) return done;
  return Error{ErrorCode::StoreUnreachable,
               "The server of the store went away in the middle; whether the accounts were changed "
               "is not known. Look at them before you do it again.",
               done.error().detail};
}

/// The account's name, which has no bars, and its desktop.
std::string rowName(const Account& account) {
  return account.desktop.empty() ? account.name : account.name + "|" + account.desktop;
}

std::string contextOf(const AccountRow& row) {
  std::string text = "countersign account|";
  text.append(rowName(row.account)).append("|").append(roleName(row.account.role));
  text.append("|").append(openingName(row.account.opening));
  text.append("|").append(std::to_string(row.cost.passes));
  text.append("|").append(std::to_string(row.cost.memory));
  return text;
}

Bytes codeOf(const Secret& root, const AccountRow& row) {
  Secret key(kKeyBytes);
  keyedHash(KeySpan(root.part(0, kKeyBytes)), Secret::of(kAccountKeyContext).bytes(), key.bytes());
  return messageCode(KeySpan(key.part(0, kKeyBytes)), contextOf(row), row.root);
}

std::vector<AccountRow> readAccounts(SqlConnection& sql) {
  SqlStatement rows(sql,
                    "SELECT name, role, opening, salt, passes, memory, root, code, failures,"
                    " failed_us FROM account ORDER BY name");
  rows.run();
  std::vector<AccountRow> all;
  while (rows.next()) {
    AccountRow row;
    row.account.name = rows.text(0);
    if (const auto bar = row.account.name.find('|'); bar != std::string::npos) {
      row.account.desktop = row.account.name.substr(bar + 1);
      row.account.name.erase(bar);
    }
    const auto role = roleOf(rows.text(1));
    if (!role) throw damage("role " + rows.text(1));
    row.account.role = *role;
    const auto opening = rows.text(2);
    bool isKnown = false;
    for (const auto kind : {Account::Opening::Passphrase, Account::Opening::Key,
                            Account::Opening::Recovery, Account::Opening::Desktop}) {
      if (openingName(kind) != opening) continue;
      row.account.opening = kind;
      isKnown = true;
    }
    if (!isKnown) throw damage("opening " + opening);
    row.salt = rows.bytes(3);
    row.cost = {static_cast<int>(rows.integer(4)), static_cast<std::size_t>(rows.integer(5))};
    row.root = rows.bytes(6);
    row.code = rows.bytes(7);
    row.failures = rows.integer(8);
    row.failed = rows.integer(9);
    all.push_back(std::move(row));
  }
  return all;
}

void insertAccount(SqlConnection& sql, const AccountRow& row) {
  SqlStatement(sql, "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)")
      .bind(rowName(row.account))
      .bind(std::string(roleName(row.account.role)))
      .bind(std::string(openingName(row.account.opening)))
      .bind(row.salt)
      .bind(std::int64_t{row.cost.passes})
      .bind(static_cast<std::int64_t>(row.cost.memory))
      .bind(row.root)
      .bind(row.code)
      .run();
}

/// The same characters are the same passphrase, however a keyboard composes them.
Secret normalised(std::string_view passphrase) {
  auto text = QString::fromUtf8(passphrase.data(), static_cast<qsizetype>(passphrase.size()));
  auto composed = text.normalized(QString::NormalizationForm_C);
  auto bytes = composed.toUtf8();
  auto secret =
      Secret::of(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
  sodium_memzero(text.data(), static_cast<std::size_t>(text.size()) * sizeof(QChar));
  sodium_memzero(composed.data(), static_cast<std::size_t>(composed.size()) * sizeof(QChar));
  sodium_memzero(bytes.data(), static_cast<std::size_t>(bytes.size()));
  return secret;
}

Secret keyedBy(const Secret& writtenKey, const Bytes& salt) {
  Bytes text(writtenKey.bytes().begin(), writtenKey.bytes().end());
  text.insert(text.end(), salt.begin(), salt.end());
  Secret key(kKeyBytes);
  crypto_generichash(key.bytes().data(), key.size(), text.data(), text.size(), nullptr, 0);
  wipe(text);
  return key;
}

/// With its desktops.
void deleteAccount(SqlConnection& sql, const std::vector<AccountRow>& rows,
                   const std::string& name) {
  for (const auto& row : rows)
    if (row.account.name == name)
      SqlStatement(sql, "DELETE FROM account WHERE name = ?").bind(rowName(row.account)).run();
}

/// The root key, when this key opens the account.
std::optional<Secret> rootOf(const AccountRow& row, const Secret& key) {
  Secret root(kKeyBytes);
  if (!unseal(KeySpan(key.part(0, kKeyBytes)), contextOf(row), row.root, root.bytes()))
    return std::nullopt;
  return root;
}

Status checkName(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  const bool isPlain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '|';
  });
  if (!name.empty() && name.size() <= kLongest && isPlain && name.front() != ' ' &&
      name.back() != ' ')
    return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "An account needs a name of at most 64 characters, without spaces around it.", ""};
}

/// A row with the root key sealed by a passphrase, or by a new key whose text is given back.
Result<std::string> protect(AccountRow& row, const Secret& root, const NewAccount& account) {
  row.salt = randomSalt();
  std::string text;
  Secret key(0);
  if (account.passphrase) {
    row.cost = account.cost ? *account.cost : calibratedKeyCost();
    auto made = stretched(*account.passphrase, row.salt, row.cost);
    if (!made) return noMemory(row.cost);
    key = *std::move(made);
  } else {
    row.cost = {0, 0};
    const auto written = Secret::random(kWrittenKeyBytes);
    text = keyText(written);
    key = keyedBy(written, row.salt);
  }
  row.root = seal(KeySpan(key.part(0, kKeyBytes)), contextOf(row), root.bytes());
  row.code = codeOf(root, row);
  return text;
}

/// Waits are counted from the last failure, and a clock that was set back does not make them
/// longer.
int secondsToWait(const AccountRow& row, const Clock& clock) {
  if (row.failures < kMostFailures) return 0;
  constexpr std::int64_t kSecond = 1'000'000;
  const auto passed = std::max<std::int64_t>(0, (clock().microseconds - row.failed) / kSecond);
  return static_cast<int>(std::max<std::int64_t>(0, kWaitSeconds - passed));
}

void countFailure(SqlConnection& sql, const std::string& name, std::int64_t time) {
  try {
    // Whoever tries at several desks at once is counted for each.
    SqlStatement(sql, "UPDATE account SET failures = failures + 1, failed_us = ? WHERE name = ?")
        .bind(time)
        .bind(name)
        .run();
  } catch (const SqlFailure&) {  // NOLINT(bugprone-empty-catch): a folder that is only read
  }
}

void forgetFailures(SqlConnection& sql, const std::string& name) {
  try {
    SqlStatement(sql, "UPDATE account SET failures = 0, failed_us = 0 WHERE name = ?")
        .bind(name)
        .run();
  } catch (const SqlFailure&) {  // NOLINT(bugprone-empty-catch): a folder that is only read
  }
}

/// For the history, which only somebody with the keys can write.
void noteFailedTries(SqlConnection& sql, const FailedTries& tries) {
  try {
    sql.run(kFailedTries);
    SqlTransaction transaction(sql);
    auto known = tries;
    SqlStatement row(sql, "SELECT tries, first_us FROM failed_tries WHERE account = ?");
    if (row.bind(tries.account).run().next()) {
      known.tries += row.integer(0);
      known.first = {std::min(row.integer(1), tries.first.microseconds)};
    }
    SqlStatement(sql, "DELETE FROM failed_tries WHERE account = ?").bind(tries.account).run();
    SqlStatement(sql, "INSERT INTO failed_tries VALUES (?, ?, ?, ?)")
        .bind(tries.account)
        .bind(known.tries)
        .bind(known.first.microseconds)
        .bind(known.last.microseconds)
        .run();
    transaction.commit();
  } catch (const SqlFailure&) {  // NOLINT(bugprone-empty-catch): a folder that is only read
  }
}

void noteFailedTry(SqlConnection& sql, const std::string& account, std::int64_t time) {
  noteFailedTries(sql, {account, 1, {time}, {time}});
}

Result<OpenedKeys> finish(SqlConnection& sql, const AccountRow& row, Secret root) {
  if (codeOf(root, row) != row.code) return damagedKeys("account " + row.account.name);
  OpenedKeys opened{row.account, {}, false, std::move(root), Secret(kDataKeys * kKeyBytes)};
  SqlStatement entry(sql, "SELECT content FROM key_info WHERE name = ?");
  if (!entry.bind(std::string("data_keys")).run().next()) return damagedKeys("no data keys");
  if (!unseal(KeySpan(opened.root.part(0, kKeyBytes)), kDataKeysContext, entry.bytes(0),
              opened.dataKeys.bytes()))
    return damagedKeys("data keys");
  SqlStatement book(sql, "SELECT content FROM key_info WHERE name = 'book'");
  if (book.run().next()) {
    if (!unseal(KeySpan(opened.root.part(0, kKeyBytes)), kBookContext, book.bytes(0)))
      return damagedKeys("book");
    opened.hasBook = true;
  }
  return opened;
}

Result<AccountRow> accountFor(const std::vector<AccountRow>& rows, const std::string& name) {
  std::vector<AccountRow> found;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(found), [&](const AccountRow& row) {
    return row.account.opening == Account::Opening::Passphrase &&
           (name.empty() || row.account.name == name);
  });
  if (found.size() == 1) return found.front();
  if (name.empty() && !found.empty())
    return Error{ErrorCode::CredentialNeeded, "Several people have an account; say which.", ""};
  return Error{ErrorCode::CredentialWrong,
               name.empty() ? std::string("No account of this store is opened by a passphrase.")
                            : "Nobody has an account \"" + name + "\" here.",
               ""};
}

Result<OpenedKeys> openByPassphrase(SqlConnection& sql, const std::vector<AccountRow>& rows,
                                    const Credential& credential, const Clock& clock) {
  auto row = accountFor(rows, credential.account);
  if (!row) return row.error();
  if (row->cost.passes < KeyCost::kFewestPasses || row->cost.memory < KeyCost::kLeastMemory ||
      row->salt.size() != kSaltBytes)
    return Error{ErrorCode::StoreFailure,
                 "The passphrase of this account could be guessed too cheaply; somebody may have "
                 "changed the file of keys. Open the store with another account.",
                 ""};
  if (const int wait = secondsToWait(*row, clock); wait > 0)
    return Error{ErrorCode::CredentialWrong,
                 "After " + std::to_string(kMostFailures) +
                     " wrong passphrases, the next try is in " + std::to_string(wait) + " seconds.",
                 ""};
  const auto key = stretched(*credential.secret, row->salt, row->cost);
  if (!key) return noMemory(row->cost);
  auto root = rootOf(*row, *key);
  if (!root) {
    const auto now = clock().microseconds;
    countFailure(sql, row->account.name, now);
    noteFailedTry(sql, row->account.name, now);
    return Error{ErrorCode::CredentialWrong, "The passphrase is not right.", ""};
  }
  if (row->failures > 0) forgetFailures(sql, row->account.name);
  return finish(sql, *row, *std::move(root));
}

Result<OpenedKeys> openByKey(SqlConnection& sql, const std::vector<AccountRow>& rows,
                             const Secret& text, const Clock& clock) {
  const auto written = keyFromText(text.text());
  if (!written)
    return Error{ErrorCode::CredentialWrong,
                 "This is no key: it has eight groups of four letters and digits, and a mistyped "
                 "one is noticed.",
                 ""};
  for (const auto& row : rows) {
    if (row.account.opening == Account::Opening::Passphrase) continue;
    if (auto root = rootOf(row, keyedBy(*written, row.salt)))
      return finish(sql, row, *std::move(root));
  }
  noteFailedTry(sql, "", clock().microseconds);
  return Error{ErrorCode::CredentialWrong, "This key does not open the store.", ""};
}

std::string identityIn(SqlConnection& sql) {
  SqlStatement entry(sql, "SELECT content FROM key_info WHERE name = 'store'");
  if (!entry.run().next()) throw damage("no store");
  const auto bytes = entry.bytes(0);
  return {bytes.begin(), bytes.end()};
}

void addInfo(SqlConnection& sql, const std::string& name, const Bytes& content) {
  SqlStatement(sql, "INSERT INTO key_info VALUES (?, ?)").bind(name).bind(content).run();
}

Bytes asBytes(const std::string& text) { return {text.begin(), text.end()}; }

Error keysAreThere(const SqlPlace& place) {
  const auto* file = std::get_if<fs::path>(&place);
  return {ErrorCode::AlreadyEnrolled,
          "The store " +
              (file != nullptr ? "in " + quoted(file->parent_path())
                               : "at " + urlOf(std::get<ServerPlace>(place).server)) +
              " has keys already.",
          ""};
}

/// Whether a server that was lost has the keys of a store, once it answers again.
bool isStoreAt(const SqlPlace& place, const std::string& identity) {
  constexpr int kTries = 20;
  for (int i = 0; i < kTries; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    try {
      SqlConnection sql(place, SqlConnection::Use::Keys);
      return sql.hasTable("key_info") && identityIn(sql) == identity;
    } catch (const SqlFailure& failure) {
      if (failure.error().code != ErrorCode::StoreUnreachable) throw;
    }
  }
  return false;
}

/// Everything of new keys; a file is then moved to its place as a whole.
///
/// @param beforeCommit  what has to be done before anybody can find them.
Result<NewKeys> writeKeyFile(const SqlPlace& place, const NewAccount& first,
                             const std::function<Status(const NewKeys&)>& beforeCommit = {}) {
  SqlConnection sql(place, SqlConnection::Use::Keys);
  SqlTransaction transaction(sql);
  if (sql.hasTable("key_info")) return keysAreThere(place);  // another desk was first
  createKeyTables(sql);
  const auto root = Secret::random(kKeyBytes);
  const auto dataKeys = Secret::random(kDataKeys * kKeyBytes);
  constexpr std::size_t kIdentityBytes = 16;
  const auto identity = Secret::random(kIdentityBytes);
  std::string text(2 * kIdentityBytes + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), identity.bytes().data(), identity.size());
  text.pop_back();
  addInfo(sql, "format", asBytes(std::to_string(kFormat)));
  addInfo(sql, "store", asBytes(text));
  addInfo(sql, "data_keys",
          seal(KeySpan(root.part(0, kKeyBytes)), kDataKeysContext, dataKeys.bytes()));
  AccountRow row;
  row.account = {first.name, first.role,
                 first.passphrase ? Account::Opening::Passphrase : Account::Opening::Key};
  const auto key = protect(row, root, first);
  if (!key) return key.error();
  insertAccount(sql, row);
  AccountRow recovery;
  recovery.account = {kRecoveryAccount, Role::Administrator, Account::Opening::Recovery};
  const auto recoveryKey = protect(recovery, root, {});
  if (!recoveryKey) return recoveryKey.error();
  insertAccount(sql, recovery);
  const NewKeys made{*recoveryKey, *key};
  if (beforeCommit)
    if (auto status = beforeCommit(made); !status) return status.error();
  try {
    transaction.commit();
  } catch (const SqlFailure& failure) {
    // A server that did it and could not say so: these keys are told to nobody else.
    if (failure.error().code != ErrorCode::StoreUnreachable || !isStoreAt(place, text)) throw;
  }
  return made;
}

}  // namespace

std::optional<Secret> stretched(const Secret& passphrase, const Bytes& salt, const KeyCost& cost) {
  const auto text = normalised(passphrase.text());
  Secret key(kKeyBytes);
  const int failed = crypto_pwhash(key.bytes().data(), key.size(), text.text().data(), text.size(),
                                   salt.data(), static_cast<unsigned long long>(cost.passes),
                                   cost.memory, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return std::nullopt;
  return key;
}

Error noMemory(const KeyCost& cost) {
  return {ErrorCode::StoreFailure,
          "To try a passphrase takes " + std::to_string(cost.memory >> 20U) +
              " MiB of memory, which this computer does not have free. Close other programs.",
          ""};
}

Bytes randomSalt() {
  Bytes salt(kSaltBytes);
  randombytes_buf(salt.data(), salt.size());
  return salt;
}

fs::path keyFileOf(const fs::path& store) { return store / "keys.db"; }

Result<std::string> storeIdentityOf(const SqlPlace& keys) {
  return guarded(keys, [&]() -> Result<std::string> {
    SqlConnection sql(keys, isServer(keys) ? SqlConnection::Use::Keys : SqlConnection::Use::Look);
    return identityIn(sql);
  });
}

void createKeyTables(SqlConnection& connection) {
  connection.prepareForTables();
  for (const char* statement : kSchema) connection.run(statement);
}

bool areKeysAt(const SqlPlace& place) {
  std::error_code ignored;
  if (const auto* file = std::get_if<fs::path>(&place)) return fs::exists(*file, ignored);
  return SqlConnection(place, SqlConnection::Use::Keys).hasTable("key_info");
}

Result<bool> findKeys(const fs::path& store) try {
  return areKeysAt(keysPlaceOf(store));
} catch (const SqlFailure& failure) { return failure.error(); }

bool hasKeys(const fs::path& store) {
  const auto found = findKeys(store);
  return found && *found;
}

std::vector<Account> accountsAt(const SqlPlace& place) {
  SqlConnection sql(place, SqlConnection::Use::Keys);
  std::vector<Account> all;
  for (const auto& row : readAccounts(sql)) all.push_back(row.account);
  return all;
}

Result<std::vector<Account>> accountsOf(const fs::path& store) {
  const auto found = findKeys(store);
  if (!found) return found.error();
  if (!*found)
    return Error{ErrorCode::NotFound, "There is no store with keys in " + placeText(store) + ".",
                 ""};
  const auto place = keysPlaceOf(store);
  return guarded(place, [&]() -> Result<std::vector<Account>> { return accountsAt(place); });
}

Status checkAccount(const NewAccount& account) {
  if (auto status = checkName(account.name); !status) return status;
  if (account.cost && (account.cost->passes < KeyCost::kFewestPasses ||
                       account.cost->memory < KeyCost::kLeastMemory))
    return Error{ErrorCode::OptionOutOfRange, "Passphrases must cost more than this to guess.", ""};
  if (!account.passphrase) return ok();
  return checkPassphrase(account.passphrase->text(), account.name);
}

namespace {

/// On a server, which makes all of them or none.
Result<NewKeys> makeKeysAt(const SqlPlace& place, const fs::path& store, const NewAccount& first,
                           bool isOpen) {
  return guarded(place, [&] {
    return writeKeyFile(place, first, [&](const NewKeys& keys) -> Status {
      if (!isOpen) return ok();
      return writeFileAtomically(store / kOpenKeyFile, keys.account + "\n");
    });
  });
}

/// @param isOpen  whether the key of the account lies beside the keys: it is there before they are,
///                so that no moment leaves a store that nobody can open.
Result<NewKeys> makeKeys(const fs::path& store, const NewAccount& first, bool isOpen) try {
  const auto place = keysPlaceOf(store);
  if (areKeysAt(place)) return keysAreThere(place);
  if (auto status = checkAccount(first); !status) return status.error();
  if (first.role != Role::Administrator)
    return Error{ErrorCode::OptionOutOfRange, "The first account is an administrator's.", ""};
  std::error_code failure;
  fs::create_directories(store, failure);
  if (failure)
    return Error{ErrorCode::FileNotWritable, quoted(store) + " could not be made.",
                 failure.message()};
  fs::permissions(store, fs::perms::owner_all, failure);
  if (isServer(place)) return makeKeysAt(place, store, first, isOpen);
  const auto file = keyFileOf(store);
  auto making = file;
  making += ".making";
  fs::remove(making, failure);
  auto made = guarded(making, [&] { return writeKeyFile(making, first); });
  // Whatever an earlier try left opens none of these.
  fs::remove(store / kOpenKeyFile, failure);
  if (made && isOpen)
    if (auto status = writeFileAtomically(store / kOpenKeyFile, made->account + "\n"); !status)
      made = status.error();
  if (made) {
    fs::permissions(making, fs::perms::owner_read | fs::perms::owner_write, failure);
    fs::rename(making, file, failure);
    if (failure)
      made = Error{ErrorCode::FileNotWritable, quoted(file) + " could not be written.",
                   failure.message()};
  }
  if (!made) {
    fs::remove(making, failure);
    fs::remove(store / kOpenKeyFile, failure);
  }
  return made;
} catch (const SqlFailure& failure) { return failure.error(); }

}  // namespace

Result<NewKeys> protectStore(const fs::path& store, const NewAccount& first) {
  return makeKeys(store, first, false);
}

Status protectOpenly(const fs::path& store, const std::string& account) {
  const auto made = makeKeys(store, {.name = account}, true);
  if (!made) return made.error();
  return ok();
}

Result<OpenedKeys> openKeyFile(const SqlPlace& place, const Credential& credential,
                               const Clock& clock) {
  return guarded(place, [&]() -> Result<OpenedKeys> {
    if (!areKeysAt(place)) return Error{ErrorCode::NotFound, "The store has no keys.", ""};
    SqlConnection sql(place, SqlConnection::Use::Keys);
    SqlStatement format(sql, "SELECT content FROM key_info WHERE name = 'format'");
    if (!format.run().next()) return damagedKeys("no format");
    if (format.bytes(0) != asBytes(std::to_string(kFormat)))
      return Error{ErrorCode::StoreFailure,
                   "The store was written by a newer version of Countersign; use that one.", ""};
    const auto rows = readAccounts(sql);
    auto opened = credential.kind == Credential::Kind::Passphrase
                      ? openByPassphrase(sql, rows, credential, clock)
                      : openByKey(sql, rows, *credential.secret, clock);
    if (opened) opened->identity = identityIn(sql);
    return opened;
  });
}

void rememberBook(const SqlPlace& place, const Secret& root) {
  SqlConnection sql(place, SqlConnection::Use::Keys);
  SqlTransaction transaction(sql);
  sql.run("DELETE FROM key_info WHERE name = 'book'");
  addInfo(sql, "book", seal(KeySpan(root.part(0, kKeyBytes)), kBookContext, {}));
  transaction.commit();
}

std::vector<FailedTries> takeFailedTries(const SqlPlace& place) {
  SqlConnection sql(place, SqlConnection::Use::Keys);
  if (!sql.hasTable("failed_tries")) return {};
  const auto read = [&] {
    SqlStatement rows(sql, "SELECT account, tries, first_us, last_us FROM failed_tries");
    rows.run();
    std::vector<FailedTries> all;
    while (rows.next())
      all.push_back({rows.text(0), rows.integer(1), {rows.integer(2)}, {rows.integer(3)}});
    return all;
  };
  if (read().empty()) return {};
  SqlTransaction transaction(sql);
  auto all = read();
  sql.run("DELETE FROM failed_tries");
  transaction.commit();
  return all;
}

void putBackFailedTries(const SqlPlace& place, const std::vector<FailedTries>& tries) {
  SqlConnection sql(place, SqlConnection::Use::Keys);
  for (const auto& one : tries) noteFailedTries(sql, one);
}

Result<std::string> addKeyFileAccount(const SqlPlace& place, const Secret& root,
                                      const NewAccount& account, bool isRecovery) {
  if (auto status = checkAccount(account); !status) return status.error();
  return changed(place, [&]() -> Result<std::string> {
    AccountRow row;
    row.account = {account.name, account.role,
                   isRecovery           ? Account::Opening::Recovery
                   : account.passphrase ? Account::Opening::Passphrase
                                        : Account::Opening::Key};
    auto key = protect(row, root, account);
    if (!key) return key.error();
    SqlConnection sql(place, SqlConnection::Use::Keys);
    SqlTransaction transaction(sql);
    if (isRecovery) sql.run("DELETE FROM account WHERE opening = 'recovery'");
    const auto rows = readAccounts(sql);
    if (std::any_of(rows.begin(), rows.end(),
                    [&](const AccountRow& other) { return other.account.name == account.name; }))
      return Error{ErrorCode::AlreadyEnrolled,
                   "Somebody has an account \"" + account.name + "\" already.", ""};
    insertAccount(sql, row);
    transaction.commit();
    return key;
  });
}

Status removeKeyFileAccount(const SqlPlace& place, const std::string& name) {
  return changed(place, [&]() -> Status {
    SqlConnection sql(place, SqlConnection::Use::Keys);
    SqlTransaction transaction(sql);
    const auto rows = readAccounts(sql);
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const AccountRow& row) {
      return row.account.name == name && row.account.opening != Account::Opening::Recovery;
    });
    if (at == rows.end())
      return Error{ErrorCode::NotFound, "Nobody has an account \"" + name + "\" here.", ""};
    const bool isAnotherLeft = std::any_of(rows.begin(), rows.end(), [&](const AccountRow& row) {
      return row.account.name != name && row.account.role == Role::Administrator &&
             row.account.opening != Account::Opening::Recovery &&
             row.account.opening != Account::Opening::Desktop;
    });
    if (!isAnotherLeft)
      return Error{ErrorCode::OptionOutOfRange,
                   "The last administrator stays: nobody could make accounts any more.", ""};
    deleteAccount(sql, rows, name);
    transaction.commit();
    return ok();
  });
}

Result<std::string> addKeyFileDesktop(const SqlPlace& place, const Secret& root,
                                      const std::string& name, const std::string& desktop) {
  return changed(place, [&]() -> Result<std::string> {
    SqlConnection sql(place, SqlConnection::Use::Keys);
    SqlTransaction transaction(sql);
    const auto rows = readAccounts(sql);
    const auto at = std::find_if(rows.begin(), rows.end(), [&](const AccountRow& row) {
      return row.account.name == name && row.account.opening == Account::Opening::Passphrase;
    });
    if (at == rows.end())
      return Error{ErrorCode::NotFound, "Nobody has an account \"" + name + "\" here.", ""};
    if (codeOf(root, *at) != at->code) return damagedKeys("account " + name);
    AccountRow row;
    row.account = {name, at->account.role, Account::Opening::Desktop, desktop};
    auto key = protect(row, root, {.name = name});
    if (!key) return key.error();
    SqlStatement(sql, "DELETE FROM account WHERE name = ?").bind(rowName(row.account)).run();
    insertAccount(sql, row);
    transaction.commit();
    return key;
  });
}

Status removeKeyFileDesktop(const SqlPlace& place, const std::string& name,
                            const std::string& desktop) {
  return changed(place, [&]() -> Status {
    SqlConnection sql(place, SqlConnection::Use::Keys);
    SqlStatement(sql, "DELETE FROM account WHERE name = ?")
        .bind(rowName({name, Role::Clerk, Account::Opening::Desktop, desktop}))
        .run();
    return ok();
  });
}

namespace {

Result<AccountRow> passphraseAccount(const std::vector<AccountRow>& rows, const std::string& name) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const AccountRow& row) {
    return row.account.name == name && row.account.opening == Account::Opening::Passphrase;
  });
  if (at != rows.end()) return *at;
  return Error{ErrorCode::NotFound, "Nobody has an account \"" + name + "\" here.", ""};
}

}  // namespace

Status setKeyFilePassphrase(const SqlPlace& place, const Secret& root, const std::string& name,
                            const Secret& passphrase, const std::optional<KeyCost>& cost) {
  NewAccount account{.name = name,
                     .passphrase = std::make_shared<const Secret>(Secret::of(passphrase.bytes())),
                     .cost = cost};
  if (auto status = checkAccount(account); !status) return status;
  return changed(place, [&]() -> Status {
    SqlConnection sql(place, SqlConnection::Use::Keys);
    const auto known = passphraseAccount(readAccounts(sql), name);
    if (!known) return known.error();
    // Its role is not to be made true by being sealed anew.
    if (codeOf(root, *known) != known->code) return damagedKeys("account " + name);
    auto row = *known;
    if (auto key = protect(row, root, account); !key) return key.error();
    SqlTransaction transaction(sql);
    // That took a second, in which another desk may have changed or removed it.
    const auto rows = readAccounts(sql);
    const auto now = passphraseAccount(rows, name);
    if (!now) return now.error();
    if (now->code != known->code)
      return Error{ErrorCode::StoreConflict,
                   "Somebody else changed the account \"" + name +
                       "\" at the same moment; nothing was changed here.",
                   ""};
    deleteAccount(sql, rows, name);
    insertAccount(sql, row);
    transaction.commit();
    return ok();
  });
}

}  // namespace countersign
