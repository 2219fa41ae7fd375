// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/RecoverySheet.h"

#include <QDate>
#include <QLocale>
#include <QPainter>
#include <QPrinter>

#include "ui/support/PaperPage.h"

namespace countersign::ui {

namespace {

void paint(const RecoverySheet& sheet, QPainter& painter, const QRectF& page) {
  PaperColumn column(painter, page);
  column.text(RecoverySheet::tr("Countersign: recovery key"), 20, true);
  column.gap(12);
  column.text(RecoverySheet::tr(
                  "This key opens the store when every passphrase is forgotten. Keep this sheet "
                  "where you keep what is worth as much as the store: in a safe, not beside the "
                  "computer. Whoever has it, and a copy of the store, can read all that is in it."),
              11);
  column.gap(24);
  // Two lines, so that it is typed without losing one's place.
  const auto groups = sheet.key.split(QLatin1Char('-'));
  const auto half = groups.size() / 2;
  column.text(groups.mid(0, half).join(QStringLiteral("-")), 22, true);
  column.gap(6);
  column.text(groups.mid(half).join(QStringLiteral("-")), 22, true);
  column.gap(24);
  column.row(RecoverySheet::tr("Store"), sheet.store, Qt::TextWrapAnywhere);
  column.row(RecoverySheet::tr("Made on"),
             QLocale().toString(QDate::currentDate(), QLocale::LongFormat));
  column.gap(12);
  column.text(
      RecoverySheet::tr("When a new recovery key is made, this one opens nothing any more."), 11);
}

}  // namespace

Status writeRecoverySheet(const RecoverySheet& sheet, const QString& file) {
  return writePdfPage(file, RecoverySheet::tr("Recovery key"),
                      [&](QPainter& painter, const QRectF& page) { paint(sheet, painter, page); });
}

void printRecoverySheet(const RecoverySheet& sheet, QPrinter& printer) {
  QPainter painter(&printer);
  constexpr double kPointsPerInch = 72;
  const double scale = printer.logicalDpiX() / kPointsPerInch;
  painter.scale(scale, scale);
  constexpr double kMargin = 48;
  const QRectF paper(0, 0, printer.width() / scale, printer.height() / scale);
  paint(sheet, painter, paper.adjusted(kMargin, kMargin, -kMargin, -kMargin));
}

}  // namespace countersign::ui
