// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Store.h"

#include <cstdlib>
#include <system_error>

#include "core/storage/internal/Conversion.h"
#include "core/storage/internal/PendingRestore.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SealedRepository.h"
#include "core/storage/internal/SqlRepository.h"
#include "core/storage/internal/Vault.h"
#include "core/storage/internal/WriterLock.h"

namespace countersign {

namespace {

/// Whether the rows of a database are encrypted; what cannot be read is not.
bool isSealed(const std::filesystem::path& database) try {
  std::error_code ignored;
  if (!std::filesystem::exists(database, ignored)) return false;
  SqlConnection sql(database, SqlConnection::Use::Work);
  const int version = schemaVersion(sql);
  return version > kLastUnsealedVersion && version <= kSchemaVersion;
} catch (const SqlFailure&) { return false; }

}  // namespace

struct Store::State {
  std::filesystem::path folder;
  std::string writerElsewhere;
  std::unique_ptr<WriterLock> lock;
  std::shared_ptr<Vault> vault;                  ///< Of a store with keys.
  std::unique_ptr<StoredRepository> repository;  // last: closed before the lock is given back
};

Store::Store(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, Access access,
                                           Clock clock, const Credential& credential) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  const auto database = folder / "store.db";
  std::error_code failure;
  if (access == Access::Read && !std::filesystem::exists(database, failure))
    return Error{ErrorCode::NotFound, "There is no store in " + quoted(folder) + ".", ""};
  if (access != Access::Read) {
    std::filesystem::create_directories(folder / "networks", failure);
    if (failure)
      return Error{ErrorCode::FileNotWritable, quoted(folder) + " could not be made.",
                   failure.message()};
    // What is in it is nobody else's business.
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    auto lock = WriterLock::take(folder / "writer.lock");
    if (lock)
      state->lock = *std::move(lock);
    else if (access == Access::WriteIfFree && lock.error().code == ErrorCode::StoreBusy)
      state->writerElsewhere = lock.error().message;
    else
      return lock.error();
  }
  if (state->lock) {
    if (auto status = finishRestore(folder); !status) return status.error();
  } else if (hasPendingRestore(folder)) {
    return Error{ErrorCode::StoreFailure,
                 "A backup is being restored here. Open the store for writing to finish it.", ""};
  }
  bool isWritable = state->lock != nullptr;
  if (hasKeys(folder)) {
    auto vault = Vault::unlock(folder, credential, clock);
    if (!vault) return vault.error();
    state->vault = *std::move(vault);
    if (isWritable) {
      if (auto status = convertStore(folder, state->vault, clock); !status) return status.error();
      if (state->vault->account().role == Role::Auditor) {
        isWritable = false;
        state->lock.reset();
        state->writerElsewhere = "An auditor looks at everything and changes nothing.";
      }
    } else if (hasPendingConversion(folder)) {
      return Error{ErrorCode::StoreFailure,
                   "The store is being encrypted. Open it for writing to finish that.", ""};
    }
    state->repository =
        std::make_unique<SealedRepository>(database, state->vault, isWritable, std::move(clock));
  } else {
    if (isSealed(database) || hasPendingConversion(folder))
      return Error{ErrorCode::StoreFailure,
                   "The store's file of keys is missing. Restore the newest copy of it; without it "
                   "nobody can read the store.",
                   ""};
    state->repository = std::make_unique<SqlRepository>(database, isWritable, std::move(clock));
  }
  if (auto status = state->repository->prepare(); !status) return status.error();
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Repository& Store::repository() { return *m_state->repository; }
const Repository& Store::repository() const { return *m_state->repository; }
const std::filesystem::path& Store::folder() const { return m_state->folder; }
const std::string& Store::writerElsewhere() const { return m_state->writerElsewhere; }

Result<std::filesystem::path> Store::networkFile(const std::string& identity) const {
  auto path = m_state->folder / "networks" / (identity + ".safetensors");
  std::error_code failure;
  if (std::filesystem::is_regular_file(path, failure)) return path;
  return Error{ErrorCode::NotFound,
               "The store's network is missing; copy its file back to " + quoted(path) + ".", ""};
}

Status Store::keepNetwork(const std::filesystem::path& file, const std::string& identity) {
  if (networkFile(identity)) return ok();
  if (!m_state->lock)
    return Error{ErrorCode::StoreBusy, "This store is open for reading only.", ""};
  constexpr std::uintmax_t kLargest = std::uintmax_t{1} << 30U;
  const auto bytes = readFile(file, kLargest);
  if (!bytes) return bytes.error();
  return writeFileAtomically(m_state->folder / "networks" / (identity + ".safetensors"),
                             {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

Status Store::copyDatabase(const std::filesystem::path& file,
                           const JobContext<BackupProgress>& context) const {
  return m_state->repository->copyTo(file, context);
}

std::optional<Account> Store::account() const {
  if (!m_state->vault) return std::nullopt;
  return m_state->vault->account();
}

Status Store::checkAdministrator() const {
  if (!m_state->vault)
    return Error{ErrorCode::OptionOutOfRange, "This store has no keys, and so no accounts.", ""};
  if (m_state->vault->account().role == Role::Administrator) return ok();
  return Error{ErrorCode::OptionOutOfRange, "Accounts are an administrator's business.", ""};
}

Result<std::string> Store::addAccount(const NewAccount& account) {
  if (auto status = checkAdministrator(); !status) return status.error();
  return m_state->vault->addAccount(account);
}

Status Store::removeAccount(const std::string& name) {
  if (auto status = checkAdministrator(); !status) return status;
  return m_state->vault->removeAccount(name);
}

Status Store::setPassphrase(const std::string& name, const Secret& passphrase,
                            const std::optional<KeyCost>& cost) {
  const bool isOwn = m_state->vault && m_state->vault->account().name == name;
  if (auto status = checkAdministrator(); !isOwn && !status) return status;
  return m_state->vault->setPassphrase(name, passphrase, cost);
}

Result<std::string> Store::renewRecoveryKey() {
  if (auto status = checkAdministrator(); !status) return status.error();
  return m_state->vault->renewRecoveryKey();
}

Status Store::check() const { return m_state->repository->check(); }

std::filesystem::path defaultStoreFolder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::filesystem::path(data) / "countersign" / "store";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local" / "share" / "countersign" /
         "store";
}

}  // namespace countersign
