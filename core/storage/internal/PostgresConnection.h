// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <libpq-fe.h>

namespace countersign::postgres {

/// Keeps libpq from telling a terminal what a server remarks; what fails is told anyhow.
void silence(PGconn* connection);

}  // namespace countersign::postgres
