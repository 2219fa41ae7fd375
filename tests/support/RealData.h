// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace countersign::test {

/// Folder of the real data that developers have beside the checkout; nothing where it is not.
/// The environment variable COUNTERSIGN_DATA names another place.
inline std::optional<std::filesystem::path> realData() {
  const char* named = std::getenv("COUNTERSIGN_DATA");
  const std::filesystem::path path =
      named != nullptr ? named : COUNTERSIGN_SOURCE_DIR "/../shared/data";
  if (std::filesystem::exists(path / "signatures" / "manifest.csv")) return path;
  return std::nullopt;
}

}  // namespace countersign::test
