// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/storage/internal/Sql.h"

namespace countersign {

/// The two parts of a store.
enum class StorePart { Rows, Keys };

/// Told rows done and rows in all; false stops, which throws Cancelled.
using RowsDone = std::function<bool(std::int64_t, std::int64_t)>;

/// Copies the rows of one database into the empty tables of another, whatever kind each is of. A
/// copy that was broken off goes on where it was, as long as the source is what it was. Rows are
/// committed in portions of a few megabytes. Throws SqlFailure.
void copyRows(SqlConnection& from, SqlConnection& to, StorePart part, const RowsDone& goesOn = {});

/// Compares them row by row, column by column, and kind of value by kind of value.
///
/// @return  name of the first table that differs; empty when none does.
std::string differingTable(SqlConnection& from, SqlConnection& to, StorePart part,
                           const RowsDone& goesOn = {});

/// Copies the rows of a store as they are at one moment into a new file. Throws SqlFailure.
void copyRowsToFile(SqlConnection& from, const std::filesystem::path& file, StorePart part,
                    const RowsDone& goesOn = {});

}  // namespace countersign
