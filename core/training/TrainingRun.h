// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Clock.h"
#include "core/training/TrainingJob.h"

namespace countersign {

enum class RunState { Unfinished, Finished, InService, Discarded };
std::string_view runStateName(RunState state);

/// What a training run ended with.
struct RunResult {
  std::int64_t steps = 0;
  std::int64_t bestStep = 0;
  std::optional<double> developmentEer;
  std::optional<double> randomEer;
  double threshold = 0;
  std::string identity;  ///< Of the network.
};

/// What a run's folder says about it (run.json). Written when a run is planned or starts, and again
/// when it ends, so that it outlives whoever started it.
struct RunRecord {
  std::string created;  ///< ISO 8601, UTC.
  TrainingFiles files;  ///< Whether it is resumed is not kept.
  TrainingOptions options;
  std::string corpusFingerprint;  ///< Empty until the corpus was read.
  RunState state = RunState::Unfinished;
  std::optional<RunResult> result;
};

/// @return  FileNotReadable when there is none, FileMalformed when it cannot be understood.
Result<RunRecord> readRunRecord(const std::filesystem::path& runFolder);
/// Replaces the record in `record.files.runFolder`, which is made if it is missing.
Status writeRunRecord(const RunRecord& record);

/// The curves of a run as a table (curves.csv) that is appended to while it goes on.
class CurveFile {
 public:
  /// @param terms  names of the loss terms.
  CurveFile(const std::filesystem::path& runFolder, std::vector<std::string> terms);

  /// Keeps what lies at or before `step`: a run that goes on from a checkpoint makes the rest anew.
  Status rewindTo(std::int64_t step) const;
  Status append(const CurvePoint& point) const;

 private:
  std::filesystem::path m_file;
  std::vector<std::string> m_terms;
};

/// The curves of a run so far; a last line that a crash cut off is left out.
std::vector<CurvePoint> readCurves(const std::filesystem::path& runFolder);

/// A run in a folder of runs, as the user chooses among them.
struct KeptRun {
  RunRecord record;
  std::vector<CurvePoint> curves;
};

/// Where the runs of a store are kept.
std::filesystem::path runsOfStore(const std::filesystem::path& storeFolder);

/// Makes a folder of its own below `runs` for a run that is about to start; the network file is
/// written into it. Only root, manifest, startFrom and command of `files` are used.
Result<RunRecord> planRun(const std::filesystem::path& runs, const TrainingOptions& options,
                          const TrainingFiles& files, Timestamp now);

/// All runs in a folder of runs, the newest first. What cannot be read is left out.
std::vector<KeptRun> keptRuns(const std::filesystem::path& runs);

/// Notes what became of a run. A discarded run loses its network and checkpoints, and keeps its
/// curves; one that ended loses its checkpoints.
Status settleRun(const std::filesystem::path& runFolder, RunState state);

}  // namespace countersign
