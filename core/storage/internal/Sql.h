// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/File.h"
#include "core/base/Result.h"
#include "core/storage/internal/SqlDialect.h"
#include "core/storage/internal/SqlPlace.h"

namespace countersign {

/// The database refused. Thrown below the repository, whose border turns it into an Error.
class SqlFailure : public std::runtime_error {
 public:
  SqlFailure(ErrorCode code, const std::string& sentence, std::string detail)
      : std::runtime_error(sentence), m_code(code), m_detail(std::move(detail)) {}
  Error error() const { return {m_code, what(), m_detail}; }

 private:
  ErrorCode m_code;
  std::string m_detail;
};

/// A connection to the database; used by one thread at a time.
class SqlConnection {
 public:
  using Use = SqlUse;
  explicit SqlConnection(const SqlPlace& place, Use use = Use::Work);
  ~SqlConnection();
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;

  const SqlDialect& dialect() const;
  const SqlPlace& place() const;

  /// Whether it was not lost, as far as is known.
  bool isOpen() const;
  /// Runs one statement that gives no rows.
  void run(std::string_view sql);
  /// Statements before tables are made.
  void prepareForTables();
  bool hasTable(const std::string& name);

  /// Copies the whole database of a file, as it is at one moment, into a new one.
  ///
  /// @param goesOn  told pages done and pages in all; false stops, which throws Cancelled.
  void copyTo(const std::filesystem::path& file, const std::function<bool(int, int)>& goesOn);

 private:
  friend class SqlStatement;
  struct State;
  std::unique_ptr<State> m_state;
};

/// A prepared statement. Values are bound in order; columns are read by number from 0.
class SqlStatement {
 public:
  SqlStatement(SqlConnection& connection, std::string_view sql);
  ~SqlStatement();
  SqlStatement(const SqlStatement&) = delete;
  SqlStatement& operator=(const SqlStatement&) = delete;

  SqlStatement& bind(std::int64_t value);
  SqlStatement& bind(double value);
  SqlStatement& bind(const std::string& value);
  SqlStatement& bind(const Bytes& value);
  SqlStatement& bind(const std::optional<double>& value);
  SqlStatement& bind(const std::optional<std::int64_t>& value);
  SqlStatement& bind(const std::optional<std::string>& value);

  /// Runs it; may be called again after all values were bound anew.
  SqlStatement& run();
  /// Steps to the next row; false when there is none.
  bool next();

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  Bytes bytes(int column) const;
  bool isNull(int column) const;
  /// How the database holds a value, whatever the column was declared as.
  enum class Kind { Null, Integer, Real, Text, Binary };
  Kind kind(int column) const;
  std::optional<double> optionalReal(int column) const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

/// Connections of one store's threads, one each. Thread-safe.
class SqlConnections {
 public:
  explicit SqlConnections(SqlPlace place) : m_place(std::move(place)) {}

  const SqlPlace& place() const { return m_place; }
  /// This thread's, made when it is first asked for.
  SqlConnection& mine();
  /// Forgets this thread's, which was lost. No statement of it is left.
  void drop();
  /// Forgets all, when no thread uses one.
  void dropAll();

 private:
  SqlPlace m_place;
  std::mutex m_mutex;
  std::map<std::thread::id, std::unique_ptr<SqlConnection>> m_connections;
};

/// A change: everything or nothing. Rolls back unless commit() was reached.
class SqlTransaction {
 public:
  enum class Kind {
    Change,
    Look,  ///< All that is read is as of one moment.
  };
  explicit SqlTransaction(SqlConnection& connection, Kind kind = Kind::Change);
  ~SqlTransaction();
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;
  void commit();

 private:
  void rollBack();
  SqlConnection& m_connection;
  bool m_isOpen = true;
};

}  // namespace countersign
