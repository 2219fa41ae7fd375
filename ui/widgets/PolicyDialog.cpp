// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/PolicyDialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>
#include <limits>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/VerdictText.h"

namespace countersign::ui {

namespace {

enum Column { UpTo, Threshold, Cost };

constexpr const char* kExact = "exact";
constexpr const char* kShown = "shown";

/// Shows a number rounded, and remembers what it was.
void showExact(QDoubleSpinBox* box, double value) {
  box->setValue(value);
  box->setProperty(kExact, value);
  box->setProperty(kShown, box->value());
}

/// What nobody touched is what it was, not what the box could show of it.
double exactValue(const QDoubleSpinBox* box) {
  const auto shown = box->property(kShown);
  return shown.isValid() && shown.toDouble() == box->value() ? box->property(kExact).toDouble()
                                                             : box->value();
}

QDoubleSpinBox* thresholdBox(const ScoreRange& range, double value) {
  constexpr int kDecimals = 3;
  constexpr double kStep = 0.005;
  auto* box = new QDoubleSpinBox;
  box->setRange(range.lowest, range.highest);
  box->setDecimals(kDecimals);
  box->setSingleStep(kStep);
  showExact(box, value);
  box->setAccessibleName(PolicyDialog::tr("Threshold τ"));
  return box;
}

QLabel* heading(const QString& text, const QFont& font) {
  auto* label = new QLabel(text);
  label->setFont(scaled(font, 1.15, true));
  return label;
}

QLabel* explanation(const QString& text) {
  auto* label = new QLabel(text);
  label->setProperty("look", "caption");
  label->setWordWrap(true);
  return label;
}

}  // namespace

PolicyDialog::PolicyDialog(const NetworkInService& service, const ScoreRange& range,
                           std::shared_ptr<const ThresholdTable> table, bool mayChange,
                           QWidget* parent)
    : SavingDialog(parent),
      m_service(service),
      m_range(range),
      m_table(std::move(table)),
      m_mayChange(mayChange),
      m_amounts(new QTableWidget),
      m_add(new QPushButton(tr("&Add an amount"))),
      m_remove(new QPushButton(tr("&Remove"))),
      m_referLarger(new QCheckBox(tr("&Larger amounts are always referred to a person"))),
      m_largerThreshold(thresholdBox(range, service.rule.threshold.value)),
      m_largerCost(new QLabel),
      m_individual(new QCheckBox(tr("τ &follows the spread of each person's own references"))),
      m_blindShare(new QDoubleSpinBox),
      m_message(new QLabel),
      m_apply(new QPushButton(tr("&Put into force"))) {
  setWindowTitle(tr("Amounts, people, blind checks"));
  m_apply->setProperty("look", "primary");
  m_message->setWordWrap(true);
  constexpr double kPercent = 100;
  m_blindShare->setRange(0, kPercent);
  m_blindShare->setDecimals(1);
  m_blindShare->setSuffix(tr(" %"));
  showExact(m_blindShare, kPercent * service.policy.blindShare);
  m_individual->setChecked(service.policy.isIndividual);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(m_apply, QDialogButtonBox::AcceptRole);

  auto* blindName = new QLabel(tr("&Blind checks"));
  blindName->setBuddy(m_blindShare);
  auto* blind = new QHBoxLayout;
  blind->addWidget(blindName);
  blind->addWidget(m_blindShare);
  blind->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(heading(tr("By amount"), font()));
  layout->addWidget(buildAmounts(), 1);
  layout->addSpacing(kGrid);
  layout->addWidget(heading(tr("By person"), font()));
  layout->addWidget(m_individual);
  layout->addWidget(explanation(
      tr("Who signs the same way each time gets a higher τ than somebody whose signatures differ, "
         "from three references on; four references weigh as much as the office's τ. A τ that was "
         "set for a person by hand (People page) stays.")));
  layout->addSpacing(kGrid);
  layout->addWidget(heading(tr("Blind checks"), font()));
  layout->addLayout(blind);
  layout->addWidget(explanation(
      tr("In this share of the verifications the clerk answers before the program does. The "
         "Threshold page then shows the errors of both side by side.")));
  layout->addWidget(m_message);
  layout->addWidget(problem());
  layout->addWidget(buttons);
  constexpr QSize kSize(560, 620);  // wrapped texts do not ask for their height
  setMinimumSize(kSize);

  double larger = std::numeric_limits<double>::quiet_NaN();
  for (const auto& band : service.policy.amounts) {
    if (std::isfinite(band.upTo))
      addBand(band.upTo, band.threshold.value);
    else
      larger = band.threshold.value;
  }
  m_referLarger->setChecked(!std::isfinite(larger));
  if (std::isfinite(larger)) showExact(m_largerThreshold, larger);
  connect(m_add, &QPushButton::clicked, this, [this] {
    const int last = m_amounts->rowCount() - 1;
    constexpr double kFirst = 1000;
    constexpr double kNext = 10;
    addBand(last < 0 ? kFirst : kNext * upTo(last)->value(),
            last < 0 ? m_service.rule.threshold.value : threshold(last)->value());
    upTo(last + 1)->setFocus();
    upTo(last + 1)->selectAll();
    render();
  });
  connect(m_remove, &QPushButton::clicked, this, [this] {
    const int row = m_amounts->currentRow();
    m_amounts->removeRow(row >= 0 ? row : m_amounts->rowCount() - 1);
    render();
  });
  connect(m_referLarger, &QCheckBox::toggled, this, &PolicyDialog::render);
  connect(m_largerThreshold, &QDoubleSpinBox::valueChanged, this, &PolicyDialog::render);
  connect(m_individual, &QCheckBox::toggled, this, &PolicyDialog::render);
  connect(m_blindShare, &QDoubleSpinBox::valueChanged, this, &PolicyDialog::render);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(buttons, &QDialogButtonBox::accepted, this, [this] {
    startSaving();
    Q_EMIT policyChosen(policy());
  });
  render();
}

QWidget* PolicyDialog::buildAmounts() {
  m_amounts->setColumnCount(3);
  m_amounts->setHorizontalHeaderLabels({tr("Up to"), tr("τ"), tr("What it costs")});
  m_amounts->verticalHeader()->hide();
  m_amounts->verticalHeader()->setDefaultSectionSize(m_largerThreshold->sizeHint().height() + 4);
  m_amounts->horizontalHeader()->setSectionResizeMode(Cost, QHeaderView::Stretch);
  m_amounts->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  m_amounts->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_amounts->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_amounts->setTabKeyNavigation(false);
  m_amounts->setShowGrid(false);
  m_amounts->setWordWrap(true);
  m_amounts->setAccessibleName(tr("Thresholds by amount"));
  constexpr int kAmountWidth = 136;
  constexpr int kThresholdWidth = 88;
  m_amounts->setColumnWidth(UpTo, kAmountWidth);
  m_amounts->setColumnWidth(Threshold, kThresholdWidth);
  constexpr int kHeight = 132;
  m_amounts->setMinimumHeight(kHeight);
  m_largerCost->setProperty("look", "caption");
  m_largerThreshold->setAccessibleName(tr("Threshold τ for larger amounts"));
  auto* edit = new QHBoxLayout;
  edit->setSpacing(kGrid);
  edit->addWidget(m_add);
  edit->addWidget(m_remove);
  edit->addStretch(1);
  auto* larger = new QHBoxLayout;
  larger->setSpacing(kGrid);
  larger->addWidget(m_referLarger);
  larger->addWidget(m_largerThreshold);
  larger->addWidget(m_largerCost, 1);
  auto* whole = new QWidget;
  auto* layout = new QVBoxLayout(whole);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(
      explanation(tr("The larger the amount, the dearer a false match. The Verify page asks for "
                     "the amount as soon as there is a row here; without an amount the office's τ "
                     "holds, %1.")
                      .arg(m_service.rule.threshold.value, 0, 'f', 3)));
  layout->addWidget(m_amounts, 1);
  layout->addLayout(edit);
  layout->addLayout(larger);
  return whole;
}

QDoubleSpinBox* PolicyDialog::upTo(int row) const {
  return qobject_cast<QDoubleSpinBox*>(m_amounts->cellWidget(row, UpTo));
}

QDoubleSpinBox* PolicyDialog::threshold(int row) const {
  return qobject_cast<QDoubleSpinBox*>(m_amounts->cellWidget(row, Threshold));
}

QString PolicyDialog::message() const { return m_message->text(); }

void PolicyDialog::addBand(double upTo, double threshold) {
  const int row = m_amounts->rowCount();
  m_amounts->insertRow(row);
  auto* amount = new QDoubleSpinBox;
  constexpr double kLargest = 1e12;
  amount->setRange(0, kLargest);
  amount->setGroupSeparatorShown(true);
  amount->setButtonSymbols(QAbstractSpinBox::NoButtons);
  showExact(amount, upTo);
  amount->setAccessibleName(tr("Up to this amount"));
  auto* tau = thresholdBox(m_range, threshold);
  m_amounts->setCellWidget(row, UpTo, amount);
  m_amounts->setCellWidget(row, Threshold, tau);
  m_amounts->setItem(row, Cost, new QTableWidgetItem);
  connect(amount, &QDoubleSpinBox::valueChanged, this, &PolicyDialog::render);
  connect(tau, &QDoubleSpinBox::valueChanged, this, &PolicyDialog::render);
}

DecisionPolicy PolicyDialog::policy() const {
  DecisionPolicy policy;
  for (int row = 0; row < m_amounts->rowCount(); ++row)
    policy.amounts.push_back({exactValue(upTo(row)), {exactValue(threshold(row))}});
  if (!policy.amounts.empty() && !m_referLarger->isChecked())
    policy.amounts.push_back(
        {std::numeric_limits<double>::infinity(), {exactValue(m_largerThreshold)}});
  policy.isIndividual = m_individual->isChecked();
  constexpr double kPercent = 100;
  policy.blindShare = exactValue(m_blindShare) / kPercent;
  return policy;
}

void PolicyDialog::render() {
  const auto costOf = [this](double tau) {
    if (!m_table || m_table->isEmpty()) return QString();
    const auto costs = m_table->at(tau);
    auto text = tr("misses %1").arg(percentText(costs.falseNonMatch.rate.value));
    const auto& passed =
        costs.skilledFalseMatch.trials > 0 ? costs.skilledFalseMatch : costs.randomFalseMatch;
    if (passed.trials > 0) text += tr(", passes %1").arg(percentText(passed.rate.value));
    return text;
  };
  const bool hasBands = m_amounts->rowCount() > 0;
  for (int row = 0; row < m_amounts->rowCount(); ++row) {
    auto* item = m_amounts->item(row, Cost);
    item->setText(costOf(threshold(row)->value()));
    item->setToolTip(m_table ? ratesOf(threshold(row)->value(), *m_table) : QString());
  }
  m_remove->setEnabled(hasBands && m_mayChange);
  m_add->setEnabled(m_mayChange);
  m_referLarger->setEnabled(hasBands);
  m_largerThreshold->setVisible(hasBands && !m_referLarger->isChecked());
  m_largerCost->setVisible(m_largerThreshold->isVisibleTo(this));
  m_largerCost->setText(costOf(m_largerThreshold->value()));
  const auto chosen = policy();
  const auto status = checkPolicy(chosen, m_range.lowest, m_range.highest);
  m_message->setVisible(!status || !m_mayChange);
  m_message->setText(!m_mayChange ? tr("This store is open for reading only.")
                     : status     ? QString()
                                  : QString::fromStdString(status.error().message));
  m_apply->setEnabled(m_mayChange && status && !(chosen == m_service.policy));
}

}  // namespace countersign::ui
