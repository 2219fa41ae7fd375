// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ThresholdPage.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "core/base/File.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/pages/OperatingPointPanel.h"
#include "ui/pages/ThresholdGoalPanel.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/ThresholdReport.h"
#include "ui/support/ThresholdViews.h"
#include "ui/support/TrialPictures.h"
#include "ui/widgets/PairGallery.h"
#include "ui/widgets/PolicyDialog.h"
#include "ui/widgets/WaitingPanel.h"

namespace countersign::ui {

namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

}  // namespace

ThresholdPage::ThresholdPage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_source(new QComboBox),
      m_provenance(new QLabel),
      m_body(new QStackedWidget),
      m_nothing(new QLabel(tr("There is nothing to show; choose another source."))),
      m_waiting(new WaitingPanel(tr("Working out what thresholds cost"))),
      m_distributions(new EvidencePlot),
      m_lower(new QStackedWidget),
      m_galleryTitle(new QLabel),
      m_gallery(new PairGallery),
      m_point(new OperatingPointPanel),
      m_goal(new ThresholdGoalPanel),
      m_blind(new QLabel),
      m_weigh(new QPushButton),
      m_policy(new QPushButton(tr("Amounts, people, blind checks…"))) {
  m_source->addItem(tr("The network's card, several references"),
                    static_cast<int>(EvidenceSource::CardSeveral));
  m_source->addItem(tr("The network's card, one reference"),
                    static_cast<int>(EvidenceSource::CardSingle));
  m_source->addItem(tr("The people on file"), static_cast<int>(EvidenceSource::Store));
  m_source->addItem(tr("A table of scored comparisons…"), static_cast<int>(EvidenceSource::Table));
  m_source->setAccessibleName(tr("What the figures rest on"));
  m_provenance->setWordWrap(true);
  m_provenance->setProperty("look", "caption");
  auto* sourceName = new QLabel(tr("&Rests on"));
  sourceName->setBuddy(m_source);
  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addWidget(sourceName);
  top->addWidget(m_source);
  top->addWidget(m_provenance, 1);

  auto* content = new QWidget;
  auto* columns = new QHBoxLayout(content);
  columns->setContentsMargins(0, 0, 0, 0);
  columns->setSpacing(2 * kGrid);
  columns->addWidget(buildPlots(), 1);
  columns->addWidget(buildSide());
  m_body->addWidget(m_waiting);
  m_body->addWidget(content);
  m_body->addWidget(m_nothing);
  m_nothing->setAlignment(Qt::AlignCenter);
  m_nothing->setProperty("look", "caption");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addLayout(top);
  layout->addWidget(m_body, 1);

  connect(m_source, &QComboBox::activated, this, &ThresholdPage::chooseSource);
  connect(m_waiting, &WaitingPanel::cancelled, this, &ThresholdPage::cancelGathering);
  connect(m_goal, &ThresholdGoalPanel::wanted, this, &ThresholdPage::findThreshold);
  connect(m_goal, &ThresholdGoalPanel::changed, this, [this] {
    if (m_evidence)
      for (const auto& pane : m_panes) renderPane(pane);
  });
  connect(&m_session, &OfficeSession::serviceChanged, this, &ThresholdPage::renderService);
  connect(&m_session, &OfficeSession::opened, this, &ThresholdPage::forgetEvidence);
  connect(&m_session, &OfficeSession::modalityChanged, this, &ThresholdPage::forgetEvidence);
  connect(&m_session, &OfficeSession::peopleChanged, this, [this] {
    // Whoever came or went belongs to these trials.
    const bool isOwn = m_evidence && m_evidence->source == EvidenceSource::Store;
    if (isOwn || m_gathered == EvidenceSource::Store) forgetEvidence();
  });
  connect(&m_session, &OfficeSession::opening, this, &ThresholdPage::cancelGathering);
}

QWidget* ThresholdPage::buildPlots() {
  auto* plots = new QWidget;
  auto* layout = new QVBoxLayout(plots);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  const auto addExport = [this](QHBoxLayout& row, EvidencePlot* plot) {
    auto* button = new QToolButton;
    button->setText(tr("Save…"));
    button->setToolTip(tr("Save this plot as a picture or as a table"));
    button->setProperty("look", "button");
    row.addWidget(button);
    connect(button, &QToolButton::clicked, this, [this, plot] { exportPlot(plot); });
  };
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
    connect(pane.view, &QComboBox::currentIndexChanged, this, [this, &pane] {
      if (m_evidence) renderPane(pane);
    });
  }
  for (auto* plot : {m_distributions, m_panes[0].plot, m_panes[1].plot}) {
    plot->setReadOut([this](double at) { return readOut(at); });
    connect(plot, &EvidencePlot::thresholdDragged, this, &ThresholdPage::setThreshold);
  }
  connect(m_distributions, &EvidencePlot::picked, this, [this](double low, double high) {
    if (!m_evidence) return;
    // Of a bar, those that err there; where none does, whoever is there.
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
  });

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
  connect(close, &QPushButton::clicked, m_lower, [this] { m_lower->setCurrentIndex(0); });
  m_lower->addWidget(curves);
  m_lower->addWidget(trials);
  layout->addWidget(m_lower, 6);
  return plots;
}

QWidget* ThresholdPage::buildSide() {
  auto* side = new QWidget;
  constexpr int kWidth = 300;
  side->setFixedWidth(kWidth);
  auto* scroll = new QScrollArea;  // for a small window with a message in it
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setFixedWidth(kWidth + 2 * kGrid);
  auto* layout = new QVBoxLayout(side);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(m_point);
  auto* title = new QLabel(tr("Choose by"));
  title->setFont(scaled(font(), 1.15, true));
  layout->addSpacing(kGrid);
  layout->addWidget(title);
  layout->addWidget(m_goal);
  m_blind->setWordWrap(true);
  m_blind->setToolTip(
      tr("Checks in which the clerk answered before the program. What was recorded in the end "
         "stands for the truth, which favours whom the clerk believed."));
  m_blind->hide();
  layout->addWidget(m_blind);
  layout->addStretch(1);
  m_policy->setToolTip(
      tr("Thresholds that depend on the amount or on the person, and blind checks"));
  layout->addWidget(m_weigh);
  layout->addWidget(m_policy);
  auto* compare = new QPushButton(tr("Compare…"));
  compare->setToolTip(tr("Compare another network with the one in service, on the same trials"));
  auto* report = new QPushButton(tr("Save report…"));
  report->setToolTip(tr("One page with the curves, the figures and what they rest on (PDF)"));
  auto* actions = new QHBoxLayout;
  actions->addWidget(compare, 1);
  actions->addWidget(report);
  layout->addLayout(actions);

  connect(m_point, &OperatingPointPanel::thresholdChanged, this, &ThresholdPage::setThreshold);
  connect(m_point, &OperatingPointPanel::backWanted, this, [this] {
    if (const auto& service = m_session.service())
      setThreshold(service->service.rule.threshold.value);
  });
  connect(m_point, &OperatingPointPanel::applyWanted, this, [this] {
    if (const auto& service = m_session.service())
      m_session.setRule({{m_threshold}, service->service.rule.band});
  });
  connect(m_point, &OperatingPointPanel::countChosen, this, [this](TrialKind kind, bool isMatch) {
    showTrials(kind, isMatch ? m_threshold : -kNoLimit, isMatch ? kNoLimit : m_threshold);
  });
  connect(report, &QPushButton::clicked, this, &ThresholdPage::chooseReport);
  connect(m_policy, &QPushButton::clicked, this, &ThresholdPage::askPolicy);
  connect(m_weigh, &QPushButton::clicked, this, &ThresholdPage::weigh);
  connect(&m_session, &OfficeSession::decisionsChanged, this, [this] {
    if (isVisible()) loadBlindChecks();
  });
  connect(compare, &QPushButton::clicked, this, [this] {
    const auto file = QFileDialog::getOpenFileName(this, tr("Choose a network"), {},
                                                   tr("Networks (*.safetensors);;All files (*)"));
    if (!file.isEmpty()) Q_EMIT comparisonWanted(file);
  });
  scroll->setWidget(side);
  return scroll;
}

void ThresholdPage::start() {
  m_isShown = true;
  // A table is asked for by the one who chooses it, not by whoever comes to the page.
  if (!m_evidence && !m_gathered) {
    if (m_source->currentData().toInt() == static_cast<int>(EvidenceSource::Table)) {
      const QSignalBlocker blocker(m_source);
      m_source->setCurrentIndex(0);
    }
    chooseSource();
  }
  loadBlindChecks();
  m_distributions->setFocus();
}

void ThresholdPage::loadBlindChecks() {
  m_session.withDesk<BlindChecks>(
      this,
      [](const Desk& desk) -> Result<BlindChecks> {
        const auto decisions = desk.repository().decisions();
        if (!decisions) return decisions.error();
        return countersign::blindChecks(*decisions, desk.modality(), desk.network().identity());
      },
      [this](const Result<BlindChecks>& checks) {
        m_blind->setText(checks ? blindText(*checks) : QString());
        m_blind->setVisible(!m_blind->text().isEmpty());
      });
}

void ThresholdPage::askPolicy() {
  const auto& service = m_session.service();
  if (!service) return;
  auto* dialog = new PolicyDialog(service->service, service->range, service->several,
                                  m_session.isWritable(), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &PolicyDialog::policyChosen, &m_session, &OfficeSession::setPolicy);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);  // another network's
  dialog->open();
}

void ThresholdPage::weigh() {
  const auto& service = m_session.service();
  if (!service || !m_evidence) return;
  if (service->service.ownEvidence > 0 && m_evidence->source != EvidenceSource::Store)
    m_session.weighByCard();
  else
    m_session.weighByOwnPeople(m_evidence->known.evidence, m_evidence->known.references,
                               m_evidence->known.network);
}

void ThresholdPage::renderWeighing() {
  const auto& service = m_session.service();
  const bool isOwnShown = m_evidence && m_evidence->source == EvidenceSource::Store;
  const bool isOwnInUse = service && service->service.ownEvidence > 0;
  m_weigh->setVisible(isOwnShown || isOwnInUse);
  m_weigh->setEnabled(m_session.isWritable());
  m_weigh->setText(!isOwnShown  ? tr("Weigh verdicts by the card again")
                   : isOwnInUse ? tr("Weigh verdicts by these, anew")
                                : tr("Weigh verdicts by your people"));
  m_weigh->setToolTip(
      tr("The rates and likelihood ratios on the Verify page then rest on the people "
         "on file as they are now; at least %1 with two references are needed")
          .arg(Desk::kFewestOwnPeople));
}

QString ThresholdPage::galleryTitle() const { return m_galleryTitle->text(); }

QString ThresholdPage::blindChecks() const { return m_blind->text(); }

QString ThresholdPage::provenance() const { return m_provenance->text(); }

QTableWidget* ThresholdPage::counts() const { return m_point->counts(); }

QPushButton* ThresholdPage::applyButton() const { return m_point->applyButton(); }

bool ThresholdPage::isWaiting() const { return m_body->currentWidget() == m_waiting; }

void ThresholdPage::chooseSource() {
  const auto source = static_cast<EvidenceSource>(m_source->currentData().toInt());
  if (source == EvidenceSource::Table) {
    const auto file =
        QFileDialog::getOpenFileName(this, tr("Choose a table that “evaluate --scores” wrote"), {},
                                     tr("Tables (*.csv);;All files (*)"));
    if (file.isEmpty()) {
      const QSignalBlocker blocker(m_source);
      m_source->setCurrentIndex(m_source->findData(
          static_cast<int>(m_evidence ? m_evidence->source : EvidenceSource::CardSeveral)));
      if (!m_evidence) gather(EvidenceSource::CardSeveral);
      return;
    }
    m_table = file.toStdString();
  }
  gather(source);
}

void ThresholdPage::useTable(const std::filesystem::path& table) {
  m_table = table;
  const QSignalBlocker blocker(m_source);
  m_source->setCurrentIndex(m_source->findData(static_cast<int>(EvidenceSource::Table)));
  gather(EvidenceSource::Table);
}

void ThresholdPage::gather(EvidenceSource source) {
  using Evidence = std::shared_ptr<const ThresholdEvidence>;
  if (!m_session.isOpen()) return;
  cancelGathering();
  m_gathered = source;
  m_stop = std::stop_source();
  m_provenance->clear();
  m_waiting->begin(false);
  m_body->setCurrentWidget(m_waiting);
  m_session.withDeskLong<Evidence>(
      this, tr("Working out what thresholds cost"),
      [source, table = m_table, own = m_stop.get_token()](
          const Desk& desk, const std::stop_token& stop,
          const JobQueue::Report& report) -> Result<Evidence> {
        // Stopped by the job bar, or by this page, whose job may still wait behind another one.
        std::stop_source either;
        const std::stop_callback first(stop, [&] { either.request_stop(); });
        const std::stop_callback second(own, [&] { either.request_stop(); });
        if (either.stop_requested())
          return Error{ErrorCode::Cancelled, "The evidence was not worked out.", ""};
        constexpr int kPercent = 100;
        return gatherEvidence(desk, source, table, {either.get_token(), [&](int percent) {
                                                      report(percent, kPercent);
                                                    }});
      },
      [this, asked = ++m_asked](const Result<Evidence>& evidence) {
        if (asked != m_asked) return;
        m_gathered.reset();
        if (evidence) {
          showEvidence(*evidence);
          return;
        }
        if (evidence.error().code != ErrorCode::Cancelled)
          Q_EMIT problem(QString::fromStdString(evidence.error().message));
        showWhatIsThere();
      });
}

void ThresholdPage::cancelGathering() {
  m_stop.request_stop();
  if (!m_gathered) return;
  m_gathered.reset();
  ++m_asked;
  showWhatIsThere();
}

void ThresholdPage::showWhatIsThere() {
  if (m_evidence)
    showEvidence(m_evidence);
  else
    m_body->setCurrentWidget(m_nothing);
}

void ThresholdPage::forgetEvidence() {
  cancelGathering();
  m_evidence.reset();
  ++m_asked;
  // Nothing of another store may stay on the screen.
  m_provenance->clear();
  m_gallery->setItems({});
  m_body->setCurrentWidget(m_nothing);
  const QSignalBlocker blocker(m_source);
  if (m_source->currentData().toInt() == static_cast<int>(EvidenceSource::Table))
    m_source->setCurrentIndex(0);
  if (const auto& service = m_session.service())
    m_threshold = service->service.rule.threshold.value;
  if (m_isShown && isVisible()) chooseSource();
}

void ThresholdPage::showEvidence(std::shared_ptr<const ThresholdEvidence> evidence) {
  m_evidence = std::move(evidence);
  const QSignalBlocker blocker(m_source);
  m_source->setCurrentIndex(m_source->findData(static_cast<int>(m_evidence->source)));
  if (const auto& service = m_session.service())
    m_threshold = service->service.rule.threshold.value;
  m_goal->setKinds(!m_evidence->costs->skilledScores().empty(),
                   !m_evidence->costs->randomScores().empty());
  m_lower->setCurrentIndex(0);
  m_body->setCurrentIndex(1);
  render();
}

void ThresholdPage::renderService() {
  const auto& service = m_session.service();
  if (!service) return;
  // The evidence of another network says nothing about the one that serves now.
  if (m_evidence && m_evidence->source != EvidenceSource::Table &&
      m_evidence->known.network != service->service.identity) {
    forgetEvidence();
    return;
  }
  renderPoint();
}

void ThresholdPage::render() {
  m_provenance->setText(provenanceText(*m_evidence));
  drawDistributions(*m_distributions, *m_evidence);
  for (const auto& pane : m_panes) renderPane(pane);
  renderPoint();
}

void ThresholdPage::renderPane(const Pane& pane) {
  drawView(*pane.plot, static_cast<ThresholdView>(pane.view->currentIndex()), *m_evidence,
           m_goal->goal());
  pane.plot->setThreshold(m_threshold);
}

void ThresholdPage::setThreshold(double threshold) {
  if (!m_evidence) return;
  const auto& curve = m_evidence->curve;
  double lowest = curve.front().threshold;
  double highest = curve.back().threshold;
  if (const auto& service = m_session.service()) {
    // Any τ that the network may have can be tried, not only those among these scores.
    lowest = std::min(lowest, service->range.lowest);
    highest = std::max(highest, service->range.highest);
  }
  m_threshold = std::clamp(threshold, lowest, highest);
  renderPoint();
}

QString ThresholdPage::readOut(double threshold) const {
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

void ThresholdPage::renderPoint() {
  renderWeighing();
  if (!m_evidence) return;
  for (auto* plot : {m_distributions, m_panes[0].plot, m_panes[1].plot})
    plot->setThreshold(m_threshold);
  const auto& service = m_session.service();
  m_point->showPoint(*m_evidence, m_threshold,
                     service ? std::optional(service->service) : std::nullopt,
                     m_session.isWritable());
}

void ThresholdPage::findThreshold() {
  if (!m_evidence) return;
  const auto choice = chooseThreshold(*m_evidence->costs, m_goal->goal());
  m_goal->showChoice(choice);
  if (choice) setThreshold(choice->threshold);
}

void ThresholdPage::showTrials(TrialKind kind, double low, double high) {
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

void ThresholdPage::exportPlot(EvidencePlot* plot) {
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

bool ThresholdPage::saveReport(const QString& path) const {
  const auto& service = m_session.service();
  if (!m_evidence || !service) return false;
  return static_cast<bool>(
      writeThresholdPdf(path, {.evidence = *m_evidence,
                               .threshold = m_threshold,
                               .inForce = service->service.rule.threshold.value,
                               .networkName = service->networkName,
                               .plots = {m_distributions, m_panes[0].plot, m_panes[1].plot}}));
}

void ThresholdPage::chooseReport() {
  if (!m_evidence) return;
  const auto path = QFileDialog::getSaveFileName(
      this, tr("Save the report"), QStringLiteral("countersign-threshold.pdf"), tr("PDF (*.pdf)"));
  if (path.isEmpty()) return;
  if (saveReport(path))
    Q_EMIT notice(tr("Saved as %1.").arg(path));
  else
    Q_EMIT problem(tr("The report could not be written to %1.").arg(path));
}

}  // namespace countersign::ui
