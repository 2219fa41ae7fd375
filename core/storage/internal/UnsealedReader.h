// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "core/biometrics/Records.h"
#include "core/storage/internal/Sql.h"

namespace countersign {

/// Reads a store of an earlier version, whose rows are not encrypted, as the program did when it
/// wrote them: without what was retired. What the database does not do is thrown as SqlFailure.
class UnsealedReader {
 public:
  /// Brings the tables to the last version that was not encrypted.
  explicit UnsealedReader(const std::filesystem::path& database);

  std::vector<Person> people();
  std::vector<ReferenceKey> references(PersonKey person);
  SampleImage sample(ReferenceKey reference);
  std::vector<DecisionKey> decisions();
  Decision decision(DecisionKey key);

 private:
  SqlConnection m_sql;
};

}  // namespace countersign
