// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/corpus/BatchSampler.h"
#include "core/metric/internal/Branch.h"
#include "core/training/TrainingCorpus.h"
#include "core/training/TrainingOptions.h"

namespace countersign {

/// One batch, ready for the branch; LabelledBatch says what the numbers mean.
struct LabelledInput {
  BranchInput input;  ///< Of the share alone; labels are the whole batch's.
  std::vector<std::int64_t> subjects;
  std::vector<std::int64_t> victims;
};

/// What a run trains on and is judged by, whatever its kind: images of one size, or sequences of
/// varying length. Immutable once made; make() may be called on any thread.
class TrainingInputs {
 public:
  virtual ~TrainingInputs() = default;

  /// Batch number `step`: a function of (options.seed, step) alone.
  virtual LabelledInput make(std::int64_t step, const BatchShare& share) const = 0;
  /// People that batches are drawn from.
  virtual std::size_t subjectCount() const = 0;
  /// LossContext::people.
  virtual std::int64_t people() const = 0;

  /// The samples of the development split, and `count` of them from `first` on, as they are.
  virtual const std::vector<SampleRecord>& development() const = 0;
  virtual BranchInput developmentInput(std::size_t first, std::size_t count) const = 0;

  /// Equal for equal samples.
  virtual std::string fingerprint() const = 0;
  virtual const std::vector<LeftOutSample>& leftOut() const = 0;
};

/// Reads the training and development samples of a manifest as the architecture wants them. The
/// options must outlive what is returned.
///
/// @param reader  of the images; not used for pen data.
///
/// @return  FileMalformed when there is nothing to train on, Cancelled when it was stopped.
Result<std::unique_ptr<TrainingInputs>> readTrainingInputs(
    const TrainingOptions& options, const CorpusManifest& manifest,
    const std::filesystem::path& root, const SampleReader* reader, const CanvasStorage& storage,
    const JobContext<CorpusProgress>& context);

}  // namespace countersign
