// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// A table with a header line, as RFC 4180 defines it: comma, optional double quotes, CRLF or LF.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< Each as long as `columns`.

  /// Where the column stands, or a FileMalformed that names it.
  Result<std::size_t> columnIndex(std::string_view name) const;
};

/// @return  FileMalformed, with the line, on an open quote or on a row that is not as long as the
///          header.
Result<CsvTable> parseCsv(std::string_view text);
Result<CsvTable> readCsv(const std::filesystem::path& path);

/// A cell as it must be written: quoted only when it has to be.
std::string csvCell(std::string_view text);

}  // namespace countersign
