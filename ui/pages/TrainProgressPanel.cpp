// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/TrainProgressPanel.h"

#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/jobs/TrainingSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/ImageConversion.h"
#include "ui/support/Theme.h"
#include "ui/widgets/CurvePlot.h"
#include "ui/widgets/PairGallery.h"

namespace countersign::ui {

namespace {

/// Share of scores in each of the cells of an axis.
Curve histogramOf(const QString& name, const std::vector<float>& scores, float low, float high) {
  constexpr int kCells = 40;
  Curve curve{.name = name, .x = QVector<double>(kCells), .y = QVector<double>(kCells, 0.0)};
  const double width = (high - low) / kCells;
  for (int i = 0; i < kCells; ++i) curve.x[i] = low + (i + 0.5) * width;
  for (const float score : scores) {
    const auto cell = static_cast<int>((score - low) / width);
    curve.y[std::clamp(cell, 0, kCells - 1)] += 1.0 / static_cast<double>(scores.size());
  }
  return curve;
}

}  // namespace

TrainProgressPanel::TrainProgressPanel(TrainingSession& training, QWidget* parent)
    : QWidget(parent),
      m_training(training),
      m_title(new QLabel),
      m_text(new QLabel),
      m_bar(new QProgressBar),
      m_pause(new QPushButton(tr("&Pause"))),
      m_stop(new QPushButton(tr("&Cancel"))),
      m_loss(new CurvePlot(tr("Batch"), tr("Loss"))),
      m_error(new CurvePlot(tr("Batch"), tr("Development EER, %"))),
      m_scores(new CurvePlot(tr("Similarity"), tr("Pairs of the batch"), true)),
      m_mix(new CurvePlot(tr("Batch"), tr("Triplets, %"))),
      m_hardest(new PairGallery),
      m_advice(new QLabel) {
  build();
  connect(m_pause, &QPushButton::clicked, this,
          [this] { m_training.setPaused(!m_training.isPaused()); });
  connect(m_stop, &QPushButton::clicked, &m_training, &TrainingSession::stop);
  connect(&m_training, &TrainingSession::changed, this, &TrainProgressPanel::render);
  connect(&m_training, &TrainingSession::lookedAt, this, [this](int done, int total) {
    const QLocale locale;
    m_going = tr("Reading the images: %1 of %2").arg(locale.toString(done), locale.toString(total));
    m_bar->setRange(0, total);
    m_bar->setValue(done);
    render();
  });
  connect(&m_training, &TrainingSession::batchFinished, this, &TrainProgressPanel::showBatch);
  connect(&m_training, &TrainingSession::batchSeen, this, &TrainProgressPanel::showScores);
  connect(&m_training, &TrainingSession::epochFinished, this, &TrainProgressPanel::showEpoch);
  connect(&m_training, &TrainingSession::curveChanged, this, &TrainProgressPanel::renderCurves);
}

void TrainProgressPanel::build() {
  m_title->setFont(scaled(font(), 1.3, true));
  m_bar->setTextVisible(false);
  m_pause->setToolTip(tr("Waits after this batch, until you go on"));
  m_stop->setToolTip(tr("Stops after this batch; the run can go on from there later"));
  m_advice->setWordWrap(true);
  m_advice->setStyleSheet(QStringLiteral("color: %1").arg(colours().refer.name()));
  m_hardest->setAccessibleName(tr("Hardest pairs of the moment"));
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(m_title);
  words->addWidget(m_text);
  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addLayout(words, 1);
  top->addWidget(m_pause);
  top->addWidget(m_stop);
  auto* plots = new QGridLayout;
  plots->setSpacing(2 * kGrid);
  plots->addWidget(m_loss, 0, 0);
  plots->addWidget(m_error, 0, 1);
  plots->addWidget(m_scores, 1, 0);
  plots->addWidget(m_mix, 1, 1);
  auto* hardTitle = new QLabel(tr("Hardest pairs of the moment"));
  hardTitle->setProperty("look", "heading");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addLayout(top);
  layout->addWidget(m_bar);
  layout->addWidget(m_advice);
  layout->addLayout(plots, 4);
  layout->addWidget(hardTitle);
  layout->addWidget(m_hardest, 1);
}

void TrainProgressPanel::start() { m_pause->setFocus(); }

QString TrainProgressPanel::text() const { return m_text->text(); }

void TrainProgressPanel::render() {
  if (m_training.stage() != TrainingSession::Stage::Training || !m_training.run()) {
    m_isShown = false;
    return;
  }
  const auto& run = *m_training.run();
  if (!m_isShown) {
    m_isShown = true;
    m_going = tr("Reading the images");
    m_bar->setRange(0, 0);
    m_advice->clear();
    m_hardest->setItems({});
    m_scores->setCurves({});
    for (auto* plot : {m_loss, m_error, m_mix}) plot->setEnd(run.options.steps);
    renderCurves();
  }
  m_advice->setVisible(!m_advice->text().isEmpty());
  const bool isFineTuned = !run.files.startFrom.empty();
  m_title->setText(m_training.isStopping() ? tr("Stopping")
                   : m_training.isPaused() ? tr("Paused")
                   : isFineTuned           ? tr("Fine-tuning")
                                           : tr("Training"));
  m_text->setText(m_going);
  m_pause->setText(m_training.isPaused() ? tr("&Go on") : tr("&Pause"));
  m_pause->setEnabled(!m_training.isStopping());
  m_stop->setEnabled(!m_training.isStopping());
}

void TrainProgressPanel::showBatch(const BatchFinished& batch) {
  const QLocale locale;
  m_bar->setRange(0, static_cast<int>(batch.steps));
  m_bar->setValue(static_cast<int>(batch.step));
  m_going = tr("Batch %1 of %2  ·  %3 images a second  ·  %4 left")
                .arg(locale.toString(static_cast<qlonglong>(batch.step)),
                     locale.toString(static_cast<qlonglong>(batch.steps)),
                     locale.toString(std::lround(batch.imagesPerSecond)),
                     durationText(batch.secondsLeft));
  render();
}

void TrainProgressPanel::showScores(const BatchSeen& batch) {
  float low = 1;
  float high = 0;
  for (const auto* scores : {&batch.matedScores, &batch.skilledScores, &batch.randomScores}) {
    for (const float score : *scores) {
      low = std::min(low, score);
      high = std::max(high, score);
    }
  }
  if (high <= low) return;
  std::vector<Curve> curves;
  const auto add = [&](const QString& name, const std::vector<float>& scores) {
    if (!scores.empty()) curves.push_back(histogramOf(name, scores, low, high));
  };
  add(tr("same person"), batch.matedScores);
  add(tr("imitations"), batch.skilledScores);
  add(tr("other people"), batch.randomScores);
  m_scores->setCurves(curves);
  std::vector<PairGallery::Item> items;
  // Alternating, so that a narrow window shows some of both.
  std::vector<const HardPair*> pairs[2];
  for (const auto& pair : batch.hardest) pairs[pair.isMated ? 0 : 1].push_back(&pair);
  for (std::size_t i = 0; i < std::max(pairs[0].size(), pairs[1].size()); ++i) {
    for (const auto& some : pairs) {
      if (i >= some.size()) continue;
      const auto& pair = *some[i];
      items.push_back({canvasImage(pair.first), canvasImage(pair.second),
                       (pair.isMated ? tr("same person, only %1") : tr("different, yet %1"))
                           .arg(scoreText(pair.score)),
                       !pair.isMated});
    }
  }
  m_hardest->setItems(std::move(items));
}

void TrainProgressPanel::showEpoch(const EpochFinished& epoch) {
  for (const auto& sentence : epoch.advice) {
    const auto text = QString::fromStdString(sentence);
    m_advice->setText(m_advice->text().isEmpty() ? text : m_advice->text() + u'\n' + text);
  }
  render();
}

void TrainProgressPanel::renderCurves() {
  if (!m_training.run()) return;
  const auto& losses = m_training.run()->options.losses;
  std::vector<Curve> loss{{.name = tr("sum")}};
  if (losses.size() > 1) {
    for (const auto& term : losses)
      loss.push_back({.name = QString::fromStdString(term.kind), .isAside = true});
  }
  std::vector<Curve> error{{.name = tr("imitations")}, {.name = tr("other people")}};
  std::vector<Curve> mix{{.name = tr("easy")}, {.name = tr("hard")}, {.name = tr("semi-hard")}};
  const auto add = [](Curve& curve, const CurvePoint& point, std::optional<double> value) {
    if (!value) return;
    curve.x.push_back(static_cast<double>(point.step));
    curve.y.push_back(*value);
  };
  constexpr double kPercent = 100;
  const auto percent = [](std::optional<double> rate) {
    return rate ? std::optional(*rate * kPercent) : rate;
  };
  for (const auto& point : m_training.curves()) {
    add(loss[0], point, point.loss);
    for (std::size_t i = 1; i < loss.size() && i <= point.terms.size(); ++i)
      add(loss[i], point, point.terms[i - 1]);
    add(error[0], point, percent(point.developmentEer));
    add(error[1], point, percent(point.randomEer));
    add(mix[0], point, percent(point.easyTriplets));
    add(mix[1], point, percent(point.hardTriplets));
    add(mix[2], point, percent(point.semiHardTriplets));
  }
  m_loss->setCurves(loss);
  m_error->setCurves(error);
  m_mix->setCurves(mix);
}

}  // namespace countersign::ui
