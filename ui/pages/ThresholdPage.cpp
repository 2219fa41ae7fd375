// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/ThresholdPage.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <limits>

#include "ui/jobs/OfficeSession.h"
#include "ui/pages/OperatingPointPanel.h"
#include "ui/pages/ThresholdGoalPanel.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/ThresholdReport.h"
#include "ui/support/ThresholdViews.h"
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
      m_plots(new ThresholdPlots(session)),
      m_point(new OperatingPointPanel),
      m_goal(new ThresholdGoalPanel),
      m_blind(new QLabel),
      m_comparedText(new QLabel),
      m_stopComparing(new QPushButton(tr("Stop comparing"))),
      m_outdated(new QLabel),
      m_remeasure(new QPushButton(tr("Measure your people"))),
      m_weigh(new QPushButton),
      m_policy(new QPushButton(tr("Amounts, people, blind checks…"))) {
  m_source->addItem(tr("The network's card, several references"),
                    static_cast<int>(EvidenceSource::CardSeveral));
  m_source->addItem(tr("The network's card, one reference"),
                    static_cast<int>(EvidenceSource::CardSingle));
  m_source->addItem(tr("The people on file"), static_cast<int>(EvidenceSource::Store));
  m_source->addItem(tr("A list of comparisons…"), static_cast<int>(EvidenceSource::Table));
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
  columns->addWidget(m_plots, 1);
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
  connect(m_goal, &ThresholdGoalPanel::changed, this, [this] { m_plots->setGoal(m_goal->goal()); });
  connect(m_plots, &ThresholdPlots::thresholdDragged, this, &ThresholdPage::setThreshold);
  connect(m_plots, &ThresholdPlots::problem, this, &ThresholdPage::problem);
  connect(m_plots, &ThresholdPlots::notice, this, &ThresholdPage::notice);
  connect(&m_session, &OfficeSession::serviceChanged, this, &ThresholdPage::renderService);
  connect(&m_session, &OfficeSession::opened, this, &ThresholdPage::forgetEvidence);
  connect(&m_session, &OfficeSession::modalityChanged, this, [this] {
    forgetEvidence();
    m_blind->hide();
    if (isVisible()) loadBlindChecks();
  });
  connect(&m_session, &OfficeSession::peopleChanged, this, [this] {
    // Whoever came or went belongs to these trials.
    const bool isOwn = m_evidence && m_evidence->source == EvidenceSource::Store;
    if (isOwn || m_gathered == EvidenceSource::Store) forgetEvidence();
  });
  connect(&m_session, &OfficeSession::opening, this, &ThresholdPage::cancelGathering);
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
  layout->addWidget(buildComparison());
  layout->addStretch(1);
  m_outdated->setWordWrap(true);
  m_outdated->hide();
  m_remeasure->hide();
  layout->addWidget(m_outdated);
  layout->addWidget(m_remeasure);
  m_policy->setToolTip(
      tr("Thresholds that depend on the amount or on the person, and blind checks"));
  layout->addWidget(m_weigh);
  layout->addWidget(m_policy);
  auto* compare = new QPushButton(tr("Compare…"));
  compare->setToolTip(
      tr("Draw the curves of another network on the same trials, with the difference"));
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
    m_plots->showTrials(kind, isMatch ? m_threshold : -kNoLimit, isMatch ? kNoLimit : m_threshold);
  });
  connect(report, &QPushButton::clicked, this, &ThresholdPage::chooseReport);
  connect(m_policy, &QPushButton::clicked, this, &ThresholdPage::askPolicy);
  connect(m_weigh, &QPushButton::clicked, this, &ThresholdPage::weigh);
  connect(&m_session, &OfficeSession::decisionsChanged, this, [this] {
    if (isVisible()) loadBlindChecks();
  });
  connect(m_remeasure, &QPushButton::clicked, this, [this] { gather(EvidenceSource::Store); });
  connect(compare, &QPushButton::clicked, this, [this] {
    const auto file = QFileDialog::getOpenFileName(
        this, tr("Choose a network, or a table of its scores on the same trials"), {},
        tr("Networks and tables (*.safetensors *.csv);;All files (*)"));
    if (!file.isEmpty()) compareWith(file.toStdString());
  });
  scroll->setWidget(side);
  return scroll;
}

QWidget* ThresholdPage::buildComparison() {
  m_comparison = new QWidget;
  auto* layout = new QVBoxLayout(m_comparison);
  layout->setContentsMargins(0, kGrid, 0, 0);
  layout->setSpacing(kGrid);
  m_comparedText->setWordWrap(true);
  m_comparedText->setToolTip(tr(
      "EER: the rate at which misses and false matches are equally frequent. The interval of the "
      "difference draws the same people for both networks (95 %)."));
  layout->addWidget(m_comparedText);
  layout->addWidget(m_stopComparing);
  m_comparison->hide();
  connect(m_stopComparing, &QPushButton::clicked, this, &ThresholdPage::stopComparing);
  return m_comparison;
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
  m_plots->distributions()->setFocus();
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
  connect(dialog, &PolicyDialog::policyChosen, this,
          [this, dialog = QPointer(dialog),
           seen = std::make_shared<DecisionPolicy>(service->service.policy)](
              const DecisionPolicy& policy) {
            m_session.setPolicy(
                policy,
                [this, dialog, seen](const Status& status) {
                  // Whoever was told what somebody else wrote has seen that.
                  if (!status && status.error().code == ErrorCode::StoreConflict)
                    m_session.withDesk<NetworkInService>(
                        this, [](const Desk& desk) { return desk.service(); },
                        [seen](const Result<NetworkInService>& now) {
                          if (now) *seen = now->policy;
                        });
                  if (dialog && dialog->isVisible())
                    dialog->answered(status);
                  else if (!status)
                    Q_EMIT problem(QString::fromStdString(status.error().message));
                },
                *seen);
          });
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  // Thresholds of one network mean nothing for another.
  connect(&m_session, &OfficeSession::serviceChanged, dialog,
          [this, dialog, network = service->service.identity] {
            if (m_session.service() && m_session.service()->service.identity != network)
              dialog->reject();
          });
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
  const bool isOutdated = service && service->isOwnEvidenceOutdated && !isOwnShown;
  m_outdated->setText(isOwnInUse ? tr("References came or went since your people were measured.")
                                 : tr("Your people were measured with another network, whose "
                                      "threshold and figures mean nothing with this one."));
  m_outdated->setVisible(isOutdated);
  m_remeasure->setVisible(isOutdated);
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

QString ThresholdPage::comparison() const {
  return m_compared ? m_comparedText->text() : QString();
}

QString ThresholdPage::blindChecks() const { return m_blind->text(); }

QString ThresholdPage::provenance() const { return m_provenance->text(); }

QTableWidget* ThresholdPage::counts() const { return m_point->counts(); }

QPushButton* ThresholdPage::applyButton() const { return m_point->applyButton(); }

bool ThresholdPage::isWaiting() const { return m_body->currentWidget() == m_waiting; }

void ThresholdPage::chooseSource() {
  const auto source = static_cast<EvidenceSource>(m_source->currentData().toInt());
  if (source == EvidenceSource::Table) {
    const auto file = QFileDialog::getOpenFileName(
        this, tr("Choose a list of comparisons; one without scores is compared first"), {},
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

void ThresholdPage::compareWith(const std::filesystem::path& other) {
  using Compared = std::shared_ptr<const ComparedEvidence>;
  if (!m_evidence) return;
  stopComparing();
  m_session.withDeskLong<Compared>(
      this, tr("Comparing two networks on the same trials"),
      [evidence = m_evidence, other](const Desk& desk, const std::stop_token& stop,
                                     const JobQueue::Report& report) -> Result<Compared> {
        constexpr int kPercent = 100;
        return gatherCompared(desk, *evidence, other,
                              {stop, [&](int percent) { report(percent, kPercent); }});
      },
      [this, evidence = m_evidence](const Result<Compared>& compared) {
        if (evidence != m_evidence) return;
        if (!compared) {
          if (compared.error().code != ErrorCode::Cancelled)
            Q_EMIT problem(QString::fromStdString(compared.error().message));
          return;
        }
        m_compared = *compared;
        m_comparedText->setText(tr("Compared with %1, dotted:").arg(m_compared->name) + u'\n' +
                                comparedText(*m_compared));
        m_comparison->show();
        m_plots->show(m_evidence, m_compared, m_goal->goal());
        // Thresholds of two networks have no common scale; rates have.
        constexpr int kDet = static_cast<int>(ThresholdView::Det);
        if (m_plots->viewBox(0)->currentIndex() != kDet) m_plots->viewBox(1)->setCurrentIndex(kDet);
        m_plots->setThreshold(m_threshold);
        m_plots->showCurves();
      });
}

void ThresholdPage::stopComparing() {
  m_comparison->hide();
  if (!m_compared) return;
  m_compared.reset();
  if (!m_evidence) return;
  m_plots->show(m_evidence, nullptr, m_goal->goal());
  m_plots->setThreshold(m_threshold);
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
  // The source that was asked for stays chosen, though what is there was another one's.
  m_stop.request_stop();
  m_gathered.reset();
  m_evidence.reset();
  ++m_asked;
  // Nothing of another store may stay on the screen.
  m_provenance->clear();
  m_plots->clear();
  stopComparing();
  m_body->setCurrentWidget(m_nothing);
  const QSignalBlocker blocker(m_source);
  if (m_source->currentData().toInt() == static_cast<int>(EvidenceSource::Table))
    m_source->setCurrentIndex(0);
  if (const auto& service = m_session.service())
    m_threshold = service->service.rule.threshold.value;
  if (m_isShown && isVisible()) chooseSource();
}

void ThresholdPage::showEvidence(std::shared_ptr<const ThresholdEvidence> evidence) {
  if (m_evidence != evidence) stopComparing();  // other trials
  m_evidence = std::move(evidence);
  const QSignalBlocker blocker(m_source);
  m_source->setCurrentIndex(m_source->findData(static_cast<int>(m_evidence->source)));
  if (const auto& service = m_session.service())
    m_threshold = service->service.rule.threshold.value;
  m_goal->setKinds(!m_evidence->costs->skilledScores().empty(),
                   !m_evidence->costs->randomScores().empty());
  m_plots->showCurves();
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
  m_plots->show(m_evidence, m_compared, m_goal->goal());
  renderPoint();
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

void ThresholdPage::renderPoint() {
  renderWeighing();
  if (!m_evidence) return;
  m_plots->setThreshold(m_threshold);
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

bool ThresholdPage::saveReport(const QString& path) const {
  const auto& service = m_session.service();
  if (!m_evidence || !service) return false;
  return static_cast<bool>(
      writeThresholdPdf(path, {.evidence = *m_evidence,
                               .threshold = m_threshold,
                               .inForce = service->service.rule.threshold.value,
                               .networkName = service->networkName,
                               .compared = m_compared.get(),
                               .plots = m_plots->plots()}));
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
