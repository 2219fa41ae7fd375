// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/ComparisonScore.h"

#include <algorithm>
#include <cassert>
#include <functional>

namespace countersign {

std::string_view verdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::Match:
      return "match";
    case Verdict::NonMatch:
      return "non-match";
    case Verdict::Refer:
      return "refer";
  }
  return "";
}

Verdict decide(SimilarityScore score, const DecisionRule& rule) {
  if (score.value > rule.threshold.value + rule.band) return Verdict::Match;
  return score.value <= rule.threshold.value - rule.band ? Verdict::NonMatch : Verdict::Refer;
}

SimilarityScore fuseScores(std::vector<SimilarityScore> scores, int best) {
  assert(!scores.empty() && best >= 1);
  const auto count = std::min(scores.size(), static_cast<std::size_t>(best));
  const auto end = scores.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(scores.begin(), end, scores.end(), std::greater<>());
  double sum = 0;
  for (auto at = scores.begin(); at != end; ++at) sum += at->value;
  return {sum / static_cast<double>(count)};
}

}  // namespace countersign
