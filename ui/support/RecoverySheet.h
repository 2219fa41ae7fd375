// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

#include "core/base/Result.h"

class QPrinter;

namespace countersign::ui {

/// The sheet with the recovery key that is kept in a safe.
struct RecoverySheet {
  QString key;    ///< As protectStore() gives it out.
  QString store;  ///< Its folder.

  Q_DECLARE_TR_FUNCTIONS(RecoverySheet)
};

Status writeRecoverySheet(const RecoverySheet& sheet, const QString& file);
void printRecoverySheet(const RecoverySheet& sheet, QPrinter& printer);

}  // namespace countersign::ui
