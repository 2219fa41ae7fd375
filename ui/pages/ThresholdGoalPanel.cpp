// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ThresholdGoalPanel.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

using Kind = ThresholdGoal::Kind;
constexpr double kPercent = 100;

}  // namespace

ThresholdGoalPanel::ThresholdGoalPanel(QWidget* parent)
    : QWidget(parent),
      m_goal(new QComboBox),
      m_against(new QComboBox),
      m_targetName(new QLabel(tr("At most"))),
      m_target(new QDoubleSpinBox),
      m_costNames{},
      m_costs{},
      m_find(new QPushButton(tr("Find τ"))),
      m_message(new QLabel) {
  m_goal->addItem(tr("So many false matches"), static_cast<int>(Kind::FalseMatchRate));
  m_goal->addItem(tr("So many own samples missed"), static_cast<int>(Kind::FalseNonMatchRate));
  m_goal->addItem(tr("Both errors equally often"), static_cast<int>(Kind::EqualError));
  m_goal->addItem(tr("The least expected cost"), static_cast<int>(Kind::LeastCost));
  m_goal->setAccessibleName(tr("What is asked of the threshold"));
  m_against->setAccessibleName(tr("What false matches are counted of"));
  m_target->setRange(0, kPercent);
  m_target->setDecimals(3);
  m_target->setSingleStep(0.1);
  m_target->setValue(1);
  m_target->setSuffix(tr(" %"));
  m_target->setAccessibleName(tr("Highest error rate, in percent"));
  const struct {
    QString name;
    QString why;
    double value;
    double highest;
  } costs[] = {
      {tr("A false match costs"), tr("In any unit: what is lost when a forgery passes"), 100, 1e9},
      {tr("A miss costs"),
       tr("In the same unit: what it costs to ask somebody again, or to look closer"), 1, 1e9},
      {tr("Forgeries, % of samples"), tr("How many of a hundred samples are not the person's"), 1,
       kPercent}};
  auto* layout = new QGridLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setHorizontalSpacing(kGrid);
  layout->setVerticalSpacing(kGrid / 2);
  layout->setColumnStretch(0, 1);
  layout->addWidget(m_goal, 0, 0, 1, 2);
  layout->addWidget(m_against, 1, 0, 1, 2);
  layout->addWidget(m_targetName, 2, 0);
  layout->addWidget(m_target, 2, 1);
  for (std::size_t i = 0; i < m_costs.size(); ++i) {
    m_costNames[i] = new QLabel(costs[i].name);
    m_costs[i] = new QDoubleSpinBox;
    m_costs[i]->setRange(0, costs[i].highest);
    m_costs[i]->setDecimals(2);
    m_costs[i]->setValue(costs[i].value);
    m_costs[i]->setToolTip(costs[i].why);
    m_costNames[i]->setBuddy(m_costs[i]);
    m_costs[i]->setAccessibleName(costs[i].name);
    layout->addWidget(m_costNames[i], 3 + static_cast<int>(i), 0);
    layout->addWidget(m_costs[i], 3 + static_cast<int>(i), 1);
    connect(m_costs[i], &QDoubleSpinBox::valueChanged, this, &ThresholdGoalPanel::changed);
  }
  m_message->setWordWrap(true);
  m_message->setProperty("look", "caption");
  layout->addWidget(m_find, 6, 1, Qt::AlignRight);
  layout->addWidget(m_message, 7, 0, 1, 2);
  m_targetName->setBuddy(m_target);
  setKinds(true, true);
  connect(m_goal, &QComboBox::currentIndexChanged, this, [this] {
    render();
    Q_EMIT changed();
  });
  connect(m_against, &QComboBox::currentIndexChanged, this, [this] {
    m_message->clear();
    Q_EMIT changed();
  });
  connect(m_find, &QPushButton::clicked, this, &ThresholdGoalPanel::wanted);
  render();
}

ThresholdGoal ThresholdGoalPanel::goal() const {
  return {.kind = static_cast<Kind>(m_goal->currentData().toInt()),
          .against = static_cast<TrialKind>(m_against->currentData().toInt()),
          .target = m_target->value() / kPercent,
          .costs = {.falseMatch = m_costs[0]->value(),
                    .falseNonMatch = m_costs[1]->value(),
                    .impostorShare = m_costs[2]->value() / kPercent}};
}

void ThresholdGoalPanel::setKinds(bool hasSkilled, bool hasRandom) {
  {
    const QSignalBlocker blocker(m_against);
    m_against->clear();
    if (hasSkilled)
      m_against->addItem(tr("among skilled forgeries"), static_cast<int>(TrialKind::Skilled));
    if (hasRandom)
      m_against->addItem(tr("among other people"), static_cast<int>(TrialKind::Random));
  }
  m_find->setEnabled(hasSkilled || hasRandom);
  m_message->clear();
  Q_EMIT changed();
}

void ThresholdGoalPanel::render() {
  const auto kind = goal().kind;
  const bool hasTarget = kind == Kind::FalseMatchRate || kind == Kind::FalseNonMatchRate;
  m_targetName->setVisible(hasTarget);
  m_target->setVisible(hasTarget);
  for (std::size_t i = 0; i < m_costs.size(); ++i) {
    m_costNames[i]->setVisible(kind == Kind::LeastCost);
    m_costs[i]->setVisible(kind == Kind::LeastCost);
  }
  m_against->setVisible(kind != Kind::FalseNonMatchRate);
  m_message->clear();
}

QString ThresholdGoalPanel::message() const { return m_message->text(); }

void ThresholdGoalPanel::showChoice(const std::optional<ThresholdChoice>& choice) {
  if (!choice) {
    m_message->setText(tr("There are no such comparisons."));
    return;
  }
  if (!choice->canBeClaimed) {
    m_message->setText(
        tr("%n person(s) cannot show so low a rate: even without a single error they "
           "only show that it is under %1.",
           nullptr, choice->people)
            .arg(percentText(choice->lowestClaim)));
    return;
  }
  m_message->setText(
      goal().kind == Kind::LeastCost
          ? tr("Expected cost of a comparison: %1.").arg(choice->expectedCost, 0, 'g', 3)
          : tr("It costs what stands above."));
}

}  // namespace countersign::ui
