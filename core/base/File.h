// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// Raw bytes of a file.
using Bytes = std::vector<std::uint8_t>;

/// The whole content of a regular file.
///
/// @param limit  largest size read, in bytes; a larger file is refused before anything is
/// allocated.
/// @return       FileNotReadable when it is missing, is not a regular file, or is over the limit.
Result<Bytes> readFile(const std::filesystem::path& path, std::uintmax_t limit);

/// readFile() as text, without a UTF-8 byte order mark.
Result<std::string> readTextFile(const std::filesystem::path& path, std::uintmax_t limit);

/// Replaces `target` as a whole: writes a temporary file beside it, flushes it to the disk, and
/// renames it over the target, so that a crash or a full disk leaves the old file as it was. Links
/// are followed; what exists and is not a regular file is refused.
Status writeFileAtomically(const std::filesystem::path& target, std::string_view content);
Status writeFileAtomically(const std::filesystem::path& target,
                           const std::vector<std::string_view>& parts);

/// Deletes what writeFileAtomically() left in a folder when its process was ended in the middle.
/// Nobody else may be writing there.
void removeUnfinishedFiles(const std::filesystem::path& folder);

/// Waits until a file, or the entries of a folder, are on the disk, as far as the disk says so.
void flushToDisk(const std::filesystem::path& path);

/// A path as UTF-8, in quotes, for a sentence.
std::string quoted(const std::filesystem::path& path);

}  // namespace countersign
