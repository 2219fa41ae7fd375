// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/Commands.h"

namespace countersign::cli {

/// "store protect", "store accounts" and what changes them, below "store".
void addAccountCommands(CLI::App& store, Session& session);

}  // namespace countersign::cli
