// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/AuditReport.h"

#include <QBuffer>
#include <QDateTime>
#include <QLocale>
#include <QPdfWriter>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>

#include "ui/support/Formatting.h"
#include "ui/support/PaperPage.h"

namespace countersign::ui {

namespace {

void fillTable(QTextCursor& cursor, const AuditReport& report) {
  const QStringList titles{AuditReport::tr("No."),   AuditReport::tr("Time"),
                           AuditReport::tr("By"),    AuditReport::tr("What"),
                           AuditReport::tr("About"), AuditReport::tr("Details")};
  QTextTableFormat format;
  format.setHeaderRowCount(1);  // repeated on each page
  format.setBorder(0);
  format.setCellPadding(2);
  format.setCellSpacing(0);
  format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
  format.setColumnWidthConstraints({QTextLength(QTextLength::PercentageLength, 6),
                                    QTextLength(QTextLength::PercentageLength, 15),
                                    QTextLength(QTextLength::PercentageLength, 11),
                                    QTextLength(QTextLength::PercentageLength, 19),
                                    QTextLength(QTextLength::PercentageLength, 20),
                                    QTextLength(QTextLength::PercentageLength, 29)});
  auto* table = cursor.insertTable(static_cast<int>(report.rows.size()) + 1,
                                   static_cast<int>(titles.size()), format);
  QTextCharFormat bold;
  bold.setFontWeight(QFont::Bold);
  for (int column = 0; column < titles.size(); ++column)
    table->cellAt(0, column).firstCursorPosition().insertText(titles[column], bold);
  for (int row = 0; row < static_cast<int>(report.rows.size()); ++row) {
    const auto& cells = report.rows[static_cast<std::size_t>(row)];
    for (int column = 0; column < titles.size() && column < cells.size(); ++column)
      table->cellAt(row + 1, column).firstCursorPosition().insertText(cells[column]);
  }
}

}  // namespace

Status writeAuditPdf(const AuditReport& report, const QString& file) {
  QTextDocument document;
  QFont font = document.defaultFont();
  font.setPointSizeF(8);
  document.setDefaultFont(font);
  QTextCursor cursor(&document);
  QTextCharFormat title;
  title.setFontPointSize(16);
  title.setFontWeight(QFont::Bold);
  cursor.insertText(AuditReport::tr("Audit of a store") + u'\n', title);
  QTextCharFormat plain;
  plain.setFontPointSize(8);
  const auto made = QLocale().toString(QDateTime::currentDateTime(), QLocale::ShortFormat);
  cursor.insertText(AuditReport::tr("Store %1. Made on %2. Shown: %3. %n row(s).", nullptr,
                                    static_cast<int>(report.rows.size()))
                            .arg(report.store, made, report.filter) +
                        u'\n' + AuditReport::tr("Head of the chain: %1").arg(report.head) + u'\n',
                    plain);
  fillTable(cursor, report);
  QByteArray bytes;
  {
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QPdfWriter writer(&buffer);
    writer.setPageSize(QPageSize(QPageSize::A4));
    writer.setPageOrientation(QPageLayout::Landscape);
    // The document keeps two centimetres free, and numbers its pages there.
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout::Point);
    writer.setTitle(AuditReport::tr("Audit of a store"));
    writer.setCreator(QStringLiteral("Countersign"));
    document.print(&writer);
  }
  return writeFileAtomically(file.toStdString(),
                             {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

Status writeErasurePdf(const ErasureReceipt& receipt, const AuditHead& head, const QString& file) {
  return writePdfPage(
      file, AuditReport::tr("Receipt of an erasure"), [&](QPainter& painter, const QRectF& page) {
        PaperColumn column(painter, page);
        column.text(AuditReport::tr("Receipt of an erasure"), 20, true);
        column.gap(12);
        column.row(AuditReport::tr("Time"), timeText(receipt.event.time));
        column.row(AuditReport::tr("By"), QString::fromStdString(receipt.event.author));
        if (!receipt.confirmedBy.empty())
          column.row(AuditReport::tr("Confirmed by"), QString::fromStdString(receipt.confirmedBy));
        column.row(AuditReport::tr("Store"), QString::fromStdString(receipt.store),
                   Qt::TextWrapAnywhere);
        column.row(AuditReport::tr("Head of the audit"),
                   QString::fromStdString(auditHeadText(head)), Qt::TextWrapAnywhere);
        column.gap(12);
        column.text(AuditReport::tr("Erased, with all images, embeddings, names and notes"), 11,
                    true);
        constexpr std::size_t kMostLines = 28;
        for (std::size_t i = 0; i < receipt.people.size() && i < kMostLines; ++i) {
          const auto& person = receipt.people[i];
          column.row(
              QString::fromStdString(person.identifier),
              AuditReport::tr("%n reference(s)", nullptr, person.references) +
                  AuditReport::tr(", and what %n decision(s) kept", nullptr, person.decisions));
        }
        if (receipt.people.size() > kMostLines)
          column.text(AuditReport::tr("%n more, as the audit has them.", nullptr,
                                      static_cast<int>(receipt.people.size() - kMostLines)),
                      9);
        column.gap(12);
        column.text(
            AuditReport::tr(
                "Their keys were deleted. What older backups hold of them cannot be read any "
                "more with the keys of this store, nor with any copy of the keys that is made "
                "from now on; copies of the file of keys that were made before have to be "
                "deleted. That decisions were made, when, and by whom, is kept without the "
                "person."),
            10);
      });
}

}  // namespace countersign::ui
