// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/File.h"
#include "core/base/Result.h"

namespace countersign {

/// The right to write to a store. The system gives it back when the process ends, however it ends.
class WriterLock {
 public:
  /// @return  StoreBusy with a sentence that names the holder.
  static Result<std::unique_ptr<WriterLock>> take(const std::filesystem::path& file);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  explicit WriterLock(int descriptor) : m_descriptor(descriptor) {}
  int m_descriptor;
};

}  // namespace countersign
