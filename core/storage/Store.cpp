// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Store.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <system_error>

#include "core/base/Sha256.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/internal/Conversion.h"
#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/PendingRestore.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SealedRepository.h"
#include "core/storage/internal/StagedCopy.h"
#include "core/storage/internal/Vault.h"
#include "core/storage/internal/WriterLock.h"

namespace countersign {

namespace {

constexpr const char* kDatabase = "store.db";
constexpr std::uintmax_t kLongestNote = 4096;
/// Second line of the note of a restore, when an opening finished it.
constexpr const char* kBrokenOff = "\nbroken off";

/// Why a store without keys is not opened.
Error withoutKeys(const std::filesystem::path& folder) try {
  if (const auto place = rowsPlaceOf(folder); isServer(place)) {
    SqlConnection sql(place);
    if (sql.hasTable("store_info"))
      return {
          ErrorCode::StoreFailure,
          "The store's keys are missing on its server. Restore the newest copy of them; without "
          "them nobody can read the store.",
          ""};
    return {ErrorCode::StoreMissing, "No store was set up at " + placeText(folder) + " yet.", ""};
  }
  Error lost{ErrorCode::StoreFailure,
             "The store's file of keys is missing. Restore the newest copy of it; without it "
             "nobody can read the store.",
             ""};
  if (hasPendingConversion(folder)) return lost;
  std::error_code ignored;
  if (!std::filesystem::exists(folder / kDatabase, ignored))
    return {ErrorCode::StoreMissing, "No store was set up in " + quoted(folder) + " yet.", ""};
  SqlConnection sql(folder / kDatabase, SqlConnection::Use::Work);
  const int version = schemaVersion(sql);
  refuseNewer(version);
  if (version > kLastUnsealedVersion) return lost;
  return {ErrorCode::StoreNotEncrypted,
          "The store in " + quoted(folder) +
              " is of an earlier version, which did not encrypt what is in it. Encrypt it first.",
          ""};
} catch (const SqlFailure& failure) { return failure.error(); }

Result<std::string> fileHash(const std::filesystem::path& file) {
  constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 30U;
  const auto bytes = readFile(file, kLargest);
  if (!bytes) return bytes.error();
  return Sha256().add(std::as_bytes(std::span(*bytes))).finish();
}

Status makeFolder(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder / "networks", failure);
  if (failure)
    return Error{ErrorCode::FileNotWritable, quoted(folder) + " could not be made.",
                 failure.message()};
  // What is in it is nobody else's business.
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
  return ok();
}

}  // namespace

struct Store::State {
  std::filesystem::path folder;
  bool isOnServer = false;
  std::string writerElsewhere;
  std::unique_ptr<WriterLock> lock;
  std::shared_ptr<Vault> vault;
  Clock clock;
  std::vector<std::string> recoveries;
  std::unique_ptr<StoredRepository> repository;  // last: closed before the lock is given back

  /// Enters into the history what this account did that is no change of rows.
  Status note(const std::string& action, const AuditDetails& details) const {
    return repository->noteEvent({vault->account().name}, action, details);
  }
  Status noteOpening() const;
  std::filesystem::path networkPath(const std::string& identity) const {
    return folder / "networks" / (identity + ".safetensors");
  }
  Status fetchNetwork(const std::string& identity) const;
  /// Finishes what was broken off in its last step, and keeps in mind what was.
  Status finishRestoring() const;
  void gatherRecoveries();
  void lookAtTheClock();
};

Status Store::State::finishRestoring() const {
  for (const auto& place : {folder, folder / "networks"}) removeUnfinishedFiles(place);
  const bool isPending = hasPendingRestore(folder);
  if (auto status = finishRestore(folder); !status || !isPending) return status;
  // Who opens the store is not known yet, and may have to try again: they are told then.
  const auto note = restoreNote(folder);
  const auto known = readTextFile(note, kLongestNote);
  const auto text = known ? *known : std::string();
  return writeFileAtomically(note, text + kBrokenOff);
}

void Store::State::gatherRecoveries() {
  if (lock && lock->wasBrokenOff())
    recoveries.emplace_back(
        "The program was ended the last time without closing the store. Whatever it had confirmed "
        "is there; what it was about to save was taken back as a whole.");
  const auto note = readTextFile(restoreNote(folder), kLongestNote);
  if (note && note->ends_with(kBrokenOff))
    recoveries.emplace_back("A restore that had been broken off was finished.");
  if (const int erased = repository->erasedAtOpening(); erased > 0)
    recoveries.push_back("Erasing " + std::to_string(erased) +
                         (erased == 1 ? " person" : " people") +
                         ", which had been broken off, was finished.");
  lookAtTheClock();
}

/// Every decision is dated by it.
void Store::State::lookAtTheClock() {
  constexpr std::int64_t kTolerated = 120'000'000;
  const auto newest = repository->latestTime();
  const auto now = clock();
  if (newest && now.microseconds + kTolerated < newest->microseconds)
    recoveries.push_back("The clock of this computer stands at " + toIso8601(now) +
                         ", before the newest entries of the store's history (" +
                         toIso8601(*newest) + "). Set it right before you decide anything.");
}

/// Who opened the store, and who tried to since the last time.
Status Store::State::noteOpening() const try {
  auto failed = vault->takeFailedTries();
  std::reverse(failed.begin(), failed.end());
  while (!failed.empty()) {
    const auto& one = failed.back();
    auto status =
        note("failed to open store", {{"account", one.account.empty() ? "(a key)" : one.account},
                                      {"tries", std::to_string(one.tries)},
                                      {"first", toIso8601(one.first)},
                                      {"last", toIso8601(one.last)}});
    if (!status) {
      vault->putBackFailedTries(failed);
      return status;
    }
    failed.pop_back();
  }
  if (repository->isWritable()) {
    const auto file = restoreNote(folder);
    if (const auto restored = readTextFile(file, kLongestNote)) {
      const auto name = restored->substr(0, restored->find('\n'));
      if (auto status = note("restore backup", {{"backup", name}}); !status) return status;
      std::error_code ignored;
      std::filesystem::remove(file, ignored);
    }
  }
  AuditDetails details{{"for", repository->isWritable() ? "writing" : "reading"}};
  std::string found;
  for (const auto& sentence : recoveries) found += (found.empty() ? "" : " ") + sentence;
  if (!found.empty()) details.emplace_back("found", std::move(found));
  return note("open store", details);
} catch (const SqlFailure& failure) { return failure.error(); }

Store::Store(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, Access access,
                                           Clock clock, const Credential& credential) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  const auto server = serverOf(folder);
  if (!server) return server.error();
  state->isOnServer = server->has_value();
  const auto found = findKeys(folder);
  if (!found) return found.error();
  // A backup that waits to be restored may bring the keys.
  if (!*found && !hasPendingRestore(folder)) return withoutKeys(folder);
  if (state->isOnServer)
    if (auto status = makeFolder(folder); !status) return status.error();
  if (access != Access::Read && !state->isOnServer) {
    if (auto status = makeFolder(folder); !status) return status.error();
    auto lock = WriterLock::take(folder / "writer.lock");
    if (lock)
      state->lock = *std::move(lock);
    else if (access == Access::WriteIfFree && lock.error().code == ErrorCode::StoreBusy)
      state->writerElsewhere = lock.error().message;
    else
      return lock.error();
  }
  if (state->lock) {
    if (auto status = state->finishRestoring(); !status) return status.error();
  } else if (hasPendingRestore(folder)) {
    return Error{ErrorCode::StoreFailure,
                 "A backup is being restored here. Open the store for writing to finish it.", ""};
  }
  if (!*found && !hasKeys(folder)) return withoutKeys(folder);
  auto vault = Vault::unlock(folder, credential, clock);
  if (!vault) return vault.error();
  state->vault = *std::move(vault);
  // On a server many write, one after the other.
  bool isWritable = state->isOnServer ? access != Access::Read : state->lock != nullptr;
  if (isWritable) {
    const bool isPending = !state->isOnServer && hasPendingConversion(folder);
    if (!state->isOnServer)
      if (auto status = convertStore(folder, state->vault, clock); !status) return status.error();
    if (isPending)
      state->recoveries.emplace_back(
          "Encrypting the store, which had been broken off, was finished.");
    if (state->vault->account().role == Role::Auditor) {
      isWritable = false;
      state->lock.reset();
      state->writerElsewhere = "An auditor looks at everything and changes nothing.";
    }
  } else if (!state->isOnServer && hasPendingConversion(folder)) {
    return Error{ErrorCode::StoreFailure,
                 "The store is being encrypted. Open it for writing to finish that.", ""};
  }
  const auto database = rowsPlaceOf(folder);
  state->clock = clock;
  state->repository =
      std::make_unique<SealedRepository>(database, state->vault, isWritable, std::move(clock));
  if (auto status = state->repository->prepare(); !status) return status.error();
  state->gatherRecoveries();
  // Where nothing can be written, for example on a disk that is only read, it goes unnoted.
  if (auto status = state->noteOpening(); !status && isWritable) {
    const bool mayRead =
        access == Access::WriteIfFree && status.error().code == ErrorCode::FileNotWritable;
    if (!mayRead) return status.error();
    // A full disk keeps nobody from looking.
    state->repository =
        std::make_unique<SealedRepository>(database, state->vault, false, state->clock);
    if (auto read = state->repository->prepare(); !read) return read.error();
    state->lock.reset();
    state->writerElsewhere = status.error().message;
  }
  if (state->lock) state->lock->markOpened();
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Repository& Store::repository() { return *m_state->repository; }
const Repository& Store::repository() const { return *m_state->repository; }
const std::filesystem::path& Store::folder() const { return m_state->folder; }
const std::string& Store::writerElsewhere() const { return m_state->writerElsewhere; }

const std::vector<std::string>& Store::recoveries() const { return m_state->recoveries; }

/// Takes a network from the server into the folder of this desk.
Status Store::State::fetchNetwork(const std::string& identity) const {
  if (auto status = checkNetworkName(identity); !status) return status;
  const auto content = repository->networkContent(identity);
  if (!content) return content.error();
  return writeFileAtomically(networkPath(identity),
                             {reinterpret_cast<const char*>(content->data()), content->size()});
}

Result<std::filesystem::path> Store::networkFile(const std::string& identity) const {
  auto path = m_state->networkPath(identity);
  if (m_state->isOnServer)
    if (auto status = checkNetworkName(identity); !status) return status.error();
  std::error_code failure;
  if (std::filesystem::is_regular_file(path, failure)) return path;
  if (m_state->isOnServer) {
    const auto fetched = m_state->fetchNetwork(identity);
    if (fetched) return path;
    if (fetched.error().code != ErrorCode::NotFound) return fetched.error();
  }
  return Error{ErrorCode::NotFound,
               "The store's network is missing; copy its file back to " + quoted(path) + ".", ""};
}

Status Store::keepNetwork(const std::filesystem::path& file, const std::string& identity) {
  const auto hash = fileHash(file);
  if (!hash) return hash.error();
  const auto kept = networkFile(identity);
  const auto known = m_state->repository->networkFileHash(identity);
  if (kept && known && *known == *hash) {
    const auto there = fileHash(*kept);
    if (there && *there == *hash) return ok();
  }
  if (!m_state->repository->isWritable())
    return Error{ErrorCode::StoreBusy, "This store is open for reading only.", ""};
  return putNetwork(file, identity, *hash);
}

Status Store::mendNetwork(const std::filesystem::path& file, const std::string& identity) {
  const auto hash = fileHash(file);
  if (!hash) return hash.error();
  const auto known = m_state->repository->networkFileHash(identity);
  // Another card would come with it, for which nobody here answered.
  if (known && *known != *hash)
    return Error{ErrorCode::StoreFailure,
                 "The store's network is missing or was changed, and the file that came with the "
                 "program is another one. Restore the store from a backup.",
                 ""};
  if (!m_state->repository->isWritable()) return ok();
  return putNetwork(file, identity, *hash);
}

Status Store::putNetwork(const std::filesystem::path& file, const std::string& identity,
                         const std::string& hash) {
  constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 30U;
  const auto bytes = readFile(file, kLargest);
  if (!bytes) return bytes.error();
  auto status = writeFileAtomically(m_state->networkPath(identity),
                                    {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!status) return status;
  const auto known = m_state->repository->networkFileHash(identity);
  if (known && *known == hash) {
    if (!m_state->isOnServer) return ok();
    const auto held = m_state->repository->networksHeld();
    if (!held) return held.error();
    if (std::find(held->begin(), held->end(), identity) != held->end()) return ok();
  }
  if (m_state->isOnServer)
    return m_state->repository->keepNetworkContent(identity, hash, *bytes, {account().name});
  return m_state->repository->setNetworkFileHash(identity, hash, {account().name});
}

Status Store::checkNetwork(const std::string& identity) const {
  const auto file = networkFile(identity);
  if (!file) return file.error();
  auto hash = fileHash(*file);
  if (!hash) return hash.error();
  const auto known = m_state->repository->networkFileHash(identity);
  if (!known && known.error().code != ErrorCode::NotFound) return known.error();
  if (known && *known != *hash && m_state->isOnServer) {
    // What lies on this desk is a copy, and may be of an earlier card.
    if (auto status = m_state->fetchNetwork(identity); !status) return status;
    hash = fileHash(*file);
    if (!hash) return hash.error();
  }
  if (known && *known == *hash) return ok();
  if (known)
    return Error{ErrorCode::StoreFailure,
                 "The file of the store's network was changed by another program, or is damaged: " +
                     quoted(*file) + ". Restore the store from a backup.",
                 ""};
  // The first time that it is looked at, or of a store of before.
  if (!m_state->repository->isWritable()) return ok();
  return m_state->repository->setNetworkFileHash(identity, *hash, {account().name});
}

Status Store::gatherNetworks() const {
  if (!m_state->isOnServer) return ok();
  const auto held = m_state->repository->networksHeld();
  if (!held) return held.error();
  for (const auto& identity : *held)
    if (auto status = checkNetwork(identity); !status) return status;
  return ok();
}

Status Store::copyDatabase(const std::filesystem::path& file,
                           const JobContext<BackupProgress>& context) const {
  return m_state->repository->copyTo(file, context);
}

std::shared_ptr<const Vault> Store::vault() const { return m_state->vault; }

const std::string& Store::identity() const { return m_state->vault->storeIdentity(); }

Timestamp Store::now() const { return m_state->clock(); }

const Account& Store::account() const { return m_state->vault->account(); }

Status Store::checkAdministrator() const {
  if (m_state->vault->account().role == Role::Administrator) return ok();
  return Error{ErrorCode::OptionOutOfRange, "Accounts are an administrator's business.", ""};
}

Result<std::string> Store::addAccount(const NewAccount& account) {
  if (auto status = checkAdministrator(); !status) return status.error();
  auto key = m_state->vault->addAccount(account);
  if (!key) return key;
  auto status = m_state->note(
      "add account", {{"account", account.name}, {"role", std::string(roleName(account.role))}});
  if (!status) return status.error();
  return key;
}

Status Store::removeAccount(const std::string& name) {
  if (auto status = checkAdministrator(); !status) return status;
  if (auto status = m_state->vault->removeAccount(name); !status) return status;
  return m_state->note("remove account", {{"account", name}});
}

Result<std::string> Store::addDesktopKey(const std::string& desktop) {
  auto key = m_state->vault->addDesktop(desktop);
  if (!key) return key;
  auto status =
      m_state->note("add desktop key", {{"account", account().name}, {"desktop", desktop}});
  if (!status) return status.error();
  return key;
}

Status Store::removeDesktopKey(const std::string& name, const std::string& desktop) {
  const bool isOwn = account().name == name;
  if (auto status = checkAdministrator(); !isOwn && !status) return status;
  if (auto status = m_state->vault->removeDesktop(name, desktop); !status) return status;
  return m_state->note("remove desktop key", {{"account", name}, {"desktop", desktop}});
}

Status Store::checkOwnPassphrase(const Secret& passphrase) const {
  return m_state->vault->checkOwnPassphrase(passphrase, m_state->clock);
}

Status Store::setPassphrase(const std::string& name, const Secret& passphrase,
                            const std::optional<KeyCost>& cost) {
  const bool isOwn = account().name == name;
  if (auto status = checkAdministrator(); !isOwn && !status) return status;
  if (auto status = m_state->vault->setPassphrase(name, passphrase, cost); !status) return status;
  return m_state->note("change passphrase", {{"account", name}});
}

Result<std::string> Store::renewRecoveryKey() {
  if (auto status = checkAdministrator(); !status) return status.error();
  auto key = m_state->vault->renewRecoveryKey();
  if (!key) return key;
  if (auto status = m_state->note("renew recovery key", {}); !status) return status.error();
  return key;
}

Result<std::shared_ptr<const Confirmation>> Store::confirm(const Credential& second) const {
  const auto other = m_state->vault->confirm(second, m_state->clock);
  if (!other) return other.error();
  return std::shared_ptr<const Confirmation>(new Confirmation(other->name));
}

Result<std::vector<Account>> Store::confirmers() const try {
  return m_state->vault->confirmers();
} catch (const SqlFailure& failure) { return failure.error(); }

std::unique_ptr<StoreFeed> Store::listen(StoreFeed::Told told) const {
  const auto server = serverOf(m_state->folder);
  if (!server || !*server) return nullptr;
  return std::make_unique<StoreFeed>(**server, m_state->vault->deskMark(), std::move(told));
}

Status Store::note(const std::string& action, const AuditDetails& details) const {
  return m_state->note(action, details);
}

Status Store::check() const { return m_state->repository->check(); }

Result<NewKeys> setUpStore(const std::filesystem::path& folder, const NewAccount& first,
                           const JobContext<EncryptionProgress>& context, const Clock& clock) {
  if (auto status = checkAccount(first); !status) return status.error();
  const auto server = serverOf(folder);
  if (!server) return server.error();
  // A server has no store of an earlier version.
  if (*server) {
    const auto found = findKeys(folder);
    if (!found) return found.error();
    if (!*found)
      if (const auto state = withoutKeys(folder); state.code != ErrorCode::StoreMissing)
        return state;
    return protectStore(folder, first);
  }
  if (auto status = makeFolder(folder); !status) return status.error();
  // Nobody else may be writing to what is there.
  const auto lock = WriterLock::take(folder / "writer.lock");
  if (!lock) return lock.error();
  if (!hasKeys(folder)) {
    const auto state = withoutKeys(folder);
    if (state.code != ErrorCode::StoreMissing && state.code != ErrorCode::StoreNotEncrypted)
      return state;
  }
  auto keys = protectStore(folder, first);
  if (!keys) return keys;
  const auto credential =
      first.passphrase ? Credential{Credential::Kind::Passphrase, first.name, first.passphrase}
                       : withKey(Secret::of(keys->account));
  auto vault = Vault::unlock(folder, credential, clock);
  auto status = vault ? convertStore(folder, *vault, clock, context) : Status(vault.error());
  if (status) return keys;
  // Nothing is encrypted by these keys yet, unless the last steps are all that is left.
  std::error_code ignored;
  if (!hasPendingConversion(folder)) std::filesystem::remove(keyFileOf(folder), ignored);
  return status.error();
}

Result<std::vector<std::string>> acceptStore(const std::filesystem::path& folder,
                                             const Credential& credential, const Clock& clock) {
  const auto server = serverOf(folder);
  if (!server) return server.error();
  if (!hasKeys(folder)) return withoutKeys(folder);
  const auto lock =
      *server ? std::unique_ptr<WriterLock>() : WriterLock::take(folder / "writer.lock");
  if (!lock) return lock.error();
  std::error_code ignored;
  if (!*server && (hasPendingRestore(folder) || hasPendingConversion(folder) ||
                   !std::filesystem::exists(folder / kDatabase, ignored)))
    return Error{
        ErrorCode::StoreFailure,
        "There is no database here that could be accepted, or another one waits to take its "
        "place. Open the store first.",
        ""};
  auto vault = Vault::unlock(folder, credential, clock);
  if (!vault) return vault.error();
  const auto& account = (*vault)->account();
  if (account.role != Role::Administrator)
    return Error{ErrorCode::OptionOutOfRange,
                 "Only an administrator takes a store as it is; the account \"" + account.name +
                     "\" is of a " + std::string(roleName(account.role)) + ".",
                 ""};
  SealedRepository repository(rowsPlaceOf(folder), *vault, true, clock);
  return repository.accept({account.name});
}

std::filesystem::path defaultStoreFolder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::filesystem::path(data) / "countersign" / "store";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local" / "share" / "countersign" /
         "store";
}

}  // namespace countersign
