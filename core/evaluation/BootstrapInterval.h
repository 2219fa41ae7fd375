// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "core/metric/NetworkCard.h"

namespace countersign {

/// A score and the person whose trial it belongs to, as a number from 0.
struct SubjectScore {
  double score = 0;
  int subject = 0;
};

struct BootstrapOptions {
  int replicates = 1000;
  std::uint64_t seed = 1;
};

/// Equal error rate with a 95 % percentile interval. People are drawn with replacement, not trials:
/// the trials of one person are not independent (Bolle, Ratha & Pankanti, 2004).
///
/// @param mated, nonMated  at least one score each; subjects below `subjectCount`.
Estimate equalErrorWithInterval(std::vector<SubjectScore> mated, std::vector<SubjectScore> nonMated,
                                int subjectCount, const BootstrapOptions& options = {});

}  // namespace countersign
