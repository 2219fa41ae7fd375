// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/RunsPanel.h"

#include <QDateTime>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/File.h"
#include "ui/jobs/TrainingSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/CurvePlot.h"

namespace countersign::ui {

namespace {

QString stateText(RunState state) {
  switch (state) {
    case RunState::Unfinished:
      return RunsPanel::tr("Stopped");
    case RunState::Finished:
      return RunsPanel::tr("Finished");
    case RunState::InService:
      return RunsPanel::tr("Put into service");
    case RunState::Discarded:
      break;
  }
  return RunsPanel::tr("Discarded");
}

std::optional<double> lowestError(const KeptRun& run) {
  std::optional<double> lowest;
  for (const auto& point : run.curves) {
    const auto rate = point.developmentEer ? point.developmentEer : point.randomEer;
    if (rate && (!lowest || *rate < *lowest)) lowest = rate;
  }
  return lowest;
}

QString createdText(const RunRecord& record) {
  const auto time = QDateTime::fromString(QString::fromStdString(record.created), Qt::ISODate);
  return QLocale().toString(time.toLocalTime(), QLocale::ShortFormat);
}

}  // namespace

RunsPanel::RunsPanel(TrainingSession& training, QWidget* parent)
    : QWidget(parent),
      m_training(training),
      m_empty(new QLabel(tr("No training run is kept yet."))),
      m_table(new QTableWidget),
      m_error(new CurvePlot(tr("Batch"), tr("Development EER, %"))),
      m_loss(new CurvePlot(tr("Batch"), tr("Loss"))),
      m_details(new QLabel),
      m_resume(new QPushButton(tr("&Go on with it"))),
      m_compare(new QPushButton(tr("&Compare with the network in service"))),
      m_export(new QPushButton(tr("&Export curves…"))),
      m_discard(new QPushButton(tr("&Discard"))) {
  build();
  connect(&m_training, &TrainingSession::runsChanged, this, &RunsPanel::renderRuns);
  connect(&m_training, &TrainingSession::changed, this, &RunsPanel::renderChosen);
  connect(m_table, &QTableWidget::itemSelectionChanged, this, &RunsPanel::renderChosen);
  connect(m_resume, &QPushButton::clicked, this, [this] {
    const auto runs = chosen();
    if (runs.size() == 1) m_training.resume(runs.front()->record);
  });
  connect(m_compare, &QPushButton::clicked, this, [this] {
    const auto runs = chosen();
    if (runs.size() == 1) {
      const auto record = runs.front()->record;
      m_training.compare(record.files.output, record);
    }
  });
  connect(m_export, &QPushButton::clicked, this, [this] {
    const auto runs = chosen();
    if (runs.size() != 1) return;
    const auto run = *runs.front();
    const auto file = QFileDialog::getSaveFileName(
        this, tr("Export curves"), QStringLiteral("curves.csv"), tr("Tables (*.csv)"));
    if (!file.isEmpty()) exportCurves(run, file);
  });
  connect(m_discard, &QPushButton::clicked, this, [this] {
    const auto runs = chosen();
    if (runs.size() != 1) return;
    const auto record = runs.front()->record;
    const auto answer = QMessageBox::question(
        this, tr("Discard the run?"),
        tr("The network and the checkpoints of the run of %1 are deleted for good. Its options and "
           "curves are kept.")
            .arg(createdText(record)),
        QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Cancel);
    if (answer == QMessageBox::Discard) m_training.discardRun(record);
  });
  renderRuns();
}

void RunsPanel::build() {
  m_table->setColumnCount(5);
  m_table->setHorizontalHeaderLabels(
      {tr("Started"), tr("Images"), tr("State"), tr("Batches"), tr("Lowest EER")});
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * kGrid);
  m_table->setShowGrid(false);
  m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_table->setTabKeyNavigation(false);
  m_table->setAccessibleName(tr("Training runs"));
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
  m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  m_details->setProperty("look", "caption");
  m_details->setWordWrap(true);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_resume);
  buttons->addWidget(m_compare);
  buttons->addWidget(m_export);
  buttons->addWidget(m_discard);
  buttons->addStretch();
  auto* plots = new QHBoxLayout;
  plots->setSpacing(2 * kGrid);
  plots->addWidget(m_error);
  plots->addWidget(m_loss);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(m_empty);
  layout->addWidget(m_table, 2);
  layout->addLayout(buttons);
  layout->addWidget(m_details);
  layout->addLayout(plots, 3);
}

void RunsPanel::start() { m_table->setFocus(); }

std::vector<const KeptRun*> RunsPanel::chosen() const {
  std::vector<const KeptRun*> runs;
  for (const auto& index : m_table->selectionModel()->selectedRows()) {
    const auto row = static_cast<std::size_t>(index.row());
    if (row < m_training.runs().size()) runs.push_back(&m_training.runs()[row]);
  }
  return runs;
}

void RunsPanel::renderRuns() {
  const auto& runs = m_training.runs();
  m_empty->setVisible(runs.empty());
  m_table->setRowCount(static_cast<int>(runs.size()));
  const QLocale locale;
  for (int row = 0; row < m_table->rowCount(); ++row) {
    const auto& run = runs[static_cast<std::size_t>(row)];
    const auto& record = run.record;
    const auto step = run.curves.empty() ? 0 : run.curves.back().step;
    const auto error = lowestError(run);
    const QString cells[] = {createdText(record),
                             QString::fromStdString(record.files.root.filename().string()),
                             stateText(record.state),
                             tr("%1 of %2")
                                 .arg(locale.toString(static_cast<qlonglong>(step)),
                                      locale.toString(record.options.steps)),
                             error ? percentText(*error) : tr("none")};
    for (int column = 0; column < m_table->columnCount(); ++column) {
      auto* item = new QTableWidgetItem(cells[column]);
      item->setToolTip(QString::fromStdString(record.files.root.string()));
      m_table->setItem(row, column, item);
    }
  }
  if (chosen().empty() && !runs.empty()) m_table->selectRow(0);
  renderChosen();
}

void RunsPanel::renderChosen() {
  const auto runs = chosen();
  const auto* one = runs.size() == 1 ? runs.front() : nullptr;
  const auto is = [&](std::initializer_list<RunState> states) {
    return one != nullptr &&
           std::find(states.begin(), states.end(), one->record.state) != states.end();
  };
  m_resume->setEnabled(m_training.mayChange() && is({RunState::Unfinished}));
  m_compare->setEnabled(!m_training.isBusy() && is({RunState::Finished, RunState::InService}) &&
                        one->record.result.has_value());
  m_discard->setEnabled(m_training.mayChange() && is({RunState::Unfinished, RunState::Finished}));
  m_export->setEnabled(one != nullptr);
  m_details->setText(
      one != nullptr ? tr("%1; seed %2; images %3")
                           .arg(one->record.files.startFrom.empty() ? tr("Trained from nothing")
                                                                    : tr("Fine-tuned"))
                           .arg(one->record.options.seed)
                           .arg(QString::fromStdString(one->record.corpusFingerprint.substr(0, 12)))
                     : tr("Choose several runs with Ctrl or Shift to lay them over each other."));
  std::vector<Curve> errors;
  std::vector<Curve> losses;
  for (const auto* run : runs) {
    Curve error{.name = createdText(run->record)};
    Curve loss{.name = createdText(run->record)};
    for (const auto& point : run->curves) {
      const auto rate = point.developmentEer ? point.developmentEer : point.randomEer;
      constexpr double kPercent = 100;
      if (rate) {
        error.x.push_back(static_cast<double>(point.step));
        error.y.push_back(kPercent * *rate);
      }
      loss.x.push_back(static_cast<double>(point.step));
      loss.y.push_back(point.loss);
    }
    errors.push_back(std::move(error));
    losses.push_back(std::move(loss));
  }
  m_error->setCurves(errors);
  m_loss->setCurves(losses);
}

bool RunsPanel::exportCurves(const KeptRun& run, const QString& file) {
  constexpr std::uintmax_t kLargest = 256U << 20U;
  const auto table = readTextFile(run.record.files.runFolder / "curves.csv", kLargest);
  if (table && writeFileAtomically(file.toStdString(), *table)) return true;
  Q_EMIT problem(tr("The curves could not be written to %1.").arg(file));
  return false;
}

}  // namespace countersign::ui
