// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/TrainingSession.h"

#include <QElapsedTimer>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/base/Background.h"
#include "core/base/File.h"
#include "core/training/TrainingCorpus.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/ImageConversion.h"

namespace countersign::ui {

/// Where a paused training waits: between two batches, until it may go on or has to stop.
struct TrainingSession::Gate {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool isClosed = false;

  void set(bool isPaused) {
    {
      const std::scoped_lock lock(mutex);
      isClosed = isPaused;
    }
    changed.notify_all();
  }
  void pass(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    changed.wait(lock, stop, [this] { return !isClosed; });
  }
};

namespace {

constexpr std::size_t kThumbnails = 24;

/// A few samples of as many people as possible, genuine ones first.
std::vector<FoundCorpus::Thumbnail> thumbnailsOf(const CorpusManifest& manifest,
                                                 const std::filesystem::path& folder,
                                                 const SampleReader& reader) {
  std::map<std::string, std::vector<const SampleRecord*>> people;
  for (const auto label : {SampleLabel::Genuine, SampleLabel::SkilledForgery}) {
    for (const auto& sample : manifest.samples)
      if (sample.label == label) people[sample.subject].push_back(&sample);
  }
  std::vector<FoundCorpus::Thumbnail> thumbnails;
  const std::size_t each =
      std::max<std::size_t>(2, kThumbnails / std::max<std::size_t>(1, people.size()));
  for (const auto& [subject, samples] : people) {
    if (thumbnails.size() >= kThumbnails) break;
    for (std::size_t i = 0; i < std::min(each, samples.size()); ++i) {
      // The first and the last: where there are forgeries, one of each.
      const auto count = std::min(each, samples.size());
      const auto& sample = *samples[i * (samples.size() - 1) / std::max<std::size_t>(1, count - 1)];
      const auto canvas = readCanvas(folder / sample.path, reader);
      if (!canvas) continue;
      auto caption = QString::fromStdString(subject);
      if (sample.label == SampleLabel::SkilledForgery)
        caption = TrainingSession::tr("%1, forged").arg(caption);
      thumbnails.push_back({canvasImage(*canvas), caption});
    }
  }
  return thumbnails;
}

Result<std::shared_ptr<const FoundCorpus>> lookAt(const std::filesystem::path& folder,
                                                  const EmbeddingNetwork& network,
                                                  const std::stop_token& stop,
                                                  const std::function<void(int, int)>& report) {
  const auto reader = network.reader();
  if (!reader) return reader.error();
  auto detected = detectCorpus(folder);
  if (!detected) return detected.error();
  // One core stays free for who verifies meanwhile.
  const auto threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
  auto audit = auditCorpus(detected->manifest, folder, *reader, threads,
                           {stop, [&](const CorpusProgress& p) { report(p.done, p.total); }});
  if (!audit) return audit.error();
  auto found = std::make_shared<FoundCorpus>();
  found->folder = folder;
  found->modality = network.card().modality;
  found->layout = detected->layout;
  found->manifest = audit->usable;
  found->thumbnails = thumbnailsOf(audit->usable, folder, *reader);
  found->audit = *std::move(audit);
  return std::shared_ptr<const FoundCorpus>(found);
}

/// Whose signatures two networks are compared on.
struct ComparisonCorpus {
  TrainingFiles files;                       ///< Of a run; without a root: of none.
  std::shared_ptr<const FoundCorpus> found;  ///< Of the folder that was looked at, without a run.
};

Result<NetworkComparison> compareOn(const EmbeddingNetwork& before, const EmbeddingNetwork& after,
                                    const ComparisonCorpus& corpus, const std::stop_token& stop,
                                    const std::function<void(int, int)>& report) {
  std::vector<ComparisonTrials> trials;
  if (!corpus.files.root.empty()) {
    const auto manifest = trainingManifest(corpus.files);
    if (!manifest) return manifest.error();
    if (auto heldOut = heldOutTrials(*manifest, corpus.files.root))
      trials.push_back(*std::move(heldOut));
  } else if (corpus.found) {
    if (auto heldOut = heldOutTrials(corpus.found->manifest, corpus.found->folder))
      trials.push_back(*std::move(heldOut));
  }
  auto invented = inventedTrials(after.card().modality, stop);
  if (!invented) return invented.error();
  trials.push_back(*std::move(invented));
  return compareNetworks(before, after, trials,
                         {stop, [&](const EvaluationProgress& p) { report(p.done, p.total); }});
}

/// What the held-out people show goes with the network, so that its threshold has its costs beside
/// it. Invented people say nothing about anybody's threshold.
Status recordHeldOut(const std::filesystem::path& network, const NetworkComparison& comparison) {
  for (const auto& list : comparison.lists) {
    if (!list.isInvented)
      return recordInCard(network, std::string(kOwnPeople) + "-1ref", "Train page: " + list.name,
                          list.after);
  }
  return ok();
}

}  // namespace

TrainingSession::TrainingSession(OfficeSession& office, QObject* parent)
    : QObject(parent), m_office(office), m_gate(std::make_shared<Gate>()) {
  connect(&office, &OfficeSession::opened, this, &TrainingSession::reloadRuns);
  connect(&office, &OfficeSession::opening, this, &TrainingSession::leaveStore);
  connect(&office, &OfficeSession::modalityChanged, this, &TrainingSession::leaveModality);
}

TrainingSession::~TrainingSession() = default;

bool TrainingSession::isPaused() const {
  const std::scoped_lock lock(m_gate->mutex);
  return m_gate->isClosed;
}

bool TrainingSession::mayChange() const { return !isBusy() && m_office.isWritable(); }

bool TrainingSession::isBusy() const {
  return m_stage == Stage::Looking || m_stage == Stage::Training || m_stage == Stage::Comparing ||
         m_isPromoting;
}

void TrainingSession::leaveStore() {
  // A comparison is one with the network of the store that is left. Training goes on.
  m_isPromoting = false;
  if (m_stage == Stage::Comparing) return stop();
  if (m_stage == Stage::Compared) postpone();
}

void TrainingSession::leaveModality() {
  const bool isForeign = m_corpus && m_corpus->modality != m_office.modality();
  if (isForeign) m_corpus = nullptr;
  if (m_stage == Stage::Looking) return stop();
  if (isForeign && m_stage == Stage::Found) enter(Stage::Empty);
}

void TrainingSession::enter(Stage stage) {
  m_stage = stage;
  m_isStopping = false;
  Q_EMIT changed();
}

void TrainingSession::fail(const Error& error, Stage back) {
  enter(back);
  if (error.code == ErrorCode::Cancelled)
    Q_EMIT notice(QString::fromStdString(error.message));
  else
    Q_EMIT problem(QString::fromStdString(error.message));
}

void TrainingSession::look(const std::filesystem::path& folder) {
  if (isBusy()) return;
  const auto serving = m_office.servingNetwork(m_office.modality());
  if (!serving) return fail(serving.error(), restingStage());
  enter(Stage::Looking);
  using Found = std::shared_ptr<const FoundCorpus>;
  m_jobs.runLong<Found>(
      this, tr("Looking at the images"),
      [folder, network = serving->network](const std::stop_token& stop,
                                           const JobQueue::Report& report) {
        yieldToOthers();
        return lookAt(folder, *network, stop, [&](int done, int total) { report(done, total); });
      },
      [this](Result<Found> found) {
        if (!found) return fail(found.error(), restingStage());
        // It may have been finished just when the other kind was chosen.
        if ((*found)->modality != m_office.modality()) return enter(restingStage());
        m_corpus = *std::move(found);
        enter(Stage::Found);
      });
}

void TrainingSession::clear() {
  if (isBusy()) return;
  m_corpus = nullptr;
  m_compared.reset();
  enter(Stage::Empty);
}

void TrainingSession::start(const TrainingOptions& options, bool isFineTuned) {
  if (m_stage != Stage::Found) return;
  TrainingFiles files{.root = m_corpus->folder, .command = "Train page"};
  if (isFineTuned) {
    const auto serving = m_office.servingNetwork(m_corpus->modality);
    if (!serving) return fail(serving.error(), m_stage);
    files.startFrom = serving->file;
  }
  const auto runs = runsOfStore(m_office.folder());
  auto planned = planRun(runs, options, files, systemTime());
  if (!planned) return fail(planned.error(), m_stage);
  // Exactly what was shown is trained on, also when the folder changes before it is resumed.
  planned->files.manifest = planned->files.runFolder / "manifest.csv";
  auto status = writeFileAtomically(planned->files.manifest, writeManifest(m_corpus->manifest));
  if (status) status = writeRunRecord(*planned);
  if (!status) return fail(status.error(), m_stage);
  train(*std::move(planned));
}

void TrainingSession::resume(const RunRecord& run) {
  if (isBusy() || !m_office.isWritable()) return;
  train(run);
}

void TrainingSession::train(RunRecord run) {
  if (std::error_code failure; !std::filesystem::is_directory(run.files.root, failure)) {
    Q_EMIT problem(tr("The folder %1 is gone. Connect or restore it, and try again.")
                       .arg(QString::fromStdString(run.files.root.string())));
    return enter(restingStage());
  }
  m_run = std::move(run);
  m_curves = readCurves(m_run->files.runFolder);
  m_compared.reset();
  m_gate->set(false);
  enter(Stage::Training);
  auto files = m_run->files;
  files.isResumed = true;
  m_jobs.runWatched<TrainingEvent, TrainingReport>(
      this, tr("Training"),
      [files, options = m_run->options, gate = m_gate](
          const std::stop_token& stop, const JobQueue::Report& report,
          const std::function<void(const TrainingEvent&)>& emitEvent) {
        yieldToOthers();
        QElapsedTimer sinceBatch;
        return countersign::train(
            options, files,
            {stop, [&](const TrainingEvent& event) {
               if (const auto* batch = std::get_if<BatchFinished>(&event)) {
                 report(static_cast<int>(batch->step), static_cast<int>(batch->steps));
                 constexpr qint64 kInterval = 100;  // ms
                 const bool isDue = !sinceBatch.isValid() || sinceBatch.elapsed() > kInterval;
                 if (isDue) {
                   sinceBatch.start();
                   emitEvent(event);
                 }
                 gate->pass(stop);
                 return;
               }
               emitEvent(event);
             }});
      },
      [this](const TrainingEvent& event) { see(event); },
      [this, ended = *m_run](const Result<TrainingReport>& report) {
        reloadRuns();
        m_gate->set(false);
        enter(restingStage());
        if (!report) return explainEnd(report.error());
        if (runsOfStore(m_office.folder()) == ended.files.runFolder.parent_path()) {
          const auto record = readRunRecord(ended.files.runFolder);  // with its result
          return compare(ended.files.output, record ? *record : ended);
        }
        Q_EMIT notice(
            tr("Training has ended. Its network is among the runs of the store that it "
               "was started from."));
      });
}

void TrainingSession::explainEnd(const Error& error) {
  if (error.code == ErrorCode::Cancelled)
    Q_EMIT notice(
        tr("Training was stopped. It can go on from where it was: choose it among the "
           "runs."));
  else if (error.code == ErrorCode::OptionOutOfRange && !m_curves.empty())
    Q_EMIT problem(
        tr("The images have changed since this run began, so it cannot go on. Look at "
           "the folder again and start a new run."));
  else
    Q_EMIT problem(QString::fromStdString(error.message));
}

void TrainingSession::see(const TrainingEvent& event) {
  if (const auto* progress = std::get_if<CorpusProgress>(&event)) {
    Q_EMIT lookedAt(progress->done, progress->total);
  } else if (const auto* batch = std::get_if<BatchFinished>(&event)) {
    Q_EMIT batchFinished(*batch);
  } else if (const auto* point = std::get_if<CurvePoint>(&event)) {
    // A run that goes on from a checkpoint makes some points anew.
    std::erase_if(m_curves, [&](const CurvePoint& p) { return p.step >= point->step; });
    m_curves.push_back(*point);
    Q_EMIT curveChanged();
  } else if (const auto* seen = std::get_if<BatchSeen>(&event)) {
    Q_EMIT batchSeen(*seen);
  } else if (const auto* epoch = std::get_if<EpochFinished>(&event)) {
    Q_EMIT epochFinished(*epoch);
  }
}

void TrainingSession::setPaused(bool isPaused) {
  if (m_stage != Stage::Training) return;
  m_gate->set(isPaused);
  Q_EMIT changed();
}

void TrainingSession::stop() {
  if (m_stage != Stage::Training && m_stage != Stage::Looking && m_stage != Stage::Comparing)
    return;
  m_isStopping = true;
  m_jobs.cancelRunning();
  Q_EMIT changed();
}

void TrainingSession::compare(const std::filesystem::path& file,
                              const std::optional<RunRecord>& run) {
  if (isBusy()) {
    Q_EMIT notice(tr("Training is at work. Compare networks when it has ended."));
    return;
  }
  auto findServing =
      m_office.findServingNetwork(run ? run->options.architecture.modality() : m_office.modality());
  ComparisonCorpus corpus{.files = {}, .found = m_corpus};
  if (run) corpus = {.files = run->files, .found = nullptr};
  m_compared.reset();
  enter(Stage::Comparing);
  m_jobs.runLong<ComparedNetwork>(
      this, tr("Comparing networks"),
      [findServing = std::move(findServing), file, corpus, run](
          const std::stop_token& stop, const JobQueue::Report& report) -> Result<ComparedNetwork> {
        yieldToOthers();
        const auto serving = findServing();
        if (!serving) return serving.error();
        const auto network = EmbeddingNetwork::load(file);
        if (!network) return network.error();
        auto comparison = compareOn(*serving->network, *network, corpus, stop, report);
        if (!comparison) return comparison.error();
        if (run) {
          const auto kept = run->files.runFolder / "comparison.json";
          if (auto status = writeFileAtomically(kept, writeComparison(*comparison)); !status)
            return status.error();
          if (auto status = recordHeldOut(file, *comparison); !status) return status.error();
        }
        // A run without anybody to judge by leaves ½, which means nothing.
        const bool isMeasured =
            !run || (run->result && (run->result->developmentEer || run->result->randomEer));
        return ComparedNetwork{.file = file,
                               .identity = network->identity(),
                               .name = QString::fromStdString(network->card().name),
                               .modality = network->card().modality,
                               .serving = QString::fromStdString(serving->network->card().name),
                               .comparison = *std::move(comparison),
                               .initial = initialRule(*network),
                               .isThresholdMeasured = isMeasured,
                               .run = run};
      },
      [this](Result<ComparedNetwork> compared) {
        if (!compared) return fail(compared.error(), restingStage());
        m_compared = *std::move(compared);
        enter(Stage::Compared);
      });
}

void TrainingSession::putIntoService() {
  if (!m_compared || isBusy() || !m_compared->isThresholdMeasured) return;
  const auto serving = m_office.servingNetwork(m_compared->modality);
  if (!serving || serving->network->identity() != m_compared->comparison.before) {
    Q_EMIT problem(tr("Another network has been put into service since. Compare once more."));
    return postpone();
  }
  m_isPromoting = true;
  Q_EMIT changed();
  m_office.changeNetwork(m_compared->file, [this](const Status& status) {
    m_isPromoting = false;
    if (!status || !m_compared) return enter(m_stage);  // the choice is still there
    if (m_compared->run) settle(*m_compared->run, RunState::InService);
    postpone();
  });
}

void TrainingSession::settle(const RunRecord& run, RunState state) {
  if (const auto status = settleRun(run.files.runFolder, state); !status)
    Q_EMIT problem(QString::fromStdString(status.error().message));
  reloadRuns();
}

void TrainingSession::postpone() {
  m_compared.reset();
  enter(restingStage());
}

void TrainingSession::discard() {
  if (!m_compared || m_isPromoting) return;
  if (m_compared->run) settle(*m_compared->run, RunState::Discarded);
  postpone();
}

void TrainingSession::discardRun(const RunRecord& run) {
  if (!isBusy() && m_office.isWritable()) settle(run, RunState::Discarded);
}

void TrainingSession::reloadRuns() {
  using Runs = std::vector<KeptRun>;
  m_reading.run<Runs>(
      this,
      [folder = runsOfStore(m_office.folder())](const std::stop_token&) -> Result<Runs> {
        return keptRuns(folder);
      },
      [this](Result<Runs> runs) {
        if (!runs) return;
        m_runs = *std::move(runs);
        Q_EMIT runsChanged();
      });
}

}  // namespace countersign::ui
