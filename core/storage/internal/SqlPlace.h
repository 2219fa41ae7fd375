// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <variant>

#include "core/storage/ServerAddress.h"

namespace countersign {

/// One of the two schemas of a store on a server.
struct ServerPlace {
  ServerAddress server;
  /// While a store is copied there, it is in others beside where it will be.
  bool isCopying = false;
};

/// Where a database is: a file of its own, or a server's.
using SqlPlace = std::variant<std::filesystem::path, ServerPlace>;

/// Where the rows of a store are, and where its keys are. Throws SqlFailure when the folder names a
/// server that cannot be read.
SqlPlace rowsPlaceOf(const std::filesystem::path& store);
SqlPlace keysPlaceOf(const std::filesystem::path& store);
inline bool isServer(const SqlPlace& place) { return std::holds_alternative<ServerPlace>(place); }

/// What rememberServerPassword() was told; null when it was told nothing.
std::shared_ptr<const Secret> serverPassword(const ServerAddress& address);

}  // namespace countersign
