// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PassphraseDialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

PassphraseDialog::PassphraseDialog(Kind kind, const QString& title, const QString& text,
                                   QWidget* parent)
    : QDialog(parent),
      m_kind(kind),
      m_passphrase(new SecretField),
      m_again(new SecretField),
      m_advice(new QLabel),
      m_goOn(new QPushButton(tr("&Go on"))) {
  setWindowTitle(title);
  auto* question = new QLabel(text);
  question->setWordWrap(true);
  m_passphrase->setAccessibleName(tr("Passphrase"));
  m_again->setAccessibleName(tr("Once more"));
  m_advice->setWordWrap(true);
  m_advice->setProperty("look", "caption");
  m_advice->setMinimumHeight(2 * fontMetrics().lineSpacing());
  m_advice->setAlignment(Qt::AlignTop);
  m_goOn->setProperty("look", "primary");
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Passphrase"), m_passphrase);
  if (kind == Kind::New)
    form->addRow(tr("Once &more"), m_again);
  else
    m_again->setParent(this);
  m_again->setVisible(kind == Kind::New);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_goOn, QDialogButtonBox::AcceptRole);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(question);
  layout->addLayout(form);
  layout->addWidget(m_advice);
  layout->addWidget(buttons);
  constexpr int kWidth = 480;
  setMinimumWidth(kWidth);
  for (auto* field : {m_passphrase, m_again})
    connect(field, &QLineEdit::textChanged, this, &PassphraseDialog::render);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    Q_EMIT chosen(std::make_shared<const Secret>(m_passphrase->secret()));
    m_passphrase->forget();
    m_again->forget();
    accept();
  });
  m_goOn->setDefault(true);
  render();
  m_passphrase->setFocus();
}

void PassphraseDialog::render() {
  const bool isEmpty = m_passphrase->text().isEmpty();
  if (m_kind == Kind::Known) {
    m_goOn->setEnabled(!isEmpty);
    return;
  }
  const auto advice = adviceOn(*m_passphrase, *m_again, {});
  m_advice->setText(advice.text);
  m_goOn->setEnabled(advice.isGood);
}

}  // namespace countersign::ui
