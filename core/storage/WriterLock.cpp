// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/WriterLock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace countersign {

namespace {
constexpr std::string_view kMark = " open";
}  // namespace

Result<std::unique_ptr<WriterLock>> WriterLock::take(const std::filesystem::path& file) {
  constexpr int kMode = 0600;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
  if (descriptor < 0)
    return Error{ErrorCode::FileNotWritable,
                 "The store may not be written here. Look at the rights of its folder.",
                 quoted(file) + ": " + std::strerror(errno)};
  std::unique_ptr<WriterLock> lock(new WriterLock(descriptor));
  const bool isFree = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  const int reason = errno;
  std::array<char, 32> content{};
  const auto length = ::pread(descriptor, content.data(), content.size() - 1, 0);
  const std::string said(content.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  const auto holder = said.substr(0, said.find(' '));
  if (!isFree) {
    ::close(std::exchange(lock->m_descriptor, -1));
    if (reason != EWOULDBLOCK)
      return Error{ErrorCode::FileNotWritable,
                   "The store may not be written here: files cannot be locked in its folder. Move "
                   "it to a disk of this computer.",
                   std::strerror(reason)};
    return Error{ErrorCode::StoreBusy,
                 "Another window or program is writing to this store" +
                     (holder.empty() ? "" : " (process " + holder + ")") +
                     ". Close it first, or only read.",
                 ""};
  }
  lock->m_wasBrokenOff = said.ends_with(kMark);
  lock->write(lock->m_wasBrokenOff);
  return lock;
}

void WriterLock::write(bool isMarked) const {
  auto text = std::to_string(::getpid());
  if (isMarked) text += kMark;
  // Only for sentences: the lock is held with or without it.
  if (::ftruncate(m_descriptor, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(m_descriptor, text.data(), text.size(), 0);
}

void WriterLock::markOpened() {
  m_isOpened = true;
  write(true);
}

WriterLock::~WriterLock() {
  if (m_descriptor < 0) return;
  if (m_isOpened || !m_wasBrokenOff) [[maybe_unused]]
    const auto emptied = ::ftruncate(m_descriptor, 0);
  // Whatever process is just being started may hold a copy of the descriptor for a moment.
  ::flock(m_descriptor, LOCK_UN);
  ::close(m_descriptor);
}

}  // namespace countersign
