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
                                                 const std::filesystem::path& folder) {
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
      const auto& sample = *samples[i * (samples.size() - 1) / std::max<std::size_t>(1, each - 1)];
      const auto canvas = readCanvas(folder / sample.path, Architecture{}.canvas);
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
                                                  const std::stop_token& stop,
                                                  const std::function<void(int, int)>& report) {
  auto detected = detectCorpus(folder);
  if (!detected) return detected.error();
  // One core stays free for who verifies meanwhile.
  const auto threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
  auto audit = auditCorpus(detected->manifest, folder, threads,
                           {stop, [&](const CorpusProgress& p) { report(p.done, p.total); }});
  if (!audit) return audit.error();
  auto found = std::make_shared<FoundCorpus>();
  found->folder = folder;
  found->layout = detected->layout;
  found->manifest = audit->usable;
  found->thumbnails = thumbnailsOf(audit->usable, folder);
  found->audit = *std::move(audit);
  return std::shared_ptr<const FoundCorpus>(found);
}

Result<NetworkComparison> compareOn(const EmbeddingNetwork& before, const EmbeddingNetwork& after,
                                    const TrainingFiles& files, const std::stop_token& stop,
                                    const std::function<void(int, int)>& report) {
  std::vector<ComparisonTrials> trials;
  if (!files.root.empty()) {
    const auto manifest = trainingManifest(files);
    auto heldOut = manifest ? heldOutTrials(*manifest, files.root) : std::nullopt;
    if (heldOut) trials.push_back(*std::move(heldOut));
  }
  auto invented = inventedTrials(stop);
  if (!invented) return invented.error();
  trials.push_back(*std::move(invented));
  return compareNetworks(before, after, trials,
                         {stop, [&](const EvaluationProgress& p) { report(p.done, p.total); }});
}

}  // namespace

TrainingSession::TrainingSession(OfficeSession& office, QObject* parent)
    : QObject(parent), m_office(office), m_gate(std::make_shared<Gate>()) {
  connect(&office, &OfficeSession::opened, this, &TrainingSession::reloadRuns);
  connect(&office, &OfficeSession::serviceChanged, this, &TrainingSession::settleService);
}

TrainingSession::~TrainingSession() = default;

bool TrainingSession::isPaused() const {
  const std::scoped_lock lock(m_gate->mutex);
  return m_gate->isClosed;
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
  if (m_stage == Stage::Training || m_stage == Stage::Looking || m_stage == Stage::Comparing)
    return;
  enter(Stage::Looking);
  using Found = std::shared_ptr<const FoundCorpus>;
  m_jobs.runLong<Found>(
      this, tr("Looking at the images"),
      [this, folder](const std::stop_token& stop, const JobQueue::Report& report) {
        yieldToOthers();
        return lookAt(folder, stop, [&](int done, int total) { report(done, total); });
      },
      [this](Result<Found> found) {
        if (!found) return fail(found.error(), m_corpus ? Stage::Found : Stage::Empty);
        m_corpus = *std::move(found);
        enter(Stage::Found);
      });
}

void TrainingSession::clear() {
  if (m_stage != Stage::Found && m_stage != Stage::Compared) return;
  m_corpus = nullptr;
  m_compared.reset();
  enter(Stage::Empty);
}

void TrainingSession::start(const TrainingOptions& options, bool isFineTuned) {
  if (m_stage != Stage::Found) return;
  TrainingFiles files{.root = m_corpus->folder, .command = "Train page"};
  if (isFineTuned) {
    const auto serving = m_office.servingNetwork();
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
  if (m_stage == Stage::Training || m_stage == Stage::Looking || m_stage == Stage::Comparing)
    return;
  train(run);
}

void TrainingSession::train(RunRecord run) {
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
      [this](const Result<TrainingReport>& report) {
        reloadRuns();
        const auto ended = *m_run;
        m_gate->set(false);
        if (!report) {
          if (report.error().code != ErrorCode::Cancelled)
            return fail(report.error(), m_corpus ? Stage::Found : Stage::Empty);
          enter(m_corpus ? Stage::Found : Stage::Empty);
          Q_EMIT notice(
              tr("Training was stopped. It can go on from where it was: choose it among "
                 "the runs."));
          return;
        }
        compare(ended.files.output, ended);
      });
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
  const auto serving = m_office.servingNetwork();
  if (!serving) return fail(serving.error(), m_corpus ? Stage::Found : Stage::Empty);
  TrainingFiles files;
  if (run) files = run->files;
  enter(Stage::Comparing);
  m_jobs.runLong<ComparedNetwork>(
      this, tr("Comparing networks"),
      [serving = serving->network, file, files, run](
          const std::stop_token& stop, const JobQueue::Report& report) -> Result<ComparedNetwork> {
        yieldToOthers();
        const auto network = EmbeddingNetwork::load(file);
        if (!network) return network.error();
        auto comparison = compareOn(*serving, *network, files, stop, report);
        if (!comparison) return comparison.error();
        if (run) {
          const auto kept = run->files.runFolder / "comparison.json";
          if (auto status = writeFileAtomically(kept, writeComparison(*comparison)); !status)
            return status.error();
        }
        return ComparedNetwork{file, network->identity(),
                               QString::fromStdString(network->card().name), *std::move(comparison),
                               run};
      },
      [this](Result<ComparedNetwork> compared) {
        if (!compared) return fail(compared.error(), m_corpus ? Stage::Found : Stage::Empty);
        m_compared = *std::move(compared);
        enter(Stage::Compared);
      });
}

void TrainingSession::putIntoService() {
  if (!m_compared) return;
  m_awaited = std::exchange(m_compared, std::nullopt);
  m_office.changeNetwork(m_awaited->file);
  enter(m_corpus ? Stage::Found : Stage::Empty);
}

void TrainingSession::settleService() {
  const auto& service = m_office.service();
  if (!m_awaited || !service || service->service.identity != m_awaited->identity) return;
  const auto settled = std::exchange(m_awaited, std::nullopt);
  if (!settled->run) return;
  if (const auto status = settleRun(settled->run->files.runFolder, RunState::InService); !status)
    Q_EMIT problem(QString::fromStdString(status.error().message));
  reloadRuns();
}

void TrainingSession::postpone() {
  m_compared.reset();
  enter(m_corpus ? Stage::Found : Stage::Empty);
}

void TrainingSession::discard() {
  if (!m_compared) return;
  const auto discarded = std::exchange(m_compared, std::nullopt);
  if (discarded->run) {
    if (const auto status = settleRun(discarded->run->files.runFolder, RunState::Discarded);
        !status)
      Q_EMIT problem(QString::fromStdString(status.error().message));
    reloadRuns();
  }
  enter(m_corpus ? Stage::Found : Stage::Empty);
}

void TrainingSession::reloadRuns() {
  using Runs = std::vector<KeptRun>;
  m_reading.run<Runs>(
      this,
      [folder = runsOfStore(m_office.folder())](const std::stop_token&) -> Result<Runs> {
        return keptRuns(folder);
      },
      [this](Result<Runs> runs) {
        m_runs = *std::move(runs);
        Q_EMIT runsChanged();
      });
}

}  // namespace countersign::ui
