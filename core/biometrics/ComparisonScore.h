// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <string_view>
#include <vector>

namespace countersign {

/// Similarity of a probe and a reference, in the range that the network's card declares; higher is
/// more alike. Never mix with distances.
struct SimilarityScore {
  double value = 0;
  friend auto operator<=>(const SimilarityScore&, const SimilarityScore&) =
      default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 errs
};

/// τ, and half the width of the band around it in which a person has to decide.
struct DecisionRule {
  SimilarityScore threshold;
  double band = 0;  ///< >= 0; with 0 nothing is referred.

  bool operator==(const DecisionRule&) const = default;
};

enum class Verdict { Match, NonMatch, Refer };
std::string_view verdictName(Verdict verdict);

/// Match if and only if score > τ + band, non-match if and only if score <= τ − band: a score that
/// only equals a limit has not passed it.
Verdict decide(SimilarityScore score, const DecisionRule& rule);

/// Scores against several references of one person as one score: the mean of the best `best` (of
/// all when there are fewer). Needs at least one score.
SimilarityScore fuseScores(std::vector<SimilarityScore> scores, int best);

}  // namespace countersign
