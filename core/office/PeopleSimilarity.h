// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/base/Progress.h"
#include "core/base/Result.h"
#include "core/biometrics/Desk.h"

namespace countersign {

/// Everybody on file against everybody, as the batch cost draws its matrix: mean similarity of the
/// references of two people, and of one person's with each other on the diagonal.
struct PeopleSimilarity {
  /// More would need over a gigabyte.
  static constexpr std::size_t kMostPeople = 16000;

  std::vector<Person> people;
  std::vector<int> references;  ///< Of each.
  /// Symmetric, row by row; NaN on the diagonal of somebody with a single reference.
  std::vector<float> means;

  float between(std::size_t one, std::size_t other) const {
    return means[one * people.size() + other];
  }

  struct Pair {
    std::size_t one;
    std::size_t other;
    float mean;
  };
  /// Different people who look most alike, at most `most`: the likeliest to be taken for each
  /// other, or to be one.
  std::vector<Pair> lookalikes(std::size_t most) const;
  /// People whose own references agree least, at most `most`; `one` is `other`.
  std::vector<Pair> inconsistent(std::size_t most) const;
  /// Everybody, those who need a look first: by how far their closest other person lies above τ, or
  /// their own references below it; of those who are on the right side, by how little.
  std::vector<std::size_t> worstFirst(double threshold) const;
};

/// References that were compared with all others.
struct ComparingProgress {
  int done;
  int total;
};

/// Means of single comparisons: a verification takes the mean of the best ones, so that somebody
/// may pass at a τ that this mean lies below.
///
/// @return  OptionOutOfRange for too many people, Cancelled, or the errors of the store.
Result<PeopleSimilarity> comparePeople(const Desk& desk,
                                       const JobContext<ComparingProgress>& context);

}  // namespace countersign
