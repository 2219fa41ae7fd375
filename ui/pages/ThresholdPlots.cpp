// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ThresholdPlots.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "core/base/File.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/ThresholdViews.h"
#include "ui/support/TrialPictures.h"
#include "ui/widgets/PairGallery.h"

namespace countersign::ui {

namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

}  // namespace

ThresholdPlots::ThresholdPlots(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_distributions(new EvidencePlot),
      m_lower(new QStackedWidget),
      m_galleryTitle(new QLabel),
      m_gallery(new PairGallery) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  auto* title = new QHBoxLayout;
  auto* hint = new QLabel(
      tr("Drag to try a threshold; click a bar to see its comparisons. Wheel zooms, a double click "
         "shows all."));
  hint->setProperty("look", "caption");
  hint->setWordWrap(true);
  title->addWidget(hint, 1);
  addExport(*title, m_distributions);
  layout->addLayout(title);
  layout->addWidget(m_distributions, 5);
  m_distributions->setPickable(true);
  m_lower->addWidget(buildCurves());
  m_lower->addWidget(buildTrials());
  layout->addWidget(m_lower, 6);
  for (auto* plot : plots()) {
    plot->setReadOut([this](double at) { return readOut(at); });
    connect(plot, &EvidencePlot::thresholdDragged, this, &ThresholdPlots::thresholdDragged);
  }
  connect(m_distributions, &EvidencePlot::picked, this, &ThresholdPlots::showBar);
}

void ThresholdPlots::addExport(QHBoxLayout& row, EvidencePlot* plot) {
  auto* button = new QToolButton;
  button->setText(tr("Save…"));
  button->setToolTip(tr("Save this plot as a picture or as a table"));
  button->setProperty("look", "button");
  row.addWidget(button);
  connect(button, &QToolButton::clicked, this, [this, plot] { exportPlot(plot); });
}

QWidget* ThresholdPlots::buildCurves() {
  auto* curves = new QWidget;
  auto* both = new QHBoxLayout(curves);
  both->setContentsMargins(0, 0, 0, 0);
  both->setSpacing(kGrid);
  int number = 0;
  for (auto& pane : m_panes) {
    pane = {new QComboBox, new EvidencePlot};
    pane.view->addItems(thresholdViewNames());
    pane.view->setCurrentIndex(number++);
    pane.view->setAccessibleName(tr("What is drawn"));
    auto* column = new QVBoxLayout;
    column->setSpacing(kGrid / 2);
    auto* head = new QHBoxLayout;
    head->addWidget(pane.view);
    head->addStretch(1);
    addExport(*head, pane.plot);
    column->addLayout(head);
    column->addWidget(pane.plot, 1);
    both->addLayout(column, 1);
    connect(pane.view, &QComboBox::currentIndexChanged, this, [this, &pane] { renderPane(pane); });
  }
  return curves;
}

QWidget* ThresholdPlots::buildTrials() {
  auto* trials = new QWidget;
  auto* trialLayout = new QVBoxLayout(trials);
  trialLayout->setContentsMargins(0, 0, 0, 0);
  auto* trialHead = new QHBoxLayout;
  m_galleryTitle->setWordWrap(true);
  auto* close = new QPushButton(tr("Back to the curves"));
  trialHead->addWidget(m_galleryTitle, 1);
  trialHead->addWidget(close);
  trialLayout->addLayout(trialHead);
  trialLayout->addWidget(m_gallery->scrolling(tr("Comparisons behind the count")), 1);
  connect(close, &QPushButton::clicked, this, &ThresholdPlots::showCurves);
  return trials;
}

void ThresholdPlots::showBar(double low, double high) {
  if (!m_evidence) return;
  const auto& evidence = m_evidence->known.evidence;
  struct Part {
    TrialKind kind;
    double low;
    double high;
  };
  const double passing = std::max(low, m_threshold);
  const double missed = std::min(high, m_threshold);
  const std::array parts{
      Part{TrialKind::Skilled, passing, high}, Part{TrialKind::Random, passing, high},
      Part{TrialKind::Genuine, low, missed},   Part{TrialKind::Genuine, low, high},
      Part{TrialKind::Skilled, low, high},     Part{TrialKind::Random, low, high}};
  const auto* shown = std::find_if(parts.begin(), parts.end(), [&](const Part& part) {
    return !worstTrials(evidence, part.kind, part.low, part.high, 1).empty();
  });
  if (shown != parts.end()) showTrials(shown->kind, shown->low, shown->high);
}

void ThresholdPlots::show(std::shared_ptr<const ThresholdEvidence> evidence,
                          std::shared_ptr<const ComparedEvidence> compared,
                          const ThresholdGoal& goal) {
  m_evidence = std::move(evidence);
  m_compared = std::move(compared);
  m_goal = goal;
  drawDistributions(*m_distributions, *m_evidence);
  for (const auto& pane : m_panes) renderPane(pane);
}

void ThresholdPlots::setGoal(const ThresholdGoal& goal) {
  m_goal = goal;
  for (const auto& pane : m_panes) renderPane(pane);
}

void ThresholdPlots::setThreshold(double threshold) {
  m_threshold = threshold;
  for (auto* plot : plots()) plot->setThreshold(threshold);
}

void ThresholdPlots::clear() {
  m_evidence.reset();
  m_compared.reset();
  m_gallery->setItems({});
}

void ThresholdPlots::showCurves() { m_lower->setCurrentIndex(0); }

QString ThresholdPlots::galleryTitle() const { return m_galleryTitle->text(); }

std::vector<EvidencePlot*> ThresholdPlots::plots() const {
  return {m_distributions, m_panes[0].plot, m_panes[1].plot};
}

void ThresholdPlots::renderPane(const Pane& pane) {
  if (!m_evidence) return;
  drawView(*pane.plot, static_cast<ThresholdView>(pane.view->currentIndex()), *m_evidence, m_goal,
           m_compared.get());
  pane.plot->setThreshold(m_threshold);
}

QString ThresholdPlots::readOut(double threshold) const {
  if (!m_evidence) return {};
  const auto costs = m_evidence->costs->at(threshold);
  QStringList lines{tr("τ %1").arg(thresholdText(threshold)),
                    tr("Own missed: %1").arg(rateText(costs.falseNonMatch))};
  if (costs.skilledFalseMatch.trials > 0)
    lines += tr("Forgeries passed: %1").arg(rateText(costs.skilledFalseMatch));
  if (costs.randomFalseMatch.trials > 0)
    lines += tr("Others passed: %1").arg(rateText(costs.randomFalseMatch));
  return lines.join(u'\n');
}

void ThresholdPlots::showTrials(TrialKind kind, double low, double high) {
  if (!m_evidence) return;
  constexpr std::size_t kMost = 12;
  const auto trials = worstTrials(m_evidence->known.evidence, kind, low, high, kMost);
  const QString names[] = {tr("own samples"), tr("forgeries"), tr("samples of other people")};
  const auto& name = names[static_cast<std::size_t>(kind)];
  m_lower->setCurrentIndex(1);
  m_gallery->setItems({});
  if (trials.empty()) {
    m_galleryTitle->setText(tr("No %1 there.").arg(name));
    return;
  }
  if (!m_evidence->known.hasSamples()) {
    m_galleryTitle->setText(
        tr("A network's card holds scores, not images: nobody's samples travel with it. Choose the "
           "people on file, or a table with its images, to see who is behind a count."));
    return;
  }
  const auto where = low == -kNoLimit ? tr("up to %1").arg(thresholdText(high))
                     : high == kNoLimit
                         ? tr("above %1").arg(thresholdText(low))
                         : tr("from %1 to %2").arg(thresholdText(low), thresholdText(high));
  m_galleryTitle->setText((trials.size() < kMost ? tr("All %1 %2 with a similarity %3")
                                                 : tr("The worst %1 %2 with a similarity %3"))
                              .arg(trials.size())
                              .arg(name, where));
  using Items = std::vector<PairGallery::Item>;
  m_session.withImages<Items>(
      this,
      [evidence = m_evidence, trials](const Desk& desk) -> Result<Items> {
        return trialPictures(desk, *evidence, trials);
      },
      [this, evidence = m_evidence](const Result<Items>& items) {
        if (evidence != m_evidence) return;
        if (items)
          m_gallery->setItems(*items);
        else
          Q_EMIT problem(QString::fromStdString(items.error().message));
      });
}

void ThresholdPlots::exportPlot(EvidencePlot* plot) {
  if (!m_evidence) return;
  const auto path = QFileDialog::getSaveFileName(
      this, tr("Save the plot"), QStringLiteral("countersign-plot.png"),
      tr("Picture (*.png);;Drawing (*.svg);;Table (*.csv)"));
  if (path.isEmpty()) return;
  const bool isSaved =
      path.endsWith(QStringLiteral(".csv"), Qt::CaseInsensitive)
          ? static_cast<bool>(writeFileAtomically(path.toStdString(), plot->csv().toStdString()))
      : path.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive) ? plot->saveSvg(path)
                                                                   : plot->savePng(path);
  if (isSaved)
    Q_EMIT notice(tr("Saved as %1.").arg(path));
  else
    Q_EMIT problem(tr("The plot could not be written to %1.").arg(path));
}

}  // namespace countersign::ui
