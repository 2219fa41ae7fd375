// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/biometrics/ComparisonScore.h"

namespace countersign {

/// τ for what is signed for up to some amount, in the currency of the office.
struct AmountBand {
  double upTo = 0;  ///< > 0; the amount itself is within. Infinity: whatever the amount.
  SimilarityScore threshold;

  bool operator==(const AmountBand&) const = default;
};

/// What an office has decided with one network beside its τ and its band.
struct DecisionPolicy {
  /// By rising amounts; amounts above the last are always referred. Empty: amounts play no part.
  std::vector<AmountBand> amounts;
  /// τ follows the spread of a person's own references (IndividualThreshold.h).
  bool isIndividual = false;
  /// Share of checks in which the clerk answers before the score is shown, in [0, 1].
  double blindShare = 0;

  bool operator==(const DecisionPolicy&) const = default;
};

/// @param range  of τ, as the network scores.
/// @return       OptionOutOfRange with a sentence that says what is wrong with the policy.
Status checkPolicy(const DecisionPolicy& policy, double lowest, double highest);

/// Where the τ of a decision came from.
enum class ThresholdSource {
  Office,      ///< In force for everybody.
  Amount,      ///< From an amount band.
  Individual,  ///< From the spread of the person's own references.
  ByHand,      ///< Somebody set it for this person, with a reason.
};
std::string_view thresholdSourceName(ThresholdSource source);

/// The rule of one decision.
struct AppliedRule {
  DecisionRule rule;
  ThresholdSource source = ThresholdSource::Office;
  std::optional<double> amount;   ///< What is signed for, if it was said.
  bool isAlwaysReferred = false;  ///< The amount lies above all bands.
};

/// The office's rule, with the τ of the amount's band. Without bands or without an amount it is
/// the office's.
AppliedRule ruleForAmount(const DecisionRule& office, const DecisionPolicy& policy,
                          std::optional<double> amount);

/// "500:0.8,5000:0.85" or "500:0.8,rest:0.85": bands as they are written on a command line; "none"
/// for no bands.
///
/// @return  OptionOutOfRange when the text is not of this kind.
Result<std::vector<AmountBand>> parseAmountBands(std::string_view text);

}  // namespace countersign
