// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/storage/internal/Sql.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

/// Rows of one table; `where` has a question mark for each value.
struct RowsWhere {
  std::string table;
  std::string where;
  std::vector<std::variant<std::int64_t, std::string>> values = {};
};

/// One change of the store, and the book that is kept of its rows.
///
/// What is sealed in a row cannot be changed unnoticed, but a whole row can be taken out, put back
/// as it was before a change, or marked as retired. So the store keeps, sealed and bound to its
/// newest event, how many rows each table has and a sum modulo 2^256 of a keyed hash of each row's
/// open columns (MSet-Add-Hash; Clarke et al., "Incremental multiset hash functions", 2003). A
/// change adds what it wrote and subtracts what was there; every opening adds up all rows anew.
/// What another program did is noticed then, and by the next change if it moved the newest event.
///
/// Part of a transaction of the caller's; what goes wrong is thrown as SqlFailure.
class RowLedger {
 public:
  /// Opens the book. Throws StoreFailure when it is not of the newest event.
  RowLedger(SqlConnection& sql, const Vault& vault);
  RowLedger(const RowLedger&) = delete;
  RowLedger& operator=(const RowLedger&) = delete;

  SqlConnection& sql() { return m_sql; }
  /// Newest event when it was opened.
  std::int64_t begunAt() const { return m_begunAt; }

  /// Does `work`, which changes these rows and no others, and keeps the book.
  template <typename Work>
  void change(const RowsWhere& rows, Work&& work) {
    enter(rows, false);
    std::forward<Work>(work)();
    enter(rows, true);
  }
  /// The same for rows that are not there yet.
  template <typename Work>
  void add(const RowsWhere& rows, Work&& work) {
    std::forward<Work>(work)();
    enter(rows, true);
  }

  /// Closes the book with the newest event. Without it the change must not be committed.
  ///
  /// @return  sequence of that event.
  std::int64_t close();

  /// Adds up all rows as they are, and closes the book with that: for a store that has none yet, or
  /// whose rows somebody answers for. The book is not read.
  static void begin(SqlConnection& sql, const Vault& vault);
  /// What does not agree with the book, in words ("its people", …); empty when everything does.
  /// Part of a transaction that only reads.
  static std::vector<std::string> differences(SqlConnection& sql, const Vault& vault);

 private:
  struct Sum {
    std::int64_t rows = 0;
    std::array<std::uint64_t, 4> hash{};
    bool operator==(const Sum&) const = default;
  };
  using Sums = std::map<std::string, Sum>;
  struct Book {
    std::int64_t sequence = 0;  ///< Newest event.
    Sums sums;
  };

  /// Adds the rows as they are now, or takes them away.
  void enter(const RowsWhere& rows, bool isAdded);
  static void enterInto(Sums& sums, SqlConnection& sql, const Vault& vault, const RowsWhere& rows,
                        bool isAdded);
  static Sums sumsNow(SqlConnection& sql, const Vault& vault);
  static std::optional<Book> read(SqlConnection& sql, const Vault& vault);
  static std::int64_t write(SqlConnection& sql, const Vault& vault, const Sums& sums);

  SqlConnection& m_sql;
  const Vault& m_vault;
  Sums m_sums;
  std::int64_t m_begunAt = 0;
};

}  // namespace countersign
