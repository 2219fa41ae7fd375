// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/corpus/CorpusManifest.h"
#include "core/metric/NetworkCard.h"
#include "core/training/TrainingCorpus.h"

namespace countersign {

/// What is wrong with a sample or a person of a corpus.
struct CorpusProblem {
  enum class Kind {
    Unreadable,     ///< No image that can be decoded, or none that can be compared.
    Duplicate,      ///< The same bytes as an earlier sample of the same person.
    SharedByTwo,    ///< The same bytes as a sample of another person, or of the other label.
    TooFewGenuine,  ///< A person with fewer than two genuine samples: no mated pair.
  };
  Kind kind = Kind::Unreadable;
  std::filesystem::path path;  ///< Empty when it is about a person.
  std::string subject;
  std::string sentence;
};

/// Something other than shape that might give the label away.
enum class LeakTrait {
  Background,      ///< Tone and spread of the paper.
  InkGrey,         ///< Tones of the ink once the paper has been removed (Otsu's threshold).
  PictureSize,     ///< Width, height and aspect of the picture.
  FileTraits,      ///< Format, channels, bytes a pixel, resolution.
  NormalisedTone,  ///< Tones of the canvas that the network is trained on.
};
std::string_view leakTraitName(LeakTrait trait);

/// How well one trait tells genuine from forged without any reference.
struct LeakFinding {
  LeakTrait trait = LeakTrait::Background;
  Estimate accuracy;  ///< Balanced, on people that the classifier has not seen; 1/2 is chance.

  /// The whole interval lies above what chance and differences of shape account for.
  bool isLeak() const;
  /// The interval reaches above that, but does not lie above it: there may be a leak or not.
  bool isUncertain() const;
  /// One sentence for the user.
  std::string sentence() const;
};

/// What a corpus holds, and what is wrong with it.
struct CorpusAudit {
  int people = 0;     ///< With two genuine samples at least.
  int genuine = 0;    ///< Usable samples.
  int forgeries = 0;  ///< Same.
  std::vector<CorpusProblem> problems;
  /// Empty when there are no forgeries, or fewer than ten people with both labels.
  std::vector<LeakFinding> leaks;
  /// The samples that can be used: without unreadable ones, and with the first alone of those that
  /// are the same file.
  CorpusManifest usable;

  const LeakFinding* leak(LeakTrait trait) const;
};

/// Reads every sample of a corpus once, `threads` at a time, and judges it. Nothing is kept in
/// memory but a few numbers a sample. Leaks are looked for in samples of ink alone.
///
/// @param reader  of the network that is to be trained.
/// @return  Cancelled when it was stopped.
Result<CorpusAudit> auditCorpus(const CorpusManifest& manifest, const std::filesystem::path& root,
                                const SampleReader& reader, int threads,
                                const JobContext<CorpusProgress>& context);

}  // namespace countersign
