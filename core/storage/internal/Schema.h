// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/storage/internal/Sql.h"

namespace countersign {

/// Version of the schema that this program writes.
inline constexpr int kSchemaVersion = 2;

/// Version of the store behind a connection; 0 when it is new.
int schemaVersion(SqlConnection& connection);

/// Brings a store of any earlier version to kSchemaVersion, in one transaction.
void migrate(SqlConnection& connection);

}  // namespace countersign
