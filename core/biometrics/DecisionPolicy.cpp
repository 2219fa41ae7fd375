// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/DecisionPolicy.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace countersign {

namespace {

Error outOfRange(const std::string& sentence) {
  return {ErrorCode::OptionOutOfRange, sentence, ""};
}

std::optional<double> numberFrom(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

Status checkPolicy(const DecisionPolicy& policy, double lowest, double highest) {
  double below = 0;
  for (const auto& band : policy.amounts) {
    if (!(band.upTo > below))
      return outOfRange("Each amount must be above 0 and above the one before it.");
    below = band.upTo;
    if (!(band.threshold.value >= lowest && band.threshold.value <= highest))
      return outOfRange(
          "A threshold of the amounts lies outside the range of the network's scores.");
  }
  if (!(policy.blindShare >= 0 && policy.blindShare <= 1))
    return outOfRange("The share of blind checks must lie between 0 and 1.");
  return ok();
}

std::string_view thresholdSourceName(ThresholdSource source) {
  switch (source) {
    case ThresholdSource::Office:
      return "office";
    case ThresholdSource::Amount:
      return "amount";
    case ThresholdSource::Individual:
      return "individual";
    case ThresholdSource::ByHand:
      return "by hand";
  }
  return "";
}

AppliedRule ruleForAmount(const DecisionRule& office, const DecisionPolicy& policy,
                          std::optional<double> amount) {
  AppliedRule applied{office, ThresholdSource::Office, amount, false};
  if (!amount || policy.amounts.empty()) return applied;
  for (const auto& band : policy.amounts) {
    if (!(*amount <= band.upTo)) continue;  // what is no number is above all bands
    applied.rule.threshold = band.threshold;
    applied.source = ThresholdSource::Amount;
    return applied;
  }
  applied.rule.threshold = policy.amounts.back().threshold;
  applied.source = ThresholdSource::Amount;
  applied.isAlwaysReferred = true;
  return applied;
}

Result<std::vector<AmountBand>> parseAmountBands(std::string_view text) {
  std::vector<AmountBand> bands;
  if (text == "none") return bands;
  while (true) {
    const auto comma = text.find(',');
    const auto entry = text.substr(0, comma);
    const auto colon = entry.find(':');
    const auto limit = entry.substr(0, colon);
    const auto upTo = limit == "rest" ? std::optional(std::numeric_limits<double>::infinity())
                                      : numberFrom(limit);
    const auto threshold =
        colon == std::string_view::npos ? std::nullopt : numberFrom(entry.substr(colon + 1));
    if (!upTo || !threshold)
      return outOfRange(
          "Amounts are written as 500:0.8,5000:0.85 (up to 500 use 0.8, up to 5000 use "
          "0.85, refer all above), with rest:0.9 as the last one where none is "
          "referred, or none.");
    bands.push_back({*upTo, {*threshold}});
    if (comma == std::string_view::npos) return bands;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace countersign
