// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/storage/Audit.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

/// Works out every code of a store's history anew, and adds up its rows.
///
/// @param noted  codes by sequence, as they were noted down.
/// @return       the newest one; or StoreFailure, which says where the chain breaks.
Result<AuditHead> verifyChain(SqlConnection& sql, const Vault& vault,
                              const std::map<std::int64_t, std::string>& noted = {});

}  // namespace countersign
