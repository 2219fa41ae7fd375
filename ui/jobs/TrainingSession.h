// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <memory>
#include <optional>
#include <vector>

#include "core/biometrics/ComparisonScore.h"
#include "core/corpus/CorpusLayout.h"
#include "core/evaluation/NetworkComparison.h"
#include "core/training/CorpusAudit.h"
#include "core/training/TrainingRun.h"
#include "ui/jobs/JobQueue.h"

namespace countersign::ui {

class OfficeSession;

/// What a folder was found to hold.
struct FoundCorpus {
  struct Thumbnail {
    QImage canvas;  ///< As the network will see it.
    QString caption;
  };
  std::filesystem::path folder;
  Modality modality = Modality::Signature;
  CorpusLayout layout = CorpusLayout::FolderPerPerson;
  CorpusManifest manifest;  ///< What can be used.
  CorpusAudit audit;
  std::vector<Thumbnail> thumbnails;
};

/// A network that may replace the one in service, and how the two compare.
struct ComparedNetwork {
  std::filesystem::path file;
  std::string identity;
  QString name;
  Modality modality = Modality::Signature;
  QString serving;  ///< Name of the network that it was compared with.
  NetworkComparison comparison;
  DecisionRule initial;  ///< The rule that it would start with.
  /// False when nothing but a guess stands behind its threshold: it must not serve.
  bool isThresholdMeasured = true;
  std::optional<RunRecord> run;  ///< That made it.
};

/// Trains from the window: looks at a folder, trains or fine-tunes in the background, compares, and
/// puts into service. One thing at a time, on a thread of its own that yields to everything else.
/// All signals come on the GUI thread.
class TrainingSession final : public QObject {
  Q_OBJECT

 public:
  enum class Stage { Empty, Looking, Found, Training, Comparing, Compared };

  explicit TrainingSession(OfficeSession& office, QObject* parent = nullptr);
  ~TrainingSession() override;

  Stage stage() const { return m_stage; }
  bool isPaused() const;
  bool isStopping() const { return m_isStopping; }
  /// Of the stages Found and later; null otherwise.
  const std::shared_ptr<const FoundCorpus>& corpus() const { return m_corpus; }
  /// The run of the stage Training.
  const std::optional<RunRecord>& run() const { return m_run; }
  const std::vector<CurvePoint>& curves() const { return m_curves; }
  const std::optional<ComparedNetwork>& compared() const { return m_compared; }
  /// Runs that the store keeps, the newest first.
  const std::vector<KeptRun>& runs() const { return m_runs; }

  /// Reads a folder of images of the office's modality and judges it.
  void look(const std::filesystem::path& folder);
  /// Back to the empty stage; not while training.
  void clear();
  /// Trains on the corpus that was found.
  void start(const TrainingOptions& options, bool isFineTuned);
  /// Goes on with a run that was stopped, or broken off by a crash.
  void resume(const RunRecord& run);
  void setPaused(bool isPaused);
  /// Asks what runs to stop; training keeps a checkpoint.
  void stop();
  /// Compares a network with the one in service, on people held out of the run's corpus (or of the
  /// one that was found) and on invented ones. Not while something else goes on.
  void compare(const std::filesystem::path& file, const std::optional<RunRecord>& run);
  /// Stays in the stage Compared until it serves, or has failed to.
  void putIntoService();
  bool isPromoting() const { return m_isPromoting; }
  /// Leaves the network in service as it is; the run stays, with its network.
  void postpone();
  /// Leaves the network in service as it is; the run's network is deleted, its curves are kept.
  void discard();
  /// Deletes the network and checkpoints of a run; its curves are kept.
  void discardRun(const RunRecord& run);
  void reloadRuns();
  /// Something goes on that has to end before the next thing can begin.
  bool isBusy() const;
  /// Nothing goes on, and no other window or program writes to the store.
  bool mayChange() const;

  JobQueue& jobs() { return m_jobs; }

 Q_SIGNALS:
  void changed();
  void runsChanged();
  void lookedAt(int done, int total);
  void batchFinished(const countersign::BatchFinished& batch);
  void batchSeen(const countersign::BatchSeen& batch);
  void curveChanged();
  void epochFinished(const countersign::EpochFinished& epoch);
  void notice(const QString& sentence);
  void problem(const QString& sentence);

 private:
  struct Gate;
  void enter(Stage stage);
  void train(RunRecord run);
  void see(const TrainingEvent& event);
  void fail(const Error& error, Stage back);
  void leaveStore();
  /// What was found of signatures says nothing of faces.
  void leaveModality();
  /// Says why a training ended early.
  void explainEnd(const Error& error);
  void settle(const RunRecord& run, RunState state);
  Stage restingStage() const { return m_corpus ? Stage::Found : Stage::Empty; }

  OfficeSession& m_office;
  Stage m_stage = Stage::Empty;
  bool m_isStopping = false;
  std::shared_ptr<const FoundCorpus> m_corpus;
  std::optional<RunRecord> m_run;
  std::vector<CurvePoint> m_curves;
  std::optional<ComparedNetwork> m_compared;
  bool m_isPromoting = false;
  std::vector<KeptRun> m_runs;
  std::shared_ptr<Gate> m_gate;
  JobQueue m_reading;
  JobQueue m_jobs;  // last members: their threads end before what they use
};

}  // namespace countersign::ui
