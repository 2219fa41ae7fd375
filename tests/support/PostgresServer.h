// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/TemporaryFolder.h"

namespace countersign::test {

/// An address of this computer that is not a loopback; empty when it has none.
std::string addressOnTheNetwork();

/// A PostgreSQL server of this process: on a Unix socket in a temporary folder, as an unprivileged
/// user, gone with the object or the process.
class PostgresServer {
 public:
  struct Options {
    bool isDurable = false;    ///< Waits for the disk; tests that kill the server need not.
    std::string address = {};  ///< Listens there, too.
    int port = 54329;          ///< Of the socket's name and the address.
    /// "trust", or "scram-sha-256" with kPassword.
    std::string authentication = "trust";
    bool hasTls = false;  ///< With a certificate of its own for the address.
  };
  static constexpr const char* kUser = "office";
  static constexpr const char* kPassword = "a password; with 'quotes'";

  PostgresServer() : PostgresServer(Options{}) {}
  explicit PostgresServer(Options options);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// One for all tests of this process that do not harm it.
  static PostgresServer& shared();

  void start();
  /// As if its computer had lost its power, or as it should be.
  void kill();
  void stop();

  /// Makes a database.
  ///
  /// @return  address of a store in it.
  std::string newDatabase();
  /// Runs statements as its owner; returns the first column of the last one's rows.
  std::vector<std::string> run(const std::string& database, const std::string& sql) const;
  const std::filesystem::path& folder() const { return m_data; }
  /// Folder of its socket.
  std::filesystem::path socketFolder() const { return m_folder.path() / "socket"; }
  int port() const { return m_options.port; }
  /// Signs the server's; a copy that everybody may read.
  std::filesystem::path certificate() const { return m_folder.path() / "certificate.pem"; }

 private:
  void makeCertificate() const;
  void awaitAnswer() const;
  void end(int signal);

  Options m_options;
  TemporaryFolder m_folder;
  std::filesystem::path m_data;
  pid_t m_process = -1;
  int m_databases = 0;
};

}  // namespace countersign::test
