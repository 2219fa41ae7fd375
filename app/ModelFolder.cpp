// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/ModelFolder.h"

#include "core/base/File.h"

namespace countersign {

namespace {

bool isModelFolder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path / "signature", ignored);
}

}  // namespace

Result<std::filesystem::path> findModelFolder(const std::filesystem::path& asked) {
  if (!asked.empty()) {
    if (isModelFolder(asked)) return asked;
    return Error{ErrorCode::FileNotReadable, quoted(asked) + " is not a folder with networks.", ""};
  }
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  // Upwards from the program: <prefix>/libexec/countersign/...,
  // <checkout>/build/release/libexec/...
  for (auto folder = program.parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    for (const auto* below : {"share/countersign/models", "models"}) {
      if (isModelFolder(folder / below)) return folder / below;
    }
  }
  return Error{ErrorCode::FileNotReadable,
               "The folder with the networks was not found; name it with --models.", ""};
}

std::filesystem::path defaultNetwork(const std::filesystem::path& models, Modality modality) {
  const auto name = modalityName(modality);
  return models / name / (std::string(name) + ".safetensors");
}

}  // namespace countersign
