// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/Result.h"
#include "core/base/Secret.h"

namespace countersign {

/// Where a store is that many desks share: a database of a PostgreSQL server. Its rows and its keys
/// are in two schemas, so that one can be copied without the other.
struct ServerAddress {
  std::string host;  ///< Name, address, or folder of a Unix socket; empty: the usual socket.
  int port = 5432;
  std::string database;
  std::string user;
  std::filesystem::path rootCertificate;  ///< That signs the server's; empty: the user's own list.
  std::filesystem::path passwordFile;     ///< Empty: ~/.pgpass, if there is one.

  /// Whether what is sent stays in this computer. Elsewhere the server has to prove who it is, and
  /// nothing is sent but by TLS.
  bool isLocal() const;
  bool operator==(const ServerAddress&) const = default;
};

/// Whether a text names a server, and not a folder.
bool isServerUrl(std::string_view text);

/// Of "postgresql://user@host:port/database", as PostgreSQL's own programs read it, with passfile
/// and sslrootcert as the only options.
///
/// @return  OptionOutOfRange for anything else, and for a password: addresses are seen by many.
Result<ServerAddress> serverAddressOf(const std::string& url);
/// What serverAddressOf() reads again.
std::string urlOf(const ServerAddress& address);

/// A store on a server has a folder on every desk, too: for copies of its networks, and for the
/// file that names the server ("server.url"). It is named in the place of the store.
///
/// @return  the folder, which is made if it is missing; FileNotWritable.
Result<std::filesystem::path> folderOfServer(const ServerAddress& address);
/// The server that a folder names; nothing for a store that is in the folder itself.
///
/// @return  FileMalformed when the file that names it cannot be read.
Result<std::optional<ServerAddress>> serverOf(const std::filesystem::path& folder);
/// Makes a folder name a server, or another one: its store is there from now on.
///
/// @return  AlreadyEnrolled when a store is in the folder itself, FileNotWritable.
Status nameServer(const std::filesystem::path& folder, const ServerAddress& address);
/// The store of this folder is in it again, or will be. What is on the server stays there.
Status forgetServer(const std::filesystem::path& folder);

/// The folder of the store that somebody named: by its folder, or by the address of a server.
Result<std::filesystem::path> storeFolderNamed(const std::string& text);
/// What to call a store in a sentence: the folder, or the server's address.
std::string placeText(const std::filesystem::path& folder);

/// The password of a server, out of a keyring or of somebody's hands, as long as the program runs.
/// It goes before one in a file.
void rememberServerPassword(const ServerAddress& address, std::shared_ptr<const Secret> password);

}  // namespace countersign
