// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ThresholdPanel.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/VerdictText.h"
#include "ui/widgets/ThresholdPlot.h"

namespace countersign::ui {

ThresholdPanel::ThresholdPanel(QWidget* parent)
    : QWidget(parent),
      m_plot(new ThresholdPlot),
      m_state(new QLabel),
      m_names{},
      m_rates{},
      m_evidence(new QLabel),
      m_apply(new QPushButton(tr("Put into force"))),
      m_back(new QPushButton(tr("Back"))) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(m_plot, 1);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(kGrid);
  grid->setVerticalSpacing(4);
  const QString explanations[] = {
      tr("False non-match rate: how often a person's own signature or face does not match."),
      tr("False match rate of skilled forgeries: how often an imitation by somebody who knows the "
         "signature matches."),
      tr("False match rate of other people: how often somebody else's signature or face matches.")};
  for (std::size_t row = 0; row < m_names.size(); ++row) {
    m_names[row] = new QLabel;
    m_names[row]->setToolTip(explanations[row]);
    m_rates[row] = new QLabel;
    m_rates[row]->setAlignment(Qt::AlignRight);
    grid->addWidget(m_names[row], static_cast<int>(row), 0);
    grid->addWidget(m_rates[row], static_cast<int>(row), 1);
  }
  grid->setColumnStretch(0, 1);
  renderNames();
  layout->addLayout(grid);
  m_evidence->setProperty("look", "caption");
  m_evidence->setWordWrap(true);
  layout->addWidget(m_evidence);
  m_state->setWordWrap(true);
  auto* actions = new QHBoxLayout;
  actions->setSpacing(kGrid);
  actions->addWidget(m_state, 1);
  actions->addWidget(m_back);
  actions->addWidget(m_apply);
  layout->addLayout(actions);
  m_apply->setToolTip(tr("Decide with the threshold that is being tried from now on"));
  m_back->setToolTip(tr("Back to the threshold in force (Esc)"));
  connect(m_plot, &ThresholdPlot::thresholdChanged, this, [this](double threshold) {
    render();
    Q_EMIT thresholdChanged(threshold);
  });
  connect(m_back, &QPushButton::clicked, this, &ThresholdPanel::reset);
  connect(m_apply, &QPushButton::clicked, this, [this] {
    Q_EMIT ruleChosen({{threshold()}, m_inForce.band});
  });
}

void ThresholdPanel::renderNames() {
  // The colours of the distributions above: this is their legend, too.
  const std::pair<QString, QColor> names[] = {{tr("Own samples missed"), colours().match},
                                              {tr("Forgeries passed"), colours().nonMatch},
                                              {tr("Other people passed"), colours().muted}};
  for (std::size_t row = 0; row < m_names.size(); ++row)
    m_names[row]->setText(QStringLiteral("<span style=\"color:%1\">\u25A0</span>&nbsp; %2")
                              .arg(names[row].second.name(), names[row].first.toHtmlEscaped()));
}

void ThresholdPanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) renderNames();
}

void ThresholdPanel::showRule(std::shared_ptr<const ThresholdTable> table,
                              const DecisionRule& inForce, double networkDefault, bool mayChange) {
  // The page shows it again with each sample; what is being tried stays.
  if (m_table && table == m_table && inForce.threshold == m_inForce.threshold &&
      inForce.band == m_inForce.band && networkDefault == m_default && mayChange == m_mayChange)
    return;
  m_table = std::move(table);
  m_inForce = inForce;
  m_default = networkDefault;
  m_mayChange = mayChange;
  m_plot->setTable(m_table);
  m_plot->setRule(inForce, networkDefault);
  render();
}

void ThresholdPanel::setScore(std::optional<double> score) { m_plot->setScore(score); }

void ThresholdPanel::reset() { m_plot->setThreshold(m_inForce.threshold.value); }

double ThresholdPanel::threshold() const { return m_plot->threshold(); }

bool ThresholdPanel::isTrying() const { return threshold() != m_inForce.threshold.value; }

QString ThresholdPanel::costText(int row) const {
  return m_rates[static_cast<std::size_t>(row)]->text();
}

void ThresholdPanel::render() {
  const auto costs = m_table ? m_table->at(threshold()) : ThresholdCosts{};
  const RateAtThreshold* rates[] = {&costs.falseNonMatch, &costs.skilledFalseMatch,
                                    &costs.randomFalseMatch};
  int trials = 0;
  for (std::size_t row = 0; row < m_rates.size(); ++row) {
    m_rates[row]->setText(m_table ? rateText(*rates[row]) : tr("…"));
    m_rates[row]->setToolTip(evidenceText(*rates[row]));
    trials += rates[row]->trials;
  }
  if (!m_table)
    m_evidence->setText(tr("Working out what the threshold costs."));
  else if (trials == 0)
    m_evidence->setText(tr("Nobody has measured this network: nothing is known of its errors."));
  else
    m_evidence->setText(tr("Measured on %1 comparisons of %2, with %n reference(s) each; in "
                           "brackets the 95 % interval.",
                           nullptr, m_table->references())
                            .arg(QLocale().toString(trials), populationText(*m_table)));
  m_state->setText(
      isTrying() ? tr("Trying τ %1. In force: %2.")
                       .arg(thresholdText(threshold()), thresholdText(m_inForce.threshold.value))
                 : tr("τ %1 is in force.").arg(thresholdText(threshold())));
  m_apply->setVisible(isTrying() && m_mayChange);
  m_back->setVisible(isTrying());
}

}  // namespace countersign::ui
