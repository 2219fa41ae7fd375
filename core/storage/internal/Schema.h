// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/storage/internal/Sql.h"

namespace countersign {

/// Version of the schema that this program writes.
inline constexpr int kSchemaVersion = 3;
/// The last one whose rows were not sealed.
inline constexpr int kLastUnsealedVersion = 2;

/// Version of the store behind a connection; 0 when it is new.
int schemaVersion(SqlConnection& connection);

/// Throws for a store of a newer program.
void refuseNewer(int version);

/// Brings an unencrypted store to kLastUnsealedVersion, in one transaction.
void migrateUnsealed(SqlConnection& connection);

/// Makes the tables of a new store, as part of a transaction.
void createSchema(SqlConnection& connection, const std::string& storeIdentity);

}  // namespace countersign
