// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ErasureDialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/support/AuditReport.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

ErasureDialog::ErasureDialog(const std::vector<Person>& people, QWidget* parent)
    : QDialog(parent),
      m_list(new QListWidget),
      m_understood(new QCheckBox(tr("I &know that this cannot be taken back"))),
      m_erase(new QPushButton(tr("&Erase for good"))) {
  setWindowTitle(tr("Erase people"));
  for (const auto& person : people) {
    m_keys.push_back(person.key);
    const auto& until = person.grounds.retainUntil;
    m_list->addItem(
        until.empty()
            ? personText(person)
            : tr("%1, kept until %2").arg(personText(person), QString::fromStdString(until)));
  }
  m_list->setAccessibleName(tr("Who is erased"));
  m_list->setSelectionMode(QAbstractItemView::NoSelection);
  auto* title =
      new QLabel(tr("%n person(s) will be erased:", nullptr, static_cast<int>(people.size())));
  title->setFont(scaled(font(), 1.15, true));
  auto* text = new QLabel(tr(
      "All their images, embeddings and names are deleted, with what decisions keep of them: the "
      "questioned images, the scores and the notes. Their keys go, too, so that older backups "
      "cannot be read any more where they are concerned. That a decision was made, when and by "
      "whom, stays in the history. You get a receipt."));
  text->setWordWrap(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_erase, QDialogButtonBox::AcceptRole);
  buttons->button(QDialogButtonBox::Cancel)->setDefault(true);
  m_erase->setAutoDefault(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(title);
  layout->addWidget(m_list, 1);
  layout->addWidget(text);
  layout->addWidget(m_understood);
  layout->addWidget(buttons);
  constexpr int kWidth = 520;
  setMinimumWidth(kWidth);
  constexpr int kMostRows = 8;
  const int rows = std::min(kMostRows, std::max(2, m_list->count()));
  const int height = fontMetrics().height() + kGrid + 2;
  for (int row = 0; row < m_list->count(); ++row) m_list->item(row)->setSizeHint({0, height});
  m_list->setFixedHeight(rows * height + kGrid);
  m_erase->setEnabled(false);
  connect(m_understood, &QCheckBox::toggled, m_erase, &QWidget::setEnabled);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    Q_EMIT erasureWanted(m_keys);
    accept();
  });
}

ReceiptDialog::ReceiptDialog(const ErasureReceipt& receipt, const AuditHead& head, QWidget* parent)
    : QDialog(parent), m_state(new QLabel), m_save(new QPushButton(tr("Save the &receipt…"))) {
  setWindowTitle(tr("Erased"));
  auto* title =
      new QLabel(tr("%n person(s) erased.", nullptr, static_cast<int>(receipt.people.size())));
  title->setFont(scaled(font(), 1.15, true));
  auto text = tr(
      "Back the store up now: the copy of the keys beside older backups still holds theirs until "
      "the next backup writes it anew.");
  if (receipt.isKeyLeft)
    text.prepend(
        tr("Their keys could not be deleted yet; that is done when the store is next "
           "opened for writing. "));
  auto* advice = new QLabel(text);
  advice->setWordWrap(true);
  m_state->setWordWrap(true);
  m_state->setMinimumHeight(2 * fontMetrics().lineSpacing());
  m_state->setAlignment(Qt::AlignTop);
  m_state->setText(tr("The receipt is given out once."));
  m_save->setProperty("look", "primary");
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  buttons->addButton(m_save, QDialogButtonBox::ActionRole);
  buttons->button(QDialogButtonBox::Close)->setAutoDefault(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(title);
  layout->addWidget(advice);
  layout->addWidget(m_state);
  layout->addWidget(buttons);
  constexpr int kWidth = 480;
  setMinimumWidth(kWidth);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(m_save, &QPushButton::clicked, this, [this, receipt, head] {
    const auto file = QFileDialog::getSaveFileName(this, tr("Save the receipt"), tr("erasure.pdf"),
                                                   tr("PDF (*.pdf)"));
    if (!file.isEmpty()) save(receipt, head, file);
  });
}

void ReceiptDialog::save(const ErasureReceipt& receipt, const AuditHead& head,
                         const QString& file) {
  const auto status = writeErasurePdf(receipt, head, file);
  m_state->setText(status ? tr("%1 was written.").arg(file)
                          : QString::fromStdString(status.error().message));
}

}  // namespace countersign::ui
