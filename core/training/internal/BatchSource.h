// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "core/corpus/BatchSampler.h"
#include "core/training/TrainingCorpus.h"
#include "core/training/TrainingOptions.h"

namespace countersign {

/// Augmented canvases of one batch, and what they are (LabelledBatch says what the numbers mean).
struct ImageBatch {
  std::vector<cv::Mat> canvases;  ///< Of the share alone.
  std::vector<std::int64_t> subjects;
  std::vector<std::int64_t> victims;
  std::vector<std::int64_t> kinds;  ///< inputKindOf() of each; of the share alone.
};

/// Which branch of a pseudo-siamese twin a sample goes through: 0 for scans, 1 for what was drawn
/// from pen data (by the name of its file; invented people sign on paper).
std::int64_t inputKindOf(const SampleRecord& record);

/// Makes the batches of a training run: a function of (options.seed, step) alone, so that any step
/// can be made again, and on any thread.
class BatchSource {
 public:
  /// The set must outlive the source; options have been checked.
  BatchSource(const CanvasSet& set, const TrainingOptions& options);

  ImageBatch make(std::int64_t step, const BatchShare& share = {}) const;

  /// People that batches are drawn from, real and invented.
  std::size_t subjectCount() const;
  /// People with a number: 0 to this − 1. Pseudo-writers have higher ones.
  std::int64_t people() const { return m_people; }

 private:
  std::vector<BatchItem> itemsOf(std::uint64_t step) const;
  /// A sample as its person wrote it, or as the virtual writer who stands for the person in this
  /// batch would have.
  cv::Mat written(std::size_t sample, std::uint64_t step) const;
  cv::Mat pseudoWritten(const cv::Mat& canvas, std::size_t sample, std::int64_t variant) const;

  const CanvasSet& m_set;
  const TrainingOptions& m_options;
  std::unique_ptr<BatchSampler> m_real;
  std::unique_ptr<BatchSampler> m_invented;
  std::size_t m_firstInvented = 0;  ///< Records from here on are of invented people.
  std::vector<std::int64_t> m_subjects;
  std::int64_t m_people = 0;
};

}  // namespace countersign
