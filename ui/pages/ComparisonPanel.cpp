// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ComparisonPanel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/jobs/TrainingSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/WaitingPanel.h"

namespace countersign::ui {

ComparisonPanel::ComparisonPanel(OfficeSession& office, TrainingSession& training, QWidget* parent)
    : QWidget(parent),
      m_office(office),
      m_training(training),
      m_stack(new QStackedWidget),
      m_waiting(new WaitingPanel(tr("Comparing the new network with the one in service"))),
      m_title(new QLabel),
      m_verdict(new QLabel),
      m_threshold(new QLabel),
      m_table(new QTableWidget),
      m_promote(new QPushButton(tr("&Put into service"))),
      m_later(new QPushButton(tr("Decide &later"))),
      m_discard(new QPushButton(tr("&Discard"))) {
  build();
  connect(m_waiting, &WaitingPanel::cancelled, &m_training, &TrainingSession::stop);
  connect(m_promote, &QPushButton::clicked, &m_training, &TrainingSession::putIntoService);
  connect(m_discard, &QPushButton::clicked, &m_training, &TrainingSession::discard);
  connect(m_later, &QPushButton::clicked, &m_training, &TrainingSession::postpone);
  connect(&m_training, &TrainingSession::changed, this, &ComparisonPanel::render);
  connect(&m_office, &OfficeSession::serviceChanged, this, &ComparisonPanel::render);
  connect(&m_training.jobs(), &JobQueue::longJobProgressed, this, [this](int done, int total) {
    if (m_training.stage() != TrainingSession::Stage::Comparing) return;
    m_waiting->setProgress(done, total);
  });
}

void ComparisonPanel::build() {
  m_title->setFont(scaled(font(), 1.3, true));
  m_title->setWordWrap(true);
  m_verdict->setFont(scaled(font(), 1.1, false));
  m_verdict->setWordWrap(true);
  m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_table->setColumnCount(5);
  m_table->setHorizontalHeaderLabels(
      {tr("Measured on"), tr("EER in service"), tr("EER, new"), tr("Difference"), tr("People")});
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * kGrid);
  m_table->setShowGrid(false);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setSelectionMode(QAbstractItemView::NoSelection);
  m_table->setTabKeyNavigation(false);
  m_table->setAccessibleName(tr("Both networks on the same trials"));
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
  m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  auto* note = new QLabel(
      tr("EER: the rate at which misses and false matches are equally frequent, with one "
         "reference. In brackets: the 95 % interval of the difference, which draws people, the "
         "same ones for both networks; where it holds 0, the difference may be chance. Invented "
         "people show whether something general was forgotten."));
  note->setProperty("look", "caption");
  note->setWordWrap(true);
  m_threshold->setWordWrap(true);
  m_promote->setProperty("look", "primary");
  m_later->setToolTip(tr("The run stays among the runs, with its network"));
  m_discard->setToolTip(tr("Deletes the new network; the run's curves are kept"));
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_promote);
  buttons->addWidget(m_later);
  buttons->addWidget(m_discard);
  buttons->addStretch();
  auto* compared = new QWidget;
  auto* layout = new QVBoxLayout(compared);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2 * kGrid);
  layout->addWidget(m_title);
  layout->addWidget(m_verdict);
  layout->addWidget(m_table, 1);
  layout->addWidget(note);
  layout->addWidget(m_threshold);
  layout->addLayout(buttons);

  m_stack->addWidget(m_waiting);
  m_stack->addWidget(compared);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(m_stack);
}

void ComparisonPanel::start() {
  // What changes everybody's verdicts is not what Enter does by itself.
  if (m_stack->currentIndex() == 1) m_later->setFocus();
}

QString ComparisonPanel::verdict() const { return m_verdict->text(); }

void ComparisonPanel::render() {
  using Stage = TrainingSession::Stage;
  if (m_training.stage() == Stage::Comparing) {
    m_waiting->begin(m_training.isStopping());
    m_stack->setCurrentIndex(0);
    return;
  }
  const auto& compared = m_training.compared();
  if (m_training.stage() != Stage::Compared || !compared) return;
  m_stack->setCurrentIndex(1);
  const bool isSame = compared->comparison.before == compared->identity;
  m_title->setText(isSame ? tr("This network is in service already")
                          : tr("New network “%1” against “%2”, which is in service")
                                .arg(compared->name, compared->serving));
  m_verdict->setText(QString::fromStdString(compared->comparison.verdict()));
  m_verdict->setVisible(!isSame);
  const bool isChoosable = m_training.mayChange() && !isSame;
  m_promote->setEnabled(isChoosable && compared->isThresholdMeasured);
  m_promote->setText(m_training.isPromoting() ? tr("Being put into service")
                                              : tr("&Put into service"));
  m_discard->setEnabled(isChoosable);
  m_discard->setVisible(compared->run.has_value() && !isSame);
  m_later->setEnabled(!m_training.isPromoting());
  m_threshold->setText(thresholdSentence(*compared));
  m_later->setText(compared->run ? tr("Decide &later") : tr("&Leave it as it is"));
  renderTable();
}

QString ComparisonPanel::thresholdSentence(const ComparedNetwork& compared) const {
  if (!compared.isThresholdMeasured)
    return tr(
        "It cannot go into service: there was nobody in the folder to set its threshold by. "
        "Train with more people, or with forgeries.");
  const auto future = thresholdText(compared.initial.threshold.value);
  // What is in force is known of the kind that the window is about.
  const bool isKnown = m_office.service() && m_office.modality() == compared.modality;
  const auto thresholds =
      isKnown ? tr("Threshold τ: %1 in force now, %2 with the new network, since its similarities "
                   "are others.")
                    .arg(thresholdText(m_office.service()->service.rule.threshold.value), future)
              : tr("Threshold τ: %1 with the new network, since its similarities are others.")
                    .arg(future);
  return thresholds + u' ' +
         tr("All references are embedded anew; until that is done, the network in service serves "
            "on.");
}

void ComparisonPanel::renderTable() {
  m_table->setRowCount(0);
  for (const auto& list : m_training.compared()->comparison.lists) {
    for (const auto& group : list.groups) {
      const int row = m_table->rowCount();
      m_table->insertRow(row);
      const auto& e = group.equalError;
      const auto against = group.group == "skilled" ? tr("forgeries") : tr("others");
      const QString cells[] = {tr("%1, against %2").arg(QString::fromStdString(list.name), against),
                               rateText({e.before, group.nonMatedTrials, group.people}),
                               rateText({e.after, group.nonMatedTrials, group.people}),
                               differenceText(e.difference), QLocale().toString(group.people)};
      for (int column = 0; column < m_table->columnCount(); ++column) {
        auto* item = new QTableWidgetItem(cells[column]);
        item->setToolTip(tr("%1 mated and %2 non-mated trials of %3 people")
                             .arg(QLocale().toString(group.matedTrials),
                                  QLocale().toString(group.nonMatedTrials),
                                  QLocale().toString(group.people)));
        constexpr int kDifference = 3;
        if (column == kDifference && e.isCertain()) {
          auto font = item->font();
          font.setBold(true);
          item->setFont(font);
          item->setForeground(e.difference.value < 0 ? colours().match : colours().nonMatch);
        }
        m_table->setItem(row, column, item);
      }
    }
  }
}

}  // namespace countersign::ui
