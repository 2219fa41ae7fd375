// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PersonThresholdDialog.h"

#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "core/biometrics/IndividualThreshold.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

QString personRuleText(const PersonRule& rule) {
  const auto tau = thresholdText(rule.applied.rule.threshold.value);
  if (rule.applied.source == ThresholdSource::ByHand && rule.byHand)
    return PersonThresholdDialog::tr("τ %1, set by %2 on %3: %4")
        .arg(tau, QString::fromStdString(rule.byHand->set.author), timeText(rule.byHand->set.time),
             QString::fromStdString(rule.byHand->reason));
  if (rule.applied.source == ThresholdSource::Individual)
    return PersonThresholdDialog::tr("τ %1, by the spread of the references (the office's is %2)")
        .arg(tau, thresholdText(rule.office.value));
  return PersonThresholdDialog::tr("τ %1, the office's").arg(tau);
}

PersonThresholdDialog::PersonThresholdDialog(const Person& person, const PersonRule& rule,
                                             const ScoreRange& range, QWidget* parent)
    : SavingDialog(parent),
      m_threshold(new QDoubleSpinBox),
      m_reason(new QLineEdit),
      m_apply(new QPushButton(tr("&Put into force"))),
      m_clear(new QPushButton(tr("&Take away"))) {
  setWindowTitle(tr("Threshold of one person"));
  auto* name = new QLabel(personText(person));
  name->setFont(scaled(font(), 1.15, true));
  name->setWordWrap(true);
  auto* now = new QLabel(personRuleText(rule));
  now->setWordWrap(true);
  auto* known = new QLabel(
      rule.individual
          ? tr("The office's τ is %1; by the spread of these %2 references it would be %3.")
                .arg(thresholdText(rule.office.value))
                .arg(rule.references)
                .arg(thresholdText(rule.individual->value))
          : tr("The office's τ is %1; the spread of the references says something from %2 on.")
                .arg(thresholdText(rule.office.value))
                .arg(kFewestForSpread));
  known->setProperty("look", "caption");
  known->setWordWrap(true);
  constexpr int kDecimals = 3;
  constexpr double kStep = 0.005;
  m_threshold->setRange(range.lowest, range.highest);
  m_threshold->setDecimals(kDecimals);
  m_threshold->setSingleStep(kStep);
  m_threshold->setValue(rule.applied.rule.threshold.value);
  m_reason->setPlaceholderText(tr("Why this person needs a threshold of their own"));
  auto* form = new QFormLayout;
  form->addRow(tr("&Threshold τ"), m_threshold);
  form->addRow(tr("&Reason"), m_reason);
  m_apply->setProperty("look", "primary");
  m_apply->setEnabled(false);
  m_clear->setToolTip(tr("Back to the threshold that holds for everybody"));
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_apply, QDialogButtonBox::AcceptRole);
  buttons->addButton(m_clear, QDialogButtonBox::ResetRole);
  m_clear->setVisible(rule.byHand.has_value());  // the box shows what it is given
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  for (auto* label : {name, now, known}) layout->addWidget(label);
  layout->addLayout(form);
  layout->addWidget(problem());
  layout->addWidget(buttons);
  constexpr int kWidth = 460;
  setMinimumWidth(kWidth);
  connect(m_reason, &QLineEdit::textChanged, this,
          [this](const QString& text) { m_apply->setEnabled(!text.trimmed().isEmpty()); });
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    startSaving();
    Q_EMIT chosen(m_threshold->value(), m_reason->text().trimmed());
  });
  connect(m_clear, &QPushButton::clicked, this, [this] {
    startSaving();
    Q_EMIT cleared();
  });
  m_threshold->setFocus();
}

}  // namespace countersign::ui
