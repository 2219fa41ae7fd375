// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/TrainPage.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/jobs/TrainingSession.h"
#include "ui/pages/ComparisonPanel.h"
#include "ui/pages/RunsPanel.h"
#include "ui/pages/TrainProgressPanel.h"
#include "ui/pages/TrainSetupPanel.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

TrainPage::TrainPage(OfficeSession& office, TrainingSession& training, QWidget* parent)
    : QWidget(parent),
      m_training(training),
      m_stack(new QStackedWidget),
      m_setup(new TrainSetupPanel(office, training)),
      m_progress(new TrainProgressPanel(training)),
      m_comparison(new ComparisonPanel(office, training)),
      m_runs(new RunsPanel(training)),
      m_showRuns(new QPushButton) {
  m_showRuns->setCheckable(true);
  m_showRuns->setProperty("look", "link");
  for (QWidget* panel : {static_cast<QWidget*>(m_setup), static_cast<QWidget*>(m_progress),
                         static_cast<QWidget*>(m_comparison), static_cast<QWidget*>(m_runs)})
    m_stack->addWidget(panel);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(m_stack, 1);
  layout->addWidget(m_showRuns, 0, Qt::AlignLeft);
  connect(m_showRuns, &QPushButton::toggled, this, [this] {
    render();
    start();
  });
  connect(&m_training, &TrainingSession::changed, this, [this] {
    // A step that was asked for is shown, wherever it was asked.
    const auto stage = m_training.stage();
    if (stage == TrainingSession::Stage::Training || stage == TrainingSession::Stage::Comparing)
      m_showRuns->setChecked(false);
    render();
  });
  connect(&m_training, &TrainingSession::runsChanged, this, &TrainPage::render);
  connect(m_setup, &TrainSetupPanel::problem, this, &TrainPage::problem);
  connect(m_runs, &RunsPanel::problem, this, &TrainPage::problem);
  render();
}

void TrainPage::render() {
  const auto count = static_cast<int>(m_training.runs().size());
  if (count == 0) m_showRuns->setChecked(false);  // another store may have none
  m_showRuns->setVisible(count > 0);
  m_showRuns->setText(m_showRuns->isChecked() ? tr("Back to training")
                                              : tr("Show %n kept run(s)", nullptr, count));
  QWidget* panel = m_setup;
  using Stage = TrainingSession::Stage;
  switch (m_training.stage()) {
    case Stage::Empty:
    case Stage::Looking:
    case Stage::Found:
      break;
    case Stage::Training:
      panel = m_progress;
      break;
    case Stage::Comparing:
    case Stage::Compared:
      panel = m_comparison;
      break;
  }
  if (m_showRuns->isChecked()) panel = m_runs;
  if (m_stack->currentWidget() == panel) return;
  const bool hadFocus = isAncestorOf(focusWidget());
  m_stack->setCurrentWidget(panel);
  if (hadFocus) start();
}

void TrainPage::start() {
  auto* panel = m_stack->currentWidget();
  if (panel == m_setup) m_setup->start();
  if (panel == m_progress) m_progress->start();
  if (panel == m_comparison) m_comparison->start();
  if (panel == m_runs) m_runs->start();
}

}  // namespace countersign::ui
