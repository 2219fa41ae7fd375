// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/DecisionPolicy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace countersign {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();
const DecisionRule kOffice{{0.7}, 0.05};

TEST(DecisionPolicy, TakesTheThresholdOfTheAmountsBand) {
  const DecisionPolicy policy{{{500, {0.8}}, {5000, {0.9}}}, false, 0};
  const auto within = ruleForAmount(kOffice, policy, 500);
  EXPECT_EQ(within.rule.threshold.value, 0.8) << "up to and with the amount";
  EXPECT_EQ(within.rule.band, 0.05);
  EXPECT_EQ(within.source, ThresholdSource::Amount);
  EXPECT_FALSE(within.isAlwaysReferred);
  EXPECT_EQ(ruleForAmount(kOffice, policy, 500.01).rule.threshold.value, 0.9);
  const auto above = ruleForAmount(kOffice, policy, 5000.01);
  EXPECT_TRUE(above.isAlwaysReferred);
  EXPECT_EQ(above.amount, 5000.01);
  EXPECT_TRUE(ruleForAmount(kOffice, policy, std::nan("")).isAlwaysReferred);
  const auto unknown = ruleForAmount(kOffice, policy, {});
  EXPECT_EQ(unknown.rule.threshold.value, 0.7);
  EXPECT_EQ(unknown.source, ThresholdSource::Office);
  EXPECT_EQ(ruleForAmount(kOffice, {}, 1e9).rule.threshold.value, 0.7) << "no bands";
  EXPECT_FALSE(
      ruleForAmount(kOffice, {{{500, {0.8}}, {kNoLimit, {0.9}}}, false, 0}, 1e15).isAlwaysReferred);
}

TEST(DecisionPolicy, RefusesWhatCannotBeMeant) {
  const auto isFine = [](const DecisionPolicy& policy) -> bool {
    return static_cast<bool>(checkPolicy(policy, -1, 1));
  };
  EXPECT_TRUE(isFine({}));
  EXPECT_TRUE(isFine({{{500, {0.8}}, {kNoLimit, {0.9}}}, true, 0.1}));
  EXPECT_FALSE(isFine({{{500, {0.8}}, {500, {0.9}}}, false, 0})) << "amounts must rise";
  EXPECT_FALSE(isFine({{{kNoLimit, {0.8}}, {500, {0.9}}}, false, 0}));
  EXPECT_FALSE(isFine({{{0, {0.8}}}, false, 0}));
  EXPECT_FALSE(isFine({{{std::nan(""), {0.8}}}, false, 0}));
  EXPECT_FALSE(isFine({{{500, {1.2}}}, false, 0}));
  EXPECT_FALSE(isFine({{{500, {std::nan("")}}}, false, 0}));
  EXPECT_FALSE(isFine({{}, false, 1.1}));
  EXPECT_FALSE(isFine({{}, false, -0.1}));
}

TEST(DecisionPolicy, ReadsAmountsAsTheyAreTyped) {
  const auto bands = parseAmountBands("500:0.8,2500.50:0.85,rest:0.9");
  ASSERT_TRUE(bands);
  EXPECT_EQ(*bands, (std::vector<AmountBand>{{500, {0.8}}, {2500.5, {0.85}}, {kNoLimit, {0.9}}}));
  EXPECT_TRUE(parseAmountBands("none")->empty());
  for (const auto* text :
       {"", "500", "500:", ":0.8", "500:0.8,", "500:0.8;600:0.9", "a:0.8", "500:0.8 ", "500:b"})
    EXPECT_FALSE(parseAmountBands(text)) << text;
}

}  // namespace
}  // namespace countersign
