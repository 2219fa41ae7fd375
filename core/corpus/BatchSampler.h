// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/corpus/CorpusManifest.h"

namespace countersign {

/// P×K batches: P people, with K samples each, some genuine and some skilled forgeries of them.
struct SubjectBatchOptions {
  int subjects = 10;  ///< P, >= 2.
  int genuine = 4;    ///< Genuine samples of each, >= 2.
  int forgeries = 3;  ///< Skilled forgeries of each; genuine ones stand in where there are too few.
};

/// Draws batches as a function of (seed, step) alone, so that an interrupted training goes on with
/// the batch at which it stopped, without any state. People are taken in turn in an order that is
/// shuffled anew each round, so that all of them are seen equally often.
class SubjectBatchSampler {
 public:
  /// People with fewer than two genuine samples are left out.
  SubjectBatchSampler(const std::vector<SampleRecord>& samples, const SubjectBatchOptions& options,
                      std::uint64_t seed);

  /// Indices into `samples` of batch number `step`; K in a row belong to one person.
  std::vector<std::size_t> batch(std::uint64_t step) const;

  std::size_t subjectCount() const { return m_subjects.size(); }

 private:
  struct Subject {
    std::vector<std::size_t> genuine;
    std::vector<std::size_t> forgeries;
  };
  std::vector<Subject> m_subjects;
  SubjectBatchOptions m_options;
  std::uint64_t m_seed;
};

}  // namespace countersign
