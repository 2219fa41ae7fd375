// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>
#include <QStringList>
#include <vector>

#include "core/base/Result.h"
#include "core/storage/Audit.h"

namespace countersign::ui {

/// Rows of the audit on paper, as many pages as it takes.
struct AuditReport {
  Q_DECLARE_TR_FUNCTIONS(AuditReport)

 public:
  QString store;
  QString filter;                 ///< What was asked for, in words.
  QString head;                   ///< Of the whole chain, when these rows were read.
  std::vector<QStringList> rows;  ///< Number, time, by, what, about, details.
};

/// @return  FileNotWritable.
Status writeAuditPdf(const AuditReport& report, const QString& file);

/// The receipt of an erasure, on one page.
Status writeErasurePdf(const ErasureReceipt& receipt, const AuditHead& head, const QString& file);

}  // namespace countersign::ui
