// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libpq-fe.h>

#include <functional>

#include "core/storage/ServerAddress.h"

namespace countersign::postgres {

/// Keeps libpq from telling a terminal what a server remarks; what fails is told anyhow.
void silence(PGconn* connection);

/// A connection beside QtSql's: for what that does not tell.
class Attempt {
 public:
  explicit Attempt(ServerAddress server) : m_server(std::move(server)) {}
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// @return  null when there is no memory.
  PGconn* begin();
  /// @param await  waits for events on a socket; false gives up.
  /// @return       whether the server let the desk in.
  bool finish(const std::function<bool(int socket, short events)>& await);
  PGconn* connection() const { return m_connection; }

 private:
  ServerAddress m_server;
  PGconn* m_connection = nullptr;
};

}  // namespace countersign::postgres
