// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/reliability/FailingDisk.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>

namespace countersign::test {

namespace {

enum class Request { Read, Write, Flush, Make, Remove };

// Plain memory, since the functions below are called before and after everything else.
std::atomic<bool> isArmed{false};
std::atomic<int> requestCount{0};
std::atomic<int> failureCount{0};
int goodRequests = 0;
bool onlyOnce = false;
FailingDisk::Fault kindOfFault = FailingDisk::Fault::Full;
char watched[1024] = "";

int errorFor(Request request) {
  switch (kindOfFault) {
    case FailingDisk::Fault::Full:
      return request == Request::Write || request == Request::Flush || request == Request::Make
                 ? ENOSPC
                 : 0;
    case FailingDisk::Fault::Broken:
      return EIO;
    case FailingDisk::Fault::ReadOnly:
      return request == Request::Read ? 0 : EROFS;
  }
  return 0;
}

/// Whether a request for a path fails; errno then says how.
bool fails(const char* path, Request request) {
  if (!isArmed || path == nullptr || !std::string_view(path).starts_with(watched)) return false;
  const int error = errorFor(request);
  if (error == 0) return false;
  const int number = requestCount++;
  if (number < goodRequests || (onlyOnce && number > goodRequests)) return false;
  ++failureCount;
  errno = error;
  return true;
}

bool fails(int descriptor, Request request) {
  if (!isArmed) return false;
  char link[64];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  char path[1024];
  const auto length = ::readlink(link, path, sizeof(path) - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return fails(path, request);
}

Request requestOf(int flags) {
  if ((flags & O_CREAT) != 0) return Request::Make;
  return (flags & O_ACCMODE) == O_RDONLY ? Request::Read : Request::Write;
}

template <typename Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingDisk::FailingDisk(const std::filesystem::path& folder, Fault fault, int after, bool isOnce) {
  std::snprintf(watched, sizeof(watched), "%s", folder.c_str());
  kindOfFault = fault;
  goodRequests = after;
  onlyOnce = isOnce;
  requestCount = failureCount = 0;
  isArmed = true;
}

FailingDisk::~FailingDisk() { isArmed = false; }

int FailingDisk::requests() { return requestCount; }
int FailingDisk::failures() { return failureCount; }

}  // namespace countersign::test

// What follows takes the place of the C library's, for this program and for its libraries.
using countersign::test::fails;
using countersign::test::real;
using countersign::test::Request;
using countersign::test::requestOf;

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int open(const char* path, int flags, ...) {
  static const auto next = real<int (*)(const char*, int, ...)>("open");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return fails(path, requestOf(flags)) ? -1 : next(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  static const auto next = real<int (*)(const char*, int, ...)>("open64");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return fails(path, requestOf(flags)) ? -1 : next(path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  static const auto next = real<FILE* (*)(const char*, const char*)>("fopen");
  const auto request = mode[0] == 'r' && mode[1] != '+' ? Request::Read : Request::Make;
  return fails(path, request) ? nullptr : next(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  static const auto next = real<FILE* (*)(const char*, const char*)>("fopen64");
  const auto request = mode[0] == 'r' && mode[1] != '+' ? Request::Read : Request::Make;
  return fails(path, request) ? nullptr : next(path, mode);
}

ssize_t read(int descriptor, void* buffer, size_t size) {
  static const auto next = real<ssize_t (*)(int, void*, size_t)>("read");
  return fails(descriptor, Request::Read) ? -1 : next(descriptor, buffer, size);
}

ssize_t pread(int descriptor, void* buffer, size_t size, off_t at) {
  static const auto next = real<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return fails(descriptor, Request::Read) ? -1 : next(descriptor, buffer, size, at);
}

ssize_t pread64(int descriptor, void* buffer, size_t size, off64_t at) {
  static const auto next = real<ssize_t (*)(int, void*, size_t, off64_t)>("pread64");
  return fails(descriptor, Request::Read) ? -1 : next(descriptor, buffer, size, at);
}

ssize_t write(int descriptor, const void* buffer, size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
  return fails(descriptor, Request::Write) ? -1 : next(descriptor, buffer, size);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  static const auto next = real<ssize_t (*)(int, const iovec*, int)>("writev");
  return fails(descriptor, Request::Write) ? -1 : next(descriptor, parts, count);
}

ssize_t pwrite(int descriptor, const void* buffer, size_t size, off_t at) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails(descriptor, Request::Write) ? -1 : next(descriptor, buffer, size, at);
}

ssize_t pwrite64(int descriptor, const void* buffer, size_t size, off64_t at) {
  static const auto next = real<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return fails(descriptor, Request::Write) ? -1 : next(descriptor, buffer, size, at);
}

int ftruncate(int descriptor, off_t size) noexcept {
  static const auto next = real<int (*)(int, off_t)>("ftruncate");
  return fails(descriptor, Request::Write) ? -1 : next(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size) noexcept {
  static const auto next = real<int (*)(int, off64_t)>("ftruncate64");
  return fails(descriptor, Request::Write) ? -1 : next(descriptor, size);
}

int fsync(int descriptor) {
  static const auto next = real<int (*)(int)>("fsync");
  return fails(descriptor, Request::Flush) ? -1 : next(descriptor);
}

int fdatasync(int descriptor) {
  static const auto next = real<int (*)(int)>("fdatasync");
  return fails(descriptor, Request::Flush) ? -1 : next(descriptor);
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = real<int (*)(const char*, mode_t)>("mkdir");
  return fails(path, Request::Make) ? -1 : next(path, mode);
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  return fails(to, Request::Make) ? -1 : next(from, to);
}

int unlink(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("unlink");
  return fails(path, Request::Remove) ? -1 : next(path);
}

int remove(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("remove");
  return fails(path, Request::Remove) ? -1 : next(path);
}

ssize_t sendfile(int to, int from, off_t* at, size_t size) noexcept {
  static const auto next = real<ssize_t (*)(int, int, off_t*, size_t)>("sendfile");
  return fails(to, Request::Write) ? -1 : next(to, from, at, size);
}

int openat(int folder, const char* path, int flags, ...) {
  static const auto next = real<int (*)(int, const char*, int, ...)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = va_arg(arguments, mode_t);
  va_end(arguments);
  const bool isFailing = path[0] == '/' || folder == AT_FDCWD ? fails(path, requestOf(flags))
                                                              : fails(folder, requestOf(flags));
  return isFailing ? -1 : next(folder, path, flags, mode);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto next = real<int (*)(int, const char*, int)>("unlinkat");
  const bool isFailing = path[0] == '/' || folder == AT_FDCWD ? fails(path, Request::Remove)
                                                              : fails(folder, Request::Remove);
  return isFailing ? -1 : next(folder, path, flags);
}

dirent* readdir(DIR* folder) {
  static const auto next = real<dirent* (*)(DIR*)>("readdir");
  return fails(::dirfd(folder), Request::Read) ? nullptr : next(folder);
}

dirent64* readdir64(DIR* folder) {
  static const auto next = real<dirent64* (*)(DIR*)>("readdir64");
  return fails(::dirfd(folder), Request::Read) ? nullptr : next(folder);
}

int rmdir(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("rmdir");
  return fails(path, Request::Remove) ? -1 : next(path);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
