// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/CanvasFile.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "core/base/File.h"

namespace countersign {

namespace {

Error noRoom(const std::filesystem::path& folder, std::size_t bytes, int code) {
  return {ErrorCode::FileNotWritable,
          "There is no room for " + std::to_string((bytes >> 20U) + 1) +
              " MB of normalised images in " + quoted(folder) + "; free some, or choose another " +
              "folder.",
          std::strerror(code)};
}

}  // namespace

Result<std::shared_ptr<CanvasFile>> CanvasFile::make(const std::filesystem::path& folder,
                                                     CanvasFormat format, std::size_t count) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  auto name = (folder / ".canvases-XXXXXX").string();
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0)
    return Error{ErrorCode::FileNotWritable, quoted(folder) + " cannot be written to.",
                 std::strerror(errno)};
  ::unlink(name.c_str());
  const auto bytes = format.bytes() * count;
  // All blocks are taken now: a disk that filled up later would end the process by a signal.
  const int code = ::posix_fallocate(file, 0, static_cast<off_t>(bytes));
  void* memory = code == 0 ? ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                           : MAP_FAILED;  // NOLINT(performance-no-int-to-ptr): the system's macro
  const int mapCode = errno;
  ::close(file);
  if (memory == MAP_FAILED)  // NOLINT(performance-no-int-to-ptr): the system's macro
    return noRoom(folder, bytes, code != 0 ? code : mapCode);
  return std::shared_ptr<CanvasFile>(new CanvasFile(memory, bytes, format));
}

CanvasFile::~CanvasFile() { ::munmap(m_memory, m_bytes); }

cv::Mat CanvasFile::canvas(std::size_t index) const {
  auto* first = static_cast<std::uint8_t*>(m_memory) + index * m_format.bytes();
  return {m_format.size.height, m_format.size.width, CV_8UC(m_format.channels), first};
}

}  // namespace countersign
