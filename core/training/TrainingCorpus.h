// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/corpus/CorpusManifest.h"
#include "core/imaging/SignatureNormaliser.h"

namespace countersign {

/// How far the reading of a corpus has got.
struct CorpusProgress {
  int done;   ///< Samples read or left out.
  int total;  ///< Samples in the manifest's training and development splits.
};

/// A sample that cannot be trained on, and why.
struct LeftOutSample {
  std::filesystem::path path;
  std::string reason;
};

/// Samples of one split, normalised and held in memory: canvas i belongs to record i.
struct CanvasSet {
  std::vector<SampleRecord> records;
  std::vector<cv::Mat> canvases;  ///< CV_8UC1 of the canvas size.
};

/// What a training run sees: the training and development splits of a manifest.
struct TrainingCorpus {
  CanvasSet training;
  CanvasSet development;
  std::vector<LeftOutSample> leftOut;

  /// SHA-256 over records and canvases: equal corpora have equal fingerprints.
  std::string fingerprint() const;
};

/// Reads one sample as a canvas: an image is normalised; pen data (.txt, SVC2004) is drawn first,
/// with a pen whose width depends on the file's name alone.
Result<cv::Mat> readCanvas(const std::filesystem::path& path, CanvasSize size);

/// Reads and normalises all samples but those of the validation split, `threads` at a time. What
/// cannot be read or compared is left out and listed; an empty training split is an error.
Result<TrainingCorpus> readTrainingCorpus(const CorpusManifest& manifest,
                                          const std::filesystem::path& root, CanvasSize size,
                                          int threads, const JobContext<CorpusProgress>& context);

}  // namespace countersign
