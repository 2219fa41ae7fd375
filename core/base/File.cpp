// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/File.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <regex>
#include <utility>

namespace countersign {

namespace {

Error cannotWrite(const std::filesystem::path& target, int cause) {
  return {ErrorCode::FileNotWritable,
          quoted(target) + " could not be written: " + std::strerror(cause) + ".", ""};
}

/// Closes on scope exit; close() reports errors that only show then (NFS, quotas).
class Descriptor {
 public:
  explicit Descriptor(int value) : m_value(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (m_value >= 0) ::close(m_value);
  }
  int get() const { return m_value; }
  bool close() { return ::close(std::exchange(m_value, -1)) == 0; }

 private:
  int m_value;
};

bool writeAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool writeAndFlush(int descriptor, const std::vector<std::string_view>& parts) {
  for (const auto part : parts) {
    if (!writeAll(descriptor, part)) return false;
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

void flushToDisk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

std::string quoted(const std::filesystem::path& path) { return "\"" + path.string() + "\""; }

Result<Bytes> readFile(const std::filesystem::path& path, std::uintmax_t limit) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    return Error{ErrorCode::FileNotReadable, quoted(path) + " does not exist.", failure.message()};
  if (!std::filesystem::is_regular_file(status))
    return Error{ErrorCode::FileNotReadable, quoted(path) + " is not a file.", ""};
  const auto size = std::filesystem::file_size(path, failure);
  if (failure)
    return Error{ErrorCode::FileNotReadable, quoted(path) + " could not be read.",
                 failure.message()};
  if (size > limit)
    return Error{ErrorCode::FileNotReadable,
                 quoted(path) + " is larger than " + std::to_string(limit >> 20U) +
                     " MiB, the most that is read.",
                 ""};
  Bytes bytes(size);
  std::ifstream stream(path, std::ios::binary);
  if (!stream ||
      !stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
    return Error{ErrorCode::FileNotReadable, quoted(path) + " could not be read.",
                 std::strerror(errno)};
  return bytes;
}

Result<std::string> readTextFile(const std::filesystem::path& path, std::uintmax_t limit) {
  auto bytes = readFile(path, limit);
  if (!bytes) return bytes.error();
  std::string text(bytes->begin(), bytes->end());
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

void removeUnfinishedFiles(const std::filesystem::path& folder) {
  static const std::regex unfinished(R"(.+\.\d+-\d+\.part)");
  std::vector<std::filesystem::path> found;
  std::error_code failure;
  for (std::filesystem::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (std::regex_match(at->path().filename().string(), unfinished)) found.push_back(at->path());
  }
  for (const auto& path : found) std::filesystem::remove(path, failure);
}

Status writeFileAtomically(const std::filesystem::path& target, std::string_view content) {
  return writeFileAtomically(target, std::vector{content});
}

Status writeFileAtomically(const std::filesystem::path& asked,
                           const std::vector<std::string_view>& parts) {
  // A link stays a link: what it points to is replaced.
  std::error_code failure;
  auto target = asked;
  if (std::filesystem::is_symlink(asked, failure))
    target = std::filesystem::weakly_canonical(asked, failure);
  if (std::filesystem::exists(target, failure) &&
      !std::filesystem::is_regular_file(target, failure))
    return Error{ErrorCode::FileNotWritable, quoted(asked) + " is not a file.", ""};
  auto folder = target.parent_path();
  if (folder.empty()) folder = ".";
  static std::atomic<unsigned> counter = 0;
  const auto temporary = target.string() + "." + std::to_string(::getpid()) + "-" +
                         std::to_string(++counter) + ".part";
  constexpr int kMode = 0666;  // less what the user's umask takes away
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode));
  if (file.get() < 0) return cannotWrite(asked, errno);

  if (!writeAndFlush(file.get(), parts) || !file.close() ||
      ::rename(temporary.c_str(), target.c_str()) != 0) {
    const int cause = errno;
    ::unlink(temporary.c_str());
    return cannotWrite(asked, cause);
  }
  // The rename itself is durable only once the folder is.
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY));
  if (directory.get() >= 0) ::fsync(directory.get());
  return ok();
}

}  // namespace countersign
