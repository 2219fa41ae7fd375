// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/corpus/CorpusManifest.h"
#include "core/imaging/SampleReader.h"

namespace countersign {

/// How far the reading of a corpus has got.
struct CorpusProgress {
  int done;   ///< Samples read or left out.
  int total;  ///< Samples in the manifest's training and development splits.
};

/// People who are drawn by the program (SyntheticSigner) and trained on beside real ones.
struct InventedOptions {
  /// How many there are, in [0, 100000].
  int signers = 0;
  /// Genuine signatures and forgeries of each; >= 2 and >= 0.
  int genuine = 6;
  int forgeries = 5;
  /// Share of the people in a batch that are invented ones, in [0, 1]; all of them when there are
  /// no others.
  double share = 0.3;

  Status check() const;
};

/// A sample that cannot be trained on, and why.
struct LeftOutSample {
  std::filesystem::path path;
  std::string reason;
};

/// Samples of one split, as the network looks at them: canvas i belongs to record i.
struct CanvasSet {
  std::vector<SampleRecord> records;
  std::vector<cv::Mat> canvases;  ///< Of the reader's format.
  /// What the canvases lie in when it is not memory of their own.
  std::shared_ptr<const void> storage;
};

/// Where normalised images are kept while a run goes on.
struct CanvasStorage {
  /// Folder for a nameless file that takes them when they are more than memory should hold.
  std::filesystem::path folder;
  /// Bytes of canvases that are held in memory; more are streamed from the file.
  std::size_t memory = std::size_t{1} << 30U;
};

/// What a training run sees: the training and development splits of a manifest.
struct TrainingCorpus {
  CanvasSet training;
  CanvasSet development;
  std::vector<LeftOutSample> leftOut;

  /// SHA-256 over records and canvases: equal corpora have equal fingerprints.
  std::string fingerprint() const;
};

/// Reads one sample as a canvas: an image is read as the network would; pen data (.txt, SVC2004) is
/// drawn first, with a pen whose width depends on the file's name alone.
Result<cv::Mat> readCanvas(const std::filesystem::path& path, const SampleReader& reader);

/// The canvas of a decoded picture.
///
/// @return  QualityInsufficient with the sentence that says why it cannot be compared.
Result<cv::Mat> canvasOf(const cv::Mat& picture, const SampleReader& reader);

/// Reads all samples but those of the validation split, `threads` at a time. What cannot be read or
/// compared is left out and listed.
///
/// @return  Cancelled when it was stopped, FileNotWritable when there is no room for the canvases.
Result<TrainingCorpus> readTrainingCorpus(const CorpusManifest& manifest,
                                          const std::filesystem::path& root,
                                          const SampleReader& reader, int threads,
                                          const CanvasStorage& storage,
                                          const JobContext<CorpusProgress>& context);

/// Appends people whom the program invents and draws, with pens of all widths, to a training set:
/// a function of (options, seed). Their subjects are told from real ones by isInventedSubject().
///
/// @return  Cancelled when it was stopped.
Status addInvented(CanvasSet& set, const InventedOptions& options, std::uint64_t seed,
                   CanvasSize size, int threads, const JobContext<CorpusProgress>& context);
bool isInventedSubject(std::string_view subject);

}  // namespace countersign
