// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/WriterLock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace countersign {

Result<std::unique_ptr<WriterLock>> WriterLock::take(const std::filesystem::path& file) {
  constexpr int kMode = 0600;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor < 0)
    return Error{ErrorCode::FileNotWritable,
                 "The store may not be written here. Look at the rights of its folder.",
                 quoted(file) + ": " + std::strerror(errno)};
  std::unique_ptr<WriterLock> lock(new WriterLock(descriptor));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> holder{};
    const auto length = ::pread(descriptor, holder.data(), holder.size() - 1, 0);
    const std::string who = length > 0 ? " (process " + std::string(holder.data()) + ")" : "";
    return Error{ErrorCode::StoreBusy,
                 "Another window or program is writing to this store" + who +
                     ". Close it first, or only read.",
                 std::strerror(errno)};
  }
  const auto process = std::to_string(::getpid());
  // Only for the sentence above: the lock is held with or without it.
  if (::ftruncate(descriptor, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(descriptor, process.data(), process.size(), 0);
  return lock;
}

WriterLock::~WriterLock() { ::close(m_descriptor); }

}  // namespace countersign
