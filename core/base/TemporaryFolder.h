// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/Result.h"

namespace countersign {

/// A folder of its own that goes with its object.
class TemporaryFolder {
 public:
  /// @return  FileNotWritable when there is no room for it.
  static Result<std::shared_ptr<const TemporaryFolder>> make();

  explicit TemporaryFolder(std::filesystem::path path) : m_path(std::move(path)) {}
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return m_path; }

 private:
  std::filesystem::path m_path;
};

}  // namespace countersign
