// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/corpus/CorpusManifest.h"

namespace countersign {

/// How the samples of a batch belong together, and so which of them are compared.
enum class BatchLayout {
  Subjects,      ///< P people × K samples: everything with everything.
  AlignedPairs,  ///< Two halves; item i of the second is the mate of item i of the first alone.
  Pairs,         ///< Items 2i and 2i + 1, mated or non-mated.
  Triplets,      ///< Items 3i, 3i + 1, 3i + 2: anchor, positive, negative.
};

/// What a mini-batch consists of.
struct BatchOptions {
  BatchLayout layout = BatchLayout::Subjects;
  /// P, people in a batch, >= 2.
  int subjects = 10;
  /// subjects: genuine samples of each, >= 2; pairs and triplets: mated pairs of each, >= 1.
  int genuine = 4;
  /// subjects: skilled forgeries of each; genuine ones stand in where there are too few.
  int forgeries = 3;
  /// subjects: warped genuine samples of each, which stand for a writer who imitates it.
  int pseudoWriters = 0;
  /// pairs: non-mated pairs for each mated one, in [1, 100].
  int ratio = 3;
  /// pairs, triplets: share of the negatives that are skilled forgeries, where there are any.
  double skilledShare = 0.5;

  Status check() const;
  /// Samples in a batch when there are enough people.
  std::int64_t size() const;
};

std::string_view batchLayoutName(BatchLayout layout);
/// Nothing when there is no such layout.
std::optional<BatchLayout> batchLayoutOf(std::string_view name);

/// The part of every batch that one of several processes computes.
struct BatchShare {
  int index = 0;
  int count = 1;

  /// Of a batch with so many samples: from begin() up to, and without, end().
  std::size_t begin(std::size_t samples) const {
    return samples * static_cast<std::size_t>(index) / static_cast<std::size_t>(count);
  }
  std::size_t end(std::size_t samples) const {
    return samples * static_cast<std::size_t>(index + 1) / static_cast<std::size_t>(count);
  }
};

/// A place in a batch.
struct BatchItem {
  std::size_t sample = 0;       ///< Index into the samples that the sampler was made for.
  bool isPseudoWriter = false;  ///< To be warped, and to count as an imitator's.
  friend bool operator==(const BatchItem&, const BatchItem&) = default;
};

/// Draws batches as a function of (seed, step) alone, so that an interrupted training goes on with
/// the batch at which it stopped, without any state. People are taken in turn in an order that is
/// shuffled anew each round, so that all of them are seen equally often.
class BatchSampler {
 public:
  virtual ~BatchSampler() = default;

  /// Batch number `step`, in the order of its layout; K in a row belong to one person in Subjects.
  virtual std::vector<BatchItem> batch(std::uint64_t step) const = 0;

  /// People that batches are drawn from: those with two genuine samples or more.
  virtual std::size_t subjectCount() const = 0;
};

/// @param options  checked before.
std::unique_ptr<BatchSampler> makeBatchSampler(const std::vector<SampleRecord>& samples,
                                               const BatchOptions& options, std::uint64_t seed);

}  // namespace countersign
