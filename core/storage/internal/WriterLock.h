// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/File.h"
#include "core/base/Result.h"

namespace countersign {

/// The right to write to a store. The system gives it back when the process ends, however it ends;
/// one that had opened the store and did not end as it should leaves a mark in the file.
class WriterLock {
 public:
  /// @return  StoreBusy with a sentence that names the holder.
  ///          FileNotWritable where there is no such right to be had.
  static Result<std::unique_ptr<WriterLock>> take(const std::filesystem::path& file);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  /// Whether the one before was ended while it had the store open. It stays so until somebody
  /// opens the store.
  bool wasBrokenOff() const { return m_wasBrokenOff; }
  /// From here on, an end without giving the right back is one in the middle of work.
  void markOpened();

 private:
  explicit WriterLock(int descriptor) : m_descriptor(descriptor) {}
  void write(bool isMarked) const;
  int m_descriptor;
  bool m_wasBrokenOff = false;
  bool m_isOpened = false;
};

}  // namespace countersign
