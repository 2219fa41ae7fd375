// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Checkpoint.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/File.h"

namespace countersign {

namespace {

constexpr std::array kNames{"checkpoint-a.safetensors", "checkpoint-b.safetensors"};

/// Step of the file at `path`; −1 when there is none that can be read.
std::int64_t stepAt(const std::filesystem::path& path) {
  const auto file = readSafetensors(path);
  return file ? stepOf(*file) : -1;
}

}  // namespace

std::int64_t stepOf(const SafetensorsFile& checkpoint) {
  const auto text = checkpoint.metadata.find("step");
  std::int64_t step = -1;
  if (text != checkpoint.metadata.end())
    std::from_chars(text->second.data(), text->second.data() + text->second.size(), step);
  return step;
}

std::optional<SafetensorsFile> CheckpointFolder::newest() const {
  std::optional<SafetensorsFile> best;
  for (const auto* name : kNames) {
    auto file = readSafetensors(m_folder / name);
    if (file && stepOf(*file) >= 0 && (!best || stepOf(*file) > stepOf(*best)))
      best = *std::move(file);
  }
  return best;
}

Status CheckpointFolder::write(const SafetensorsFile& checkpoint) const {
  std::error_code failure;
  std::filesystem::create_directories(m_folder, failure);
  if (failure)
    return Error{ErrorCode::FileNotWritable, quoted(m_folder) + " could not be made.",
                 failure.message()};
  const auto older = std::min_element(
      kNames.begin(), kNames.end(),
      [&](const auto* a, const auto* b) { return stepAt(m_folder / a) < stepAt(m_folder / b); });
  return writeSafetensors(m_folder / *older, checkpoint);
}

bool CheckpointFolder::hasAny() const {
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) {
    std::error_code ignored;
    return std::filesystem::exists(m_folder / name, ignored);
  });
}

void CheckpointFolder::remove() const {
  for (const auto* name : kNames) {
    std::error_code ignored;
    std::filesystem::remove(m_folder / name, ignored);
  }
}

}  // namespace countersign
