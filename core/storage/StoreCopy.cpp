// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/StoreCopy.h"

#include <system_error>

#include "core/base/File.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/internal/AuditChain.h"
#include "core/storage/internal/Conversion.h"
#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/PendingRestore.h"
#include "core/storage/internal/RowCopy.h"
#include "core/storage/internal/RowText.h"
#include "core/storage/internal/Schema.h"
#include "core/storage/internal/SealedRepository.h"
#include "core/storage/internal/StagedCopy.h"
#include "core/storage/internal/WriterLock.h"

namespace countersign {

namespace {

namespace fs = std::filesystem;

/// Nobody writes to the source as long as it lives.
class HeldSource {
 public:
  /// @return  StoreBusy while others have it open.
  static Result<HeldSource> take(const fs::path& from, const Vault& vault) {
    HeldSource held;
    const auto place = rowsPlaceOf(from);
    if (isServer(place)) {
      // The vault's own connection has the store open, too.
      held.m_rows = &vault.connections()->mine();
      SqlStatement alone(*held.m_rows, postgres::kTryAlone);
      if (!alone.run().next() || alone.integer(0) != 1)
        return Error{ErrorCode::StoreBusy,
                     "The store is open at other desks; close it there before it is copied.", ""};
    } else {
      auto lock = WriterLock::take(from / "writer.lock");
      if (!lock) return lock.error();
      held.m_lock = *std::move(lock);
      if (hasPendingRestore(from) || hasPendingConversion(from))
        return Error{ErrorCode::StoreFailure,
                     "Another database waits to take the place of the store's. Open the store "
                     "first, which finishes that.",
                     ""};
      held.m_own = std::make_unique<SqlConnection>(place);
      held.m_rows = held.m_own.get();
    }
    held.m_keys = std::make_unique<SqlConnection>(keysPlaceOf(from), SqlConnection::Use::Keys);
    return held;
  }
  SqlConnection& rows() const { return *m_rows; }
  SqlConnection& keys() const { return *m_keys; }

 private:
  std::unique_ptr<WriterLock> m_lock;  ///< Of a folder.
  std::unique_ptr<SqlConnection> m_own;
  SqlConnection* m_rows = nullptr;
  std::unique_ptr<SqlConnection> m_keys;
};

/// Whether a place holds nothing that a copy would take the place of.
Status checkFree(const fs::path& to) {
  const auto place = rowsPlaceOf(to);
  bool isFree = !areKeysAt(keysPlaceOf(to));
  if (isServer(place)) {
    isFree = isFree && !SqlConnection(place).hasTable("store_info");
  } else {
    std::error_code ignored;
    isFree = isFree && !fs::exists(std::get<fs::path>(place), ignored) && !hasPendingRestore(to) &&
             !hasPendingConversion(to);
  }
  if (isFree) return ok();
  return Error{ErrorCode::AlreadyEnrolled,
               "There is a store at " + placeText(to) +
                   " already, or a part of one. Copy to where none is; nothing was changed.",
               ""};
}

/// By which a copy that was begun is known to be of the same source, as it is now.
std::string markOf(SqlConnection& rows, const Vault& vault) {
  SqlStatement newest(rows, "SELECT sequence, code FROM event ORDER BY sequence DESC LIMIT 1");
  std::string mark = vault.storeIdentity();
  if (newest.run().next())
    mark += " " + std::to_string(newest.integer(0)) + " " + hexText(newest.bytes(1));
  return mark;
}

int copyNetworks(SqlConnection& rows, const fs::path& from, StagedCopy& copy) {
  int networks = 0;
  if (!isServer(rows.place())) {
    copy.addNetworks(from / "networks");
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(from / "networks", ignored))
      networks += entry.path().extension() == ".safetensors" ? 1 : 0;
    return networks;
  }
  SqlStatement held(rows, "SELECT identity, content FROM network_file");
  held.run();
  while (held.next()) {
    copy.addNetwork(held.text(0), held.bytes(1));
    ++networks;
  }
  return networks;
}

Status checkAdministrator(const Vault& vault) {
  const auto& account = vault.account();
  if (account.role == Role::Administrator) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "Only an administrator copies a store; the account \"" + account.name +
                   "\" is of a " + std::string(roleName(account.role)) + ".",
               ""};
}

/// Small, and wrong passphrases are counted in them at any time: as they are at one moment.
std::string copyKeys(SqlConnection& keys, StagedCopy& copy) {
  copy.startKeysAnew();
  const SqlTransaction look(keys, SqlTransaction::Kind::Look);
  copyRows(keys, copy.keys(), StorePart::Keys);
  return differingTable(keys, copy.keys(), StorePart::Keys);
}

Result<CopiedStore> copyHeld(const HeldSource& source, const Vault& vault, const fs::path& from,
                             const fs::path& to, const JobContext<StoreCopyProgress>& context) {
  if (schemaVersion(source.rows()) != kSchemaVersion)
    return Error{ErrorCode::StoreFailure,
                 "The store was written by another version of Countersign; open it with this one "
                 "first.",
                 ""};
  if (const auto chain = verifyChain(source.rows(), vault); !chain) return chain.error();
  CopiedStore done;
  const auto tell = [&](StoreCopyProgress::Step step) {
    return [&context, &done, step](std::int64_t rows, std::int64_t total) {
      done.rows = total;
      context.emitEvent({step, rows, total});
      return !context.stop.stop_requested();
    };
  };
  StagedCopy copy(to);
  if (auto status = copy.hold(); !status) return status.error();
  const auto mark = markOf(source.rows(), vault);
  done.wasResumed = copy.mark() == mark;
  if (!done.wasResumed) copy.startAnew(mark);
  copyRows(source.rows(), copy.rows(), StorePart::Rows, tell(StoreCopyProgress::Step::Copying));
  done.networks = copyNetworks(source.rows(), from, copy);
  auto differing = differingTable(source.rows(), copy.rows(), StorePart::Rows,
                                  tell(StoreCopyProgress::Step::Comparing));
  if (differing.empty()) differing = copyKeys(source.keys(), copy);
  if (!differing.empty()) {
    copy.startAnew("");  // it is good for nothing
    return Error{ErrorCode::StoreFailure,
                 "The copy is not what the store is, and was not kept. Copy it again.", differing};
  }
  const auto head = verifyChain(copy.rows(), vault);
  if (!head) return head.error();
  done.events = head->sequence;
  // Of a store that opens for everybody.
  if (const auto key = readTextFile(from / kOpenKeyFile, 1U << 12U))
    if (auto status = writeFileAtomically(to / kOpenKeyFile, *key); !status) return status.error();
  if (auto status = copy.takeFreePlace(); !status) return status.error();
  return done;
}

}  // namespace

Result<CopiedStore> copyStore(const fs::path& from, const fs::path& to,
                              const Credential& credential,
                              const JobContext<StoreCopyProgress>& context,
                              const Clock& clock) try {
  const auto source = findKeys(from);
  if (!source) return source.error();
  if (!*source)
    return Error{ErrorCode::StoreMissing, "There is no store with keys at " + placeText(from) + ".",
                 ""};
  if (auto status = checkFree(to); !status) return status.error();
  const auto vault = Vault::unlock(from, credential, clock);
  if (!vault) return vault.error();
  if (auto status = checkAdministrator(**vault); !status) return status.error();
  auto done = [&]() -> Result<CopiedStore> {
    auto held = HeldSource::take(from, **vault);
    if (!held) return held.error();
    return copyHeld(*held, **vault, from, to, context);
  }();
  if ((*vault)->connections()) (*vault)->connections()->dropAll();
  if (!done) return done;
  // Both say so, and go their ways from here.
  const auto note = [&](const fs::path& where, const char* which, const fs::path& other) -> Status {
    const auto keys = Vault::unlock(where, credential, clock);
    if (!keys) return keys.error();
    const SealedRepository repository(rowsPlaceOf(where), *keys, true, clock);
    return repository.noteEvent({(*keys)->account().name}, "copy store",
                                {{which, placeText(other)}});
  };
  if (auto status = note(to, "from", from); !status) return status.error();
  if (auto status = note(from, "to", to); !status) return status.error();
  return done;
} catch (const SqlFailure& failure) { return failure.error(); }

}  // namespace countersign
