// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/OperatingPointPanel.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cmath>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

OperatingPointPanel::OperatingPointPanel(QWidget* parent)
    : QWidget(parent),
      m_spin(new QDoubleSpinBox),
      m_inForce(new QLabel),
      m_back(new QPushButton(tr("Back"))),
      m_apply(new QPushButton(tr("Put into force"))),
      m_counts(new QTableWidget(3, 3)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  m_spin->setDecimals(3);
  m_spin->setRange(-1e3, 1e3);
  m_spin->setSingleStep(0.01);
  m_spin->setAccessibleName(tr("Threshold that is being tried"));
  m_spin->setKeyboardTracking(false);
  auto* name = new QLabel(tr("&Threshold τ"));
  name->setFont(scaled(font(), 1.15, true));
  name->setBuddy(m_spin);
  auto* row = new QHBoxLayout;
  row->addWidget(name, 1);
  row->addWidget(m_spin);
  layout->addLayout(row);
  auto* force = new QHBoxLayout;
  m_inForce->setWordWrap(true);
  force->addWidget(m_inForce, 1);
  force->addWidget(m_back);
  force->addWidget(m_apply);
  layout->addLayout(force);
  buildCounts();
  layout->addWidget(m_counts);
  for (auto& rate : m_rates) {
    rate = new QLabel;
    rate->setWordWrap(true);
    layout->addWidget(rate);
  }
  connect(m_spin, &QDoubleSpinBox::valueChanged, this, &OperatingPointPanel::thresholdChanged);
  connect(m_back, &QPushButton::clicked, this, &OperatingPointPanel::backWanted);
  connect(m_apply, &QPushButton::clicked, this, &OperatingPointPanel::applyWanted);
}

void OperatingPointPanel::buildCounts() {
  m_counts->setVerticalHeaderLabels({tr("Own"), tr("Forgeries"), tr("Others")});
  m_counts->setHorizontalHeaderLabels({tr("Match"), tr("No"), tr("Unread")});
  m_counts->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_counts->setSelectionMode(QAbstractItemView::SingleSelection);
  m_counts->setTabKeyNavigation(false);
  m_counts->setAccessibleName(tr("Comparisons by what they are and what is said of them"));
  m_counts->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  m_counts->horizontalHeader()->setHighlightSections(false);
  m_counts->verticalHeader()->setHighlightSections(false);
  m_counts->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  m_counts->setToolTip(tr("Click a count to see the comparisons behind it, the worst first"));
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      auto* item = new QTableWidgetItem;
      item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
      m_counts->setItem(i, j, item);
    }
  const int height = m_counts->horizontalHeader()->sizeHint().height() +
                     3 * m_counts->verticalHeader()->defaultSectionSize() + 4;
  m_counts->setFixedHeight(height);
  m_counts->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  const auto choose = [this](int row, int column) {
    constexpr int kUnread = 2;  // has no score to look at
    if (column < kUnread) Q_EMIT countChosen(static_cast<TrialKind>(row), column == 0);
  };
  connect(m_counts, &QTableWidget::cellClicked, this, choose);
  connect(m_counts, &QTableWidget::cellActivated, this, choose);
}

void OperatingPointPanel::showPoint(const ThresholdEvidence& evidence, double threshold,
                                    const std::optional<NetworkInService>& service,
                                    bool mayChange) {
  {
    const QSignalBlocker blocker(m_spin);
    m_spin->setValue(threshold);
  }
  renderCounts(*evidence.costs, threshold);
  if (!service) return;
  const double inForce = service->rule.threshold.value;
  constexpr double kSame = 5e-4;
  const bool isTrying = std::abs(threshold - inForce) >= kSame;
  const bool isItsOwn = evidence.known.network == service->identity;
  m_inForce->setText(!isItsOwn ? (evidence.known.network.empty()
                                      ? tr("In force: %1. Scores of an unknown network.")
                                      : tr("In force: %1. Scores of another network."))
                                     .arg(thresholdText(inForce))
                     : isTrying ? tr("In force: %1").arg(thresholdText(inForce))
                                : tr("This one is in force."));
  m_apply->setVisible(isTrying && isItsOwn && mayChange);
  m_back->setVisible(isTrying);
}

void OperatingPointPanel::renderCounts(const ThresholdTable& table, double threshold) {
  const auto counts = table.confusionAt(threshold);
  const QLocale locale;
  for (int i = 0; i < 3; ++i) {
    const auto& row = counts.rows.at(static_cast<std::size_t>(i));
    const int values[] = {row.match, row.nonMatch, row.notAcquired};
    for (int j = 0; j < 3; ++j) m_counts->item(i, j)->setText(locale.toString(values[j]));
    // The wrong ones stand out: misses in the first row, what passed in the others.
    const int wrong = i == 0 ? 1 : 0;
    m_counts->item(i, wrong)->setForeground(colours().nonMatch);
  }
  const auto costs = table.at(threshold);
  const auto line = [&](std::size_t place, const QString& name, const RateAtThreshold& rate) {
    m_rates[place]->setVisible(rate.trials > 0);
    m_rates[place]->setText(tr("%1: %2").arg(name, rateText(rate)));
    m_rates[place]->setToolTip(evidenceText(rate));
  };
  line(0, tr("Own missed, FNMR"), costs.falseNonMatch);
  line(1, tr("Forgeries passed, FMR"), costs.skilledFalseMatch);
  line(2, tr("Others passed, FMR"), costs.randomFalseMatch);
  const double failed = costs.failureToAcquire(TrialKind::Genuine);
  m_rates[3]->setVisible(failed > 0);
  m_rates[3]->setText(tr("Own not read, FTA: %1; so turned away, FRR: %2")
                          .arg(percentText(failed), percentText(costs.falseRejectRate())));
}

}  // namespace countersign::ui
