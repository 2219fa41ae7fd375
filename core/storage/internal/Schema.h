// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/storage/internal/Sql.h"

namespace countersign {

/// Version of the schema that this program writes.
inline constexpr int kSchemaVersion = 4;
/// The last one whose rows were not sealed.
inline constexpr int kLastUnsealedVersion = 2;
/// The last one without a book of rows (RowLedger.h).
inline constexpr int kLastVersionWithoutBook = 3;

/// Version of the store behind a connection; 0 when it is new.
int schemaVersion(SqlConnection& connection);

/// Throws for a store of a newer program.
void refuseNewer(int version);

/// Brings an unencrypted store to kLastUnsealedVersion, in one transaction.
void migrateUnsealed(SqlConnection& connection);

/// Makes the tables of a store, without any row, as part of a transaction.
void createTables(SqlConnection& connection);

/// Makes the tables of a new store, as part of a transaction. Its book of rows has to be begun once
/// they are filled.
void createSchema(SqlConnection& connection, const std::string& storeIdentity);

/// Brings a sealed store of an earlier version to kSchemaVersion, as part of a transaction; here,
/// too, the book has to be begun.
void migrateSealed(SqlConnection& connection, int version);

}  // namespace countersign
