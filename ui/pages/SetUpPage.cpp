// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/SetUpPage.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFontDatabase>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPrintDialog>
#include <QPrinter>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/office/Office.h"
#include "ui/support/Formatting.h"
#include "ui/support/NarrowPage.h"
#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

SetUpPage::SetUpPage(QWidget* parent)
    : QWidget(parent),
      m_stack(new QStackedWidget),
      m_title(new QLabel),
      m_text(new QLabel),
      m_name(new QLineEdit(QString::fromStdString(currentUser().name))),
      m_passphrase(new SecretField),
      m_again(new SecretField),
      m_advice(new QLabel),
      m_setUp(new QPushButton),
      m_sample(new QPushButton(tr("Try the &sample office first"))),
      m_server(new QPushButton(tr("Use a ser&ver…"))),
      m_key(new QLabel),
      m_leftovers(new QLabel),
      m_kept(new QCheckBox(tr("The recovery key is in a &safe place, away from this computer"))),
      m_print(new QPushButton(tr("&Print…"))),
      m_save(new QPushButton(tr("Save as P&DF…"))),
      m_open(new QPushButton(tr("&Open the store"))) {
  m_stack->addWidget(buildForm());
  m_stack->addWidget(buildKey());
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  ask({}, false);
}

QWidget* SetUpPage::buildForm() {
  m_title->setFont(scaled(font(), 1.7, true));
  m_title->setWordWrap(true);
  m_text->setWordWrap(true);
  m_advice->setWordWrap(true);
  m_advice->setProperty("look", "caption");
  m_advice->setAccessibleName(tr("About the passphrase"));
  m_setUp->setProperty("look", "primary");
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("Your &name"), m_name);
  form->addRow(tr("&Passphrase"), m_passphrase);
  form->addRow(tr("Once &more"), m_again);
  form->addRow(QString(), m_advice);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_setUp);
  buttons->addWidget(m_sample);
  buttons->addWidget(m_server);
  m_server->setToolTip(tr("A store on a PostgreSQL server, which many desks share"));
  buttons->addStretch(1);
  auto* column = new QVBoxLayout;
  column->setSpacing(2 * kGrid);
  column->addStretch(2);
  column->addWidget(m_title);
  column->addWidget(m_text);
  column->addSpacing(kGrid);
  column->addLayout(form);
  column->addLayout(buttons);
  column->addStretch(3);
  auto* page = new QWidget;
  constexpr int kWidest = 640;
  layOutNarrow(*page, column, kWidest);
  for (auto* field :
       {m_name, static_cast<QLineEdit*>(m_passphrase), static_cast<QLineEdit*>(m_again)}) {
    connect(field, &QLineEdit::textChanged, this, &SetUpPage::render);
    connect(field, &QLineEdit::returnPressed, this, &SetUpPage::setUp);
  }
  connect(m_setUp, &QPushButton::clicked, this, &SetUpPage::setUp);
  connect(m_sample, &QPushButton::clicked, this, &SetUpPage::sampleOfficeWanted);
  connect(m_server, &QPushButton::clicked, this, &SetUpPage::serverWanted);
  return page;
}

QWidget* SetUpPage::buildKey() {
  auto* title = new QLabel(tr("Put the recovery key away"));
  title->setFont(scaled(font(), 1.7, true));
  auto* text = new QLabel(
      tr("It opens the store when every passphrase is forgotten, and nothing else does. It is "
         "shown this once. Print it, or write it down, and keep it where you keep what is worth as "
         "much as the store."));
  text->setWordWrap(true);
  auto face = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  face.setPointSizeF(font().pointSizeF() * 1.4);
  m_key->setFont(face);
  m_key->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  m_key->setAccessibleName(tr("Recovery key"));
  auto* card = new QFrame;
  card->setProperty("look", "card");
  auto* inside = new QVBoxLayout(card);
  inside->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 3 * kGrid);
  inside->addWidget(m_key, 0, Qt::AlignCenter);
  m_leftovers->setWordWrap(true);
  m_leftovers->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_open->setProperty("look", "primary");
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_print);
  buttons->addWidget(m_save);
  buttons->addStretch(1);
  auto* column = new QVBoxLayout;
  column->setSpacing(2 * kGrid);
  column->addStretch(2);
  column->addWidget(title);
  column->addWidget(text);
  column->addWidget(card);
  column->addLayout(buttons);
  column->addWidget(m_leftovers);
  column->addSpacing(kGrid);
  column->addWidget(m_kept);
  column->addWidget(m_open, 0, Qt::AlignLeft);
  column->addStretch(3);
  auto* page = new QWidget;
  constexpr int kWidest = 640;
  layOutNarrow(*page, column, kWidest);
  connect(m_print, &QPushButton::clicked, this, &SetUpPage::printKey);
  connect(m_save, &QPushButton::clicked, this, &SetUpPage::chooseFile);
  connect(m_kept, &QCheckBox::toggled, this, &SetUpPage::render);
  connect(m_open, &QPushButton::clicked, this, [this] {
    m_sheet.key.fill(QLatin1Char('x'));
    m_key->clear();
    m_stack->setCurrentIndex(0);
    Q_EMIT done();
  });
  return page;
}

bool SetUpPage::isShowingKey() const { return m_stack->currentIndex() == 1; }

void SetUpPage::ask(const QString& folder, bool isOld) {
  m_isOld = isOld;
  m_isWorking = false;
  m_sheet = {{}, folder};
  m_title->setText(isOld ? tr("Encrypt the store") : tr("Set up the store"));
  m_text->setText(
      isOld ? tr("The store in %1 is of an earlier version, which did not encrypt it. It is copied "
                 "into an encrypted one and compared with it; then the old one is overwritten and "
                 "deleted. Nothing is lost. You will be its first administrator.")
                  .arg(folder)
            : tr("Countersign tells whether a signature, or a face, is the same person’s as the "
                 "ones on "
                 "file. The people on file, their signatures and faces, and every decision are "
                 "kept in %1, "
                 "encrypted. A passphrase opens it. You will be its first administrator.")
                  .arg(folder));
  m_stack->setCurrentIndex(0);
  forget();
  render();
}

void SetUpPage::showProblem(const QString& sentence) {
  m_isWorking = false;
  render();
  m_advice->setText(sentence);
  start();
}

void SetUpPage::showKey(const QString& key, const QStringList& leftovers) {
  m_isWorking = false;
  m_sheet.key = key;
  const auto groups = key.split(QLatin1Char('-'));
  const auto half = groups.size() / 2;
  m_key->setText(groups.mid(0, half).join(QLatin1Char('-')) + QStringLiteral("-\n") +
                 groups.mid(half).join(QLatin1Char('-')));
  m_leftovers->setText(
      leftovers.isEmpty()
          ? QString()
          : tr("Not encrypted, from before: %1. Back the store up, then delete them.")
                .arg(leftovers.join(QStringLiteral(", "))));
  m_leftovers->setVisible(!leftovers.isEmpty());
  m_kept->setChecked(false);
  m_stack->setCurrentIndex(1);
  render();
  start();
}

void SetUpPage::start() {
  if (isShowingKey())
    m_print->setFocus();
  else
    (m_name->text().isEmpty() ? m_name : static_cast<QLineEdit*>(m_passphrase))->setFocus();
}

void SetUpPage::forget() {
  m_passphrase->forget();
  m_again->forget();
}

void SetUpPage::setUp() {
  if (!m_setUp->isEnabled()) return;
  const NewAccount account{m_name->text().trimmed().toStdString(), Role::Administrator,
                           std::make_shared<const Secret>(m_passphrase->secret())};
  forget();
  m_isWorking = true;
  render();
  Q_EMIT setUpWanted(account);
}

void SetUpPage::render() {
  auto [advice, isReady] = adviceOn(*m_passphrase, *m_again, m_name->text());
  if (isReady) {
    isReady = !m_name->text().trimmed().isEmpty();
    advice = isReady ? tr("Keep it in mind: without it, only the recovery key opens the store.")
                     : tr("Say who you are.");
  }
  if (m_isWorking) advice = m_isOld ? tr("Encrypting…") : tr("Making the keys…");
  m_advice->setText(advice);
  m_setUp->setText(m_isOld ? tr("&Encrypt the store") : tr("Set &up the store"));
  m_setUp->setEnabled(isReady && !m_isWorking);
  m_sample->setEnabled(!m_isWorking);
  for (auto* field :
       {m_name, static_cast<QLineEdit*>(m_passphrase), static_cast<QLineEdit*>(m_again)})
    field->setEnabled(!m_isWorking);
  m_open->setEnabled(m_kept->isChecked());
}

Status SetUpPage::saveKey(const QString& file) { return writeRecoverySheet(m_sheet, file); }

void SetUpPage::printKey() {
  QPrinter printer(QPrinter::HighResolution);
  QPrintDialog dialog(&printer, this);
  if (dialog.exec() == QDialog::Accepted) printRecoverySheet(m_sheet, printer);
}

void SetUpPage::chooseFile() {
  const auto file = QFileDialog::getSaveFileName(
      this, tr("Where the recovery key goes: a disk that is put in the safe"),
      QStringLiteral("countersign-recovery-key.pdf"), tr("PDF (*.pdf)"));
  if (file.isEmpty()) return;
  if (const auto status = saveKey(file); !status)
    Q_EMIT problem(QString::fromStdString(status.error().message));
}

}  // namespace countersign::ui
