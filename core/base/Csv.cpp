// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Csv.h"

#include <algorithm>

#include "core/base/File.h"

namespace countersign {

namespace {

constexpr std::uintmax_t kLargestTable = std::uintmax_t{1} << 30U;

/// Reads cells one after another; a quoted cell may hold commas, quotes and line ends.
class Reader {
 public:
  explicit Reader(std::string_view text) : m_text(text) {}

  bool atEnd() const { return m_at >= m_text.size(); }
  int line() const { return m_line; }

  /// One row; false on a quote that is not closed.
  bool readRow(std::vector<std::string>& row) {
    row.clear();
    for (;;) {
      row.emplace_back();
      if (!readCell(row.back())) return false;
      if (atEnd()) return true;
      const char end = m_text[m_at++];
      if (end == ',') continue;
      if (end == '\r' && !atEnd() && m_text[m_at] == '\n') ++m_at;
      ++m_line;
      return true;
    }
  }

 private:
  bool readCell(std::string& cell) {
    if (atEnd() || m_text[m_at] != '"') {
      const auto end = std::min(m_text.find_first_of(",\r\n", m_at), m_text.size());
      cell = m_text.substr(m_at, end - m_at);
      m_at = end;
      return true;
    }
    ++m_at;
    while (!atEnd()) {
      const char c = m_text[m_at++];
      if (c != '"') {
        cell += c;
        if (c == '\n') ++m_line;
      } else if (!atEnd() && m_text[m_at] == '"') {
        cell += '"';
        ++m_at;
      } else {
        return atEnd() || std::string_view(",\r\n").find(m_text[m_at]) != std::string_view::npos;
      }
    }
    return false;
  }

  std::string_view m_text;
  std::size_t m_at = 0;
  int m_line = 1;
};

Error malformed(int line, const std::string& what) {
  return {ErrorCode::FileMalformed, "Line " + std::to_string(line) + " of the table " + what + ".",
          ""};
}

}  // namespace

Result<std::size_t> CsvTable::columnIndex(std::string_view name) const {
  const auto at = std::find(columns.begin(), columns.end(), name);
  if (at == columns.end())
    return Error{ErrorCode::FileMalformed, "The table has no column \"" + std::string(name) + "\".",
                 ""};
  return static_cast<std::size_t>(at - columns.begin());
}

Result<CsvTable> parseCsv(std::string_view text) {
  CsvTable table;
  Reader reader(text);
  std::vector<std::string> row;
  while (!reader.atEnd()) {
    const int line = reader.line();
    if (!reader.readRow(row)) return malformed(line, "has a quote that is not closed");
    if (row.size() == 1 && row.front().empty()) continue;
    if (table.columns.empty()) {
      table.columns = row;
    } else if (row.size() != table.columns.size()) {
      return malformed(line, "has " + std::to_string(row.size()) + " cells where the header has " +
                                 std::to_string(table.columns.size()));
    } else {
      table.rows.push_back(row);
    }
  }
  if (table.columns.empty()) return Error{ErrorCode::FileMalformed, "The table is empty.", ""};
  return table;
}

Result<CsvTable> readCsv(const std::filesystem::path& path) {
  const auto text = readTextFile(path, kLargestTable);
  if (!text) return text.error();
  auto table = parseCsv(*text);
  if (!table)
    return Error{table.error().code, quoted(path) + ": " + table.error().message,
                 table.error().detail};
  return table;
}

std::string csvCell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) cell.append(c == '"' ? 2 : 1, c);
  return cell + '"';
}

}  // namespace countersign
