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

/// A rate of 0 with the upper end that it has nevertheless: among N people without an error the
/// true rate may be 3 / N (the rule of three, 95 %; Hanley & Lippman-Hand, 1983), while resampling
/// them cannot make an error appear. Other rates are returned as they are.
Estimate widenedIfFaultless(Estimate rate, int people);

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

/// Scores of the same trials by two networks, in the same order.
struct PairedScores {
  std::vector<SubjectScore> before;
  std::vector<SubjectScore> after;
};

/// Equal error rates before and after, each with its interval, and their difference (after −
/// before, in [−1, 1]) with one of its own: every replicate draws the same people for both, so that
/// what makes trials hard for both networks cancels out.
struct EqualErrorDifference {
  Estimate before;
  Estimate after;
  Estimate difference;

  /// People with trials. Too few of them agree by chance: with five, all five are better in one of
  /// sixteen cases in which nothing has changed.
  int people = 0;
  static constexpr int kFewestPeople = 6;

  /// The whole interval of the difference lies on one side of 0, and enough people stand behind it.
  bool isCertain() const {
    return people >= kFewestPeople && (difference.high < 0 || difference.low > 0);
  }
};
EqualErrorDifference equalErrorDifference(const PairedScores& mated, const PairedScores& nonMated,
                                          int subjectCount, const BootstrapOptions& options = {});

}  // namespace countersign
