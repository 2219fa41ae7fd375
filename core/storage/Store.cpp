// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Store.h"

#include <cstdlib>
#include <system_error>

#include "core/storage/internal/PendingRestore.h"
#include "core/storage/internal/SqlRepository.h"
#include "core/storage/internal/WriterLock.h"

namespace countersign {

struct Store::State {
  std::filesystem::path folder;
  std::string writerElsewhere;
  std::unique_ptr<WriterLock> lock;
  std::unique_ptr<SqlRepository> repository;  // last: closed before the lock is given back
};

Store::Store(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder, Access access,
                                           Clock clock) {
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
  state->repository =
      std::make_unique<SqlRepository>(database, state->lock != nullptr, std::move(clock));
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

Status Store::check() const { return m_state->repository->check(); }

std::filesystem::path defaultStoreFolder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data == '/')
    return std::filesystem::path(data) / "countersign" / "store";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : ".") / ".local" / "share" / "countersign" /
         "store";
}

}  // namespace countersign
