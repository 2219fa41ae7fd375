// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/RowCopy.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <variant>
#include <vector>

#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/Schema.h"

namespace countersign {

namespace {

/// A table, its columns in the order of its statements, and how it is gone through: by ranges of a
/// number that its first column holds, or at once where it is small.
struct Table {
  const char* name;
  const char* columns;
  std::int64_t range = 0;
};

// A table comes after those that it refers to.
constexpr std::array kRows = {
    Table{"store_info", "name, content"},
    Table{"counter", "name, value"},
    Table{"event", "sequence, time_us, author, action, subject, details, code", 2000},
    Table{"person", "person_key, identifier_digest, content, written, added, retired", 1000},
    Table{"biometric_reference",
          "reference_key, person_key, modality, sample_digest, content, written, added, retired",
          1000},
    Table{"reference_image", "reference_key, original, normalised, written", 50},
    Table{"network", "identity, content, written"},
    Table{"template", "reference_key, network, kind, content, written", 500},
    Table{"person_threshold", "person_key, network, content, event", 1000},
    Table{"own_evidence", "network, content, event"},
    Table{"decision", "decision_key, event, person_key, modality, network, content", 1000},
    Table{"decision_probe", "decision_key, content, original, normalised, embedding", 50},
    Table{"decision_reference", "decision_key, position, reference_key, content", 200},
    Table{"erased_person", "person_key", 1000},
    Table{"store_state", "id, sequence, content"},
};
constexpr std::array kKeys = {
    Table{"key_info", "name, content"},
    Table{"account", "name, role, opening, salt, passes, memory, root, code, failures, failed_us"},
    Table{"failed_tries", "account, tries, first_us, last_us"},
    Table{"person_key", "person_key, wrapped", 1000},
};

std::span<const Table> tablesOf(StorePart part) {
  if (part == StorePart::Keys) return kKeys;
  return kRows;
}

using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;
using Row = std::vector<Value>;

Value valueAt(const SqlStatement& row, int column) {
  switch (row.kind(column)) {
    case SqlStatement::Kind::Null:
      return {};
    case SqlStatement::Kind::Integer:
      return row.integer(column);
    case SqlStatement::Kind::Real:
      return row.real(column);
    case SqlStatement::Kind::Binary:
      return row.bytes(column);
    case SqlStatement::Kind::Text:
      break;
  }
  return row.text(column);
}

void bind(SqlStatement& statement, const Value& value) {
  std::visit(
      [&](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>)
          statement.bind(std::optional<std::int64_t>());
        else
          statement.bind(held);
      },
      value);
}

int columnsOf(const Table& table) {
  const std::string_view columns(table.columns);
  return static_cast<int>(std::count(columns.begin(), columns.end(), ',')) + 1;
}

std::string firstColumn(const Table& table) {
  const std::string_view columns(table.columns);
  return std::string(columns.substr(0, columns.find(',')));
}

std::vector<Row> rowsOf(SqlStatement& found, const Table& table) {
  std::vector<Row> rows;
  const int columns = columnsOf(table);
  while (found.next()) {
    Row row;
    for (int column = 0; column < columns; ++column) row.push_back(valueAt(found, column));
    rows.push_back(std::move(row));
  }
  // By value: databases sort texts each in its own way.
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<Row> allRows(SqlConnection& sql, const Table& table) {
  // Files of keys that were made before have no table of failures.
  if (!sql.hasTable(table.name)) return {};
  SqlStatement found(sql, std::string("SELECT ") + table.columns + " FROM " + table.name);
  return rowsOf(found.run(), table);
}

/// Rows whose number is above one and not above another.
std::vector<Row> rowsBetween(SqlConnection& sql, const Table& table, std::int64_t above,
                             std::int64_t last) {
  const auto number = firstColumn(table);
  SqlStatement found(sql, std::string("SELECT ") + table.columns + " FROM " + table.name +
                              " WHERE " + number + " > ? AND " + number + " <= ?");
  found.bind(above).bind(last).run();
  return rowsOf(found, table);
}

std::optional<std::int64_t> numberIn(SqlConnection& sql, const Table& table,
                                     const std::string& what) {
  SqlStatement row(sql, "SELECT " + what + " FROM " + table.name);
  if (!row.run().next() || row.isNull(0)) return std::nullopt;
  return row.integer(0);
}

void insert(SqlConnection& to, const Table& table, const std::vector<Row>& rows) {
  std::string marks = "?";
  for (int i = 1; i < columnsOf(table); ++i) marks += ", ?";
  SqlStatement statement(to, std::string("INSERT INTO ") + table.name + " (" + table.columns +
                                 ") VALUES (" + marks + ")");
  for (const auto& row : rows) {
    for (const auto& value : row) bind(statement, value);
    statement.run();
  }
}

/// Rows done of rows in all, and whether to go on.
class Progress {
 public:
  Progress(SqlConnection& from, StorePart part, const RowsDone& goesOn) : m_goesOn(goesOn) {
    for (const auto& table : tablesOf(part))
      if (from.hasTable(table.name)) m_total += numberIn(from, table, "COUNT(*)").value_or(0);
    add(0);
  }
  void add(std::size_t rows) {
    m_done += static_cast<std::int64_t>(rows);
    if (m_goesOn && !m_goesOn(m_done, m_total))
      throw SqlFailure(ErrorCode::Cancelled, "Copying was stopped.", "");
  }

 private:
  const RowsDone& m_goesOn;
  std::int64_t m_done = 0;
  std::int64_t m_total = 0;
};

void copySmall(SqlConnection& from, SqlConnection& to, const Table& table, Progress& progress) {
  const auto rows = allRows(from, table);
  const auto there = allRows(to, table);
  std::vector<Row> missing;
  std::set_difference(rows.begin(), rows.end(), there.begin(), there.end(),
                      std::back_inserter(missing));
  if (!missing.empty()) {
    SqlTransaction transaction(to);
    insert(to, table, missing);
    transaction.commit();
  }
  progress.add(rows.size());
}

void copyLarge(SqlConnection& from, SqlConnection& to, const Table& table, Progress& progress) {
  const auto number = firstColumn(table);
  const auto first = numberIn(from, table, "MIN(" + number + ")");
  const auto last = numberIn(from, table, "MAX(" + number + ")");
  if (!first) return;
  auto above = *first - 1;
  if (const auto there = numberIn(to, table, "MAX(" + number + ")")) {
    above = *there;
    progress.add(static_cast<std::size_t>(numberIn(to, table, "COUNT(*)").value_or(0)));
  }
  while (above < *last) {
    const auto until = above + table.range;
    const auto rows = rowsBetween(from, table, above, until);
    if (!rows.empty()) {
      SqlTransaction transaction(to);
      insert(to, table, rows);
      transaction.commit();
    }
    above = until;
    progress.add(rows.size());
  }
}

}  // namespace

void copyRows(SqlConnection& from, SqlConnection& to, StorePart part, const RowsDone& goesOn) {
  Progress progress(from, part, goesOn);
  for (const auto& table : tablesOf(part)) {
    if (table.range == 0)
      copySmall(from, to, table, progress);
    else
      copyLarge(from, to, table, progress);
  }
}

std::string differingTable(SqlConnection& from, SqlConnection& to, StorePart part,
                           const RowsDone& goesOn) {
  Progress progress(from, part, goesOn);
  for (const auto& table : tablesOf(part)) {
    if (table.range == 0) {
      const auto rows = allRows(from, table);
      if (rows != allRows(to, table)) return table.name;
      progress.add(rows.size());
      continue;
    }
    const auto number = firstColumn(table);
    for (const auto* end : {"MIN(", "MAX(", "COUNT("})
      if (numberIn(from, table, end + number + ")") != numberIn(to, table, end + number + ")"))
        return table.name;
    const auto last = numberIn(from, table, "MAX(" + number + ")");
    if (!last) continue;
    for (auto above = *numberIn(from, table, "MIN(" + number + ")") - 1; above < *last;
         above += table.range) {
      const auto rows = rowsBetween(from, table, above, above + table.range);
      if (rows != rowsBetween(to, table, above, above + table.range)) return table.name;
      progress.add(rows.size());
    }
  }
  return {};
}

void copyRowsToFile(SqlConnection& from, const std::filesystem::path& file, StorePart part,
                    const RowsDone& goesOn) {
  const bool areKeys = part == StorePart::Keys;
  SqlConnection to(file, areKeys ? SqlConnection::Use::Keys : SqlConnection::Use::Work);
  {
    SqlTransaction transaction(to);
    areKeys ? createKeyTables(to) : createTables(to);
    transaction.commit();
  }
  {
    const SqlTransaction look(from, SqlTransaction::Kind::Look);
    copyRows(from, to, part, goesOn);
  }
  to.run(sqlite::kOneFile);
}

}  // namespace countersign
