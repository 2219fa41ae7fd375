// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/RowLedger.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace countersign {

namespace {

using Json = nlohmann::json;

/// A table, those of its open columns that what is sealed does not vouch for, and what they hold: i
/// an integer or nothing, t a text, b bytes.
struct Table {
  const char* name;
  const char* columns;
  std::string_view kinds;
  const char* inWords;
};
constexpr std::array kTables = {
    Table{"store_info", "name, content", "tt", "the networks in service"},
    Table{"person", "person_key, identifier_digest, written, added, retired", "ibiii",
          "the people on file"},
    Table{"biometric_reference",
          "reference_key, person_key, modality, sample_digest, written, added, retired", "iitbiii",
          "their references"},
    Table{"reference_image", "reference_key", "i", "the images"},
    Table{"template", "reference_key, network, kind", "itt", "the embeddings"},
    Table{"network", "identity, written", "ti", "the thresholds"},
    Table{"person_threshold", "person_key, network, event", "iti", "people's own thresholds"},
    Table{"own_evidence", "network, event", "ti", "what scores are weighed by"},
    Table{"decision", "decision_key, event", "ii", "the decisions"},
    Table{"decision_probe", "decision_key", "i", "the images of decisions"},
    Table{"decision_reference", "decision_key, position", "ii", "what decisions rest on"},
    Table{"erased_person", "person_key", "i", "who was erased"},
};

const Table& tableCalled(const std::string& name) {
  return *std::find_if(kTables.begin(), kTables.end(),
                       [&](const Table& table) { return table.name == name; });
}

void addHash(std::array<std::uint64_t, 4>& sum, const std::array<std::uint8_t, 32>& hash,
             bool isAdded) {
  // Taking away is adding the two's complement.
  std::uint64_t carry = isAdded ? 0 : 1;
  for (std::size_t limb = 0; limb < sum.size(); ++limb) {
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < sizeof value; ++byte)
      value |= std::uint64_t{hash[limb * sizeof value + byte]} << (8 * byte);
    if (!isAdded) value = ~value;
    const auto partial = sum[limb] + value;
    const auto total = partial + carry;
    carry =
        static_cast<std::uint64_t>(partial < value) | static_cast<std::uint64_t>(total < partial);
    sum[limb] = total;
  }
}

/// The open columns of a row, so that no two different rows have the same text.
std::string rowText(const Table& table, const SqlStatement& row) {
  std::string text(table.name);
  for (std::size_t column = 0; column < table.kinds.size(); ++column) {
    const int at = static_cast<int>(column);
    text += '|';
    const auto kind = row.kind(at);
    const bool isAsDeclared = (kind == SqlStatement::Kind::Integer && table.kinds[column] == 'i') ||
                              (kind == SqlStatement::Kind::Text && table.kinds[column] == 't') ||
                              (kind == SqlStatement::Kind::Binary && table.kinds[column] == 'b');
    if (kind == SqlStatement::Kind::Null) {
      text += 'n';
    } else if (!isAsDeclared) {
      // It would read the same, but no query would find it.
      text += '?';
    } else if (table.kinds[column] == 'b') {
      const auto bytes = row.bytes(at);
      text.append(std::to_string(bytes.size())).append(":").append(bytes.begin(), bytes.end());
    } else if (table.kinds[column] == 'i') {
      text += std::to_string(row.integer(at));
    } else {
      const auto value = row.text(at);
      text.append(std::to_string(value.size())).append(":").append(value);
    }
  }
  return text;
}

std::int64_t newestEvent(SqlConnection& sql) {
  SqlStatement row(sql, "SELECT MAX(sequence) FROM event");
  return row.run().next() && !row.isNull(0) ? row.integer(0) : 0;
}

/// What its rows say is told by their codes; what refers to one that is not found would be shown
/// nowhere.
bool isEveryEventThere(SqlConnection& sql, std::int64_t newest) {
  // A file's columns hold what they are given: a sum with a fraction in it is no integer. A server
  // has integers there, and gives their sum as another kind of number.
  SqlStatement row(sql, isServer(sql.place())
                            ? "SELECT COUNT(*), CAST(SUM(sequence) AS BIGINT) FROM event"
                            : "SELECT COUNT(*), SUM(sequence) FROM event");
  if (!row.run().next() || row.integer(0) != newest) return false;
  return newest == 0 || (row.kind(1) == SqlStatement::Kind::Integer &&
                         row.integer(1) == newest * (newest + 1) / 2);
}

Place bookPlace(std::int64_t sequence) { return {"store_state", "content", "1", sequence}; }

[[noreturn]] void wasChanged(const std::string& detail) {
  throw SqlFailure(ErrorCode::StoreFailure,
                   "The store was changed by another program, or is damaged; nothing was saved. "
                   "Restore it from a backup.",
                   detail);
}

}  // namespace

RowLedger::RowLedger(SqlConnection& sql, const Vault& vault) : m_sql(sql), m_vault(vault) {
  auto book = read(sql, vault);
  if (!book) wasChanged("no book of rows");
  if (book->sequence != newestEvent(sql)) wasChanged("the book is not of the newest event");
  m_sums = std::move(book->sums);
  m_begunAt = book->sequence;
}

void RowLedger::enterInto(Sums& sums, SqlConnection& sql, const Vault& vault, const RowsWhere& rows,
                          bool isAdded) {
  const auto& table = tableCalled(rows.table);
  std::string query = "SELECT ";
  query.append(table.columns).append(" FROM ").append(table.name);
  if (!rows.where.empty()) query.append(" WHERE ").append(rows.where);
  SqlStatement found(sql, query);
  for (const auto& value : rows.values) std::visit([&](const auto& v) { found.bind(v); }, value);
  found.run();
  auto& sum = sums[rows.table];
  while (found.next()) {
    sum.rows += isAdded ? 1 : -1;
    addHash(sum.hash, vault.rowHash(rowText(table, found)), isAdded);
  }
}

void RowLedger::enter(const RowsWhere& rows, bool isAdded) {
  enterInto(m_sums, m_sql, m_vault, rows, isAdded);
}

std::int64_t RowLedger::close() { return write(m_sql, m_vault, m_sums); }

RowLedger::Sums RowLedger::sumsNow(SqlConnection& sql, const Vault& vault) {
  Sums sums;
  for (const auto& table : kTables) enterInto(sums, sql, vault, {table.name, ""}, true);
  return sums;
}

void RowLedger::begin(SqlConnection& sql, const Vault& vault) {
  write(sql, vault, sumsNow(sql, vault));
}

std::vector<std::string> RowLedger::differences(SqlConnection& sql, const Vault& vault) {
  std::optional<Book> book;
  try {
    book = read(sql, vault);
  } catch (const SqlFailure& failure) {
    if (failure.error().code != ErrorCode::StoreFailure) throw;
    return {"the book of its rows"};
  }
  if (!book || book->sequence != newestEvent(sql)) return {"its newest change"};
  if (!isEveryEventThere(sql, book->sequence)) return {"its history"};
  auto now = sumsNow(sql, vault);
  std::vector<std::string> all;
  for (const auto& table : kTables) {
    const auto written = book->sums.find(table.name);
    const auto sum = written == book->sums.end() ? Sum{} : written->second;
    if (now[table.name] != sum) all.emplace_back(table.inWords);
  }
  return all;
}

std::optional<RowLedger::Book> RowLedger::read(SqlConnection& sql, const Vault& vault) {
  SqlStatement row(sql, "SELECT sequence, content FROM store_state WHERE id = 1");
  if (!row.run().next()) return std::nullopt;
  Book book{row.integer(0), {}};
  const auto text = vault.unseal(DataKind::Audit, {}, bookPlace(book.sequence), row.bytes(1));
  try {
    const auto json = Json::from_cbor(text);
    for (const auto& [table, sum] : json.items())
      book.sums[table] = {sum.at(0).get<std::int64_t>(),
                          sum.at(1).get<std::array<std::uint64_t, 4>>()};
  } catch (const Json::exception& failure) {
    throw SqlFailure(ErrorCode::StoreFailure,
                     "The store holds something that this program cannot read.", failure.what());
  }
  return book;
}

std::int64_t RowLedger::write(SqlConnection& sql, const Vault& vault, const Sums& sums) {
  const auto sequence = newestEvent(sql);
  Json json = Json::object();
  for (const auto& [table, sum] : sums) json[table] = {sum.rows, sum.hash};
  sql.run("DELETE FROM store_state");
  SqlStatement(sql, "INSERT INTO store_state VALUES (1, ?, ?)")
      .bind(sequence)
      .bind(vault.seal(DataKind::Audit, {}, bookPlace(sequence), Json::to_cbor(json)))
      .run();
  return sequence;
}

}  // namespace countersign
