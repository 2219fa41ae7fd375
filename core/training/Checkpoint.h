// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"

namespace countersign {

/// A training run at the end of a step, as two alternating safetensors files in a folder: while one
/// is replaced, the other is whole.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  /// The newest checkpoint that can be read, or nothing.
  std::optional<SafetensorsFile> newest() const;

  /// Replaces the older of the two files. The metadata must hold "step".
  Status write(const SafetensorsFile& checkpoint) const;

  /// Whether there is a checkpoint file, readable or not.
  bool hasAny() const;

  /// Deletes them; what cannot be deleted stays.
  void remove() const;

 private:
  std::filesystem::path m_folder;
};

/// Step of a checkpoint; −1 when it has none.
std::int64_t stepOf(const SafetensorsFile& checkpoint);

}  // namespace countersign
