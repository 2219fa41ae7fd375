// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/GroundsDialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateEdit>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

QDate dateOf(const std::string& day) {
  return QDate::fromString(QString::fromStdString(day), Qt::ISODate);
}

int monthsBetween(const QDate& from, const QDate& to) {
  constexpr int kMonths = 12;
  return (to.year() - from.year()) * kMonths + to.month() - from.month();
}

}  // namespace

QStringList lawfulBases() {
  return {GroundsDialog::tr("consent"), GroundsDialog::tr("contract"),
          GroundsDialog::tr("legal obligation"), GroundsDialog::tr("legitimate interest"),
          GroundsDialog::tr("legal claims")};
}

GroundsDialog::GroundsDialog(const Person& person, const UsualGrounds& usual,
                             const std::string& today, QWidget* parent)
    : SavingDialog(parent),
      m_today(today),
      m_basis(new QComboBox),
      m_purpose(new QLineEdit),
      m_hasEnd(new QCheckBox(tr("Keep &until"))),
      m_until(new QDateEdit),
      m_asUsual(new QCheckBox(tr("Start with this for &whoever is enrolled from now on"))) {
  setWindowTitle(tr("Why, what for, and until when"));
  const auto& known = person.grounds;
  const bool isNew = known.isEmpty();
  m_basis->setEditable(true);
  m_basis->addItems(lawfulBases());
  m_basis->setCurrentText(QString::fromStdString(isNew ? usual.basis : known.basis));
  m_basis->lineEdit()->setPlaceholderText(tr("not said"));
  m_purpose->setText(QString::fromStdString(isNew ? usual.purpose : known.purpose));
  m_purpose->setPlaceholderText(tr("for example: signatures at the counter"));
  m_until->setCalendarPopup(true);
  m_until->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
  constexpr int kUsualMonths = 120;
  const auto usualEnd = monthsLater(today, usual.months > 0 ? usual.months : kUsualMonths);
  m_hasEnd->setChecked(!known.retainUntil.empty() || (isNew && usual.months > 0));
  m_until->setDate(dateOf(known.retainUntil.empty() ? usualEnd : known.retainUntil));
  m_until->setEnabled(m_hasEnd->isChecked());
  m_until->setAccessibleName(tr("Last day"));
  auto* text = new QLabel(
      tr("%1 is kept on these grounds. Whoever's last day is over is listed on the People page, to "
         "be erased.")
          .arg(personText(person)));
  text->setWordWrap(true);
  auto* end = new QHBoxLayout;
  end->setSpacing(kGrid);
  end->addWidget(m_hasEnd);
  end->addWidget(m_until);
  end->addStretch(1);
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("Lawful &basis"), m_basis);
  form->addRow(tr("&Purpose"), m_purpose);
  form->addRow(QString(), end);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
  buttons->button(QDialogButtonBox::Save)->setProperty("look", "primary");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(text);
  layout->addSpacing(kGrid);
  layout->addLayout(form);
  layout->addWidget(m_asUsual);
  layout->addWidget(problem());
  layout->addStretch(1);
  layout->addWidget(buttons);
  constexpr int kWidth = 480;
  setMinimumWidth(kWidth);
  connect(m_hasEnd, &QCheckBox::toggled, m_until, &QWidget::setEnabled);
  connect(buttons, &QDialogButtonBox::accepted, this, &GroundsDialog::save);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

ProcessingGrounds GroundsDialog::grounds() const {
  return {m_basis->currentText().trimmed().toStdString(), m_purpose->text().trimmed().toStdString(),
          m_hasEnd->isChecked() ? m_until->date().toString(Qt::ISODate).toStdString() : ""};
}

void GroundsDialog::save() {
  startSaving();
  const auto made = grounds();
  if (m_asUsual->isChecked()) {
    const int months = made.retainUntil.empty()
                           ? 0
                           : std::max(1, monthsBetween(dateOf(m_today), dateOf(made.retainUntil)));
    Q_EMIT usualChosen({made.basis, made.purpose, months});
  }
  Q_EMIT chosen(made);
}

}  // namespace countersign::ui
