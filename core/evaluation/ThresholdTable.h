// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/evaluation/BootstrapInterval.h"
#include "core/metric/NetworkFile.h"

namespace countersign {

/// A rate with everything that it rests on.
struct RateAtThreshold {
  Estimate rate;   ///< With a 95 % interval over people; without an error at most 3 / people.
  int trials = 0;  ///< 0: there is no evidence.
  int people = 0;
};

/// What a threshold costs.
struct ThresholdCosts {
  RateAtThreshold falseNonMatch;      ///< Of a person's own signatures.
  RateAtThreshold skilledFalseMatch;  ///< Of skilled forgeries.
  RateAtThreshold randomFalseMatch;   ///< Of other people's signatures.
};

/// How the name of a list begins that was made of the user's own people, held out of a training.
inline constexpr std::string_view kOwnPeople = "own-people";

/// Error rates at any threshold, from the scores that came with a network: made once, then cheap
/// enough to follow a slider.
class ThresholdTable {
 public:
  /// @param evidence    score distributions by the names of their lists; names that end in
  ///                    "-<n>ref" say how many references were fused.
  /// @param references  only lists with the number of references that is nearest to this one are
  ///                    used, since scores of several references lie higher.
  ThresholdTable(const std::map<std::string, ScoreEvidence, std::less<>>& evidence, int references,
                 const BootstrapOptions& bootstrap = {});

  bool isEmpty() const { return m_mated.scores.empty(); }
  ThresholdCosts at(double threshold) const;
  /// Where false non-matches and false matches of skilled forgeries (of other people, when the
  /// evidence has no forgery) are equally frequent.
  std::optional<double> equalErrorThreshold() const;

  /// How many references the comparisons behind the figures had.
  int references() const { return m_references; }
  const std::vector<std::string>& lists() const { return m_lists; }
  /// Whether the user's own people stand behind the figures, and nobody else.
  bool isOfOwnPeople() const;
  /// Scores in rising order; failures to acquire are −infinity.
  const std::vector<double>& matedScores() const { return m_mated.scores; }
  const std::vector<double>& skilledScores() const { return m_skilled.scores; }
  const std::vector<double>& randomScores() const { return m_random.scores; }

 private:
  /// One kind of trial: scores, and the interval of the share above each grid threshold.
  struct Kind {
    std::vector<double> scores;
    int people = 0;
    std::vector<Estimate> shareAbove;
  };
  static Kind summarise(const std::vector<SubjectScore>& scores, const BootstrapOptions& bootstrap);
  static RateAtThreshold shareAbove(const Kind& kind, double threshold);

  int m_references = 0;
  std::vector<std::string> m_lists;
  Kind m_mated;
  Kind m_skilled;
  Kind m_random;
};

}  // namespace countersign
