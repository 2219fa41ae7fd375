// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ThresholdChoice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/base/Random.h"

namespace countersign {
namespace {

double phi(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

void add(ScoreEvidence& evidence, TrialKind kind, double score, int person) {
  evidence.scores.push_back(static_cast<float>(score));
  evidence.groups.push_back(static_cast<std::uint8_t>(kind));
  evidence.subjects.push_back(person);
}

/// Quantiles of two normal distributions of equal width, `apart` deviations from each other: the
/// closed forms of the binormal model hold to 1 / count.
ScoreEvidence binormal(int count, double apart, double width = 0.1) {
  ScoreEvidence evidence;
  for (int i = 0; i < count; ++i) {
    const double z = normalDeviate((i + 0.5) / count);
    add(evidence, TrialKind::Genuine, width * (z + apart / 2), i % 50);
    add(evidence, TrialKind::Skilled, width * (z - apart / 2), i % 50);
  }
  return evidence;
}

ThresholdTable tableOf(const ScoreEvidence& evidence, int replicates = 20) {
  return {evidence, 1, "list", {.replicates = replicates}};
}

TEST(ThresholdChoice, MeetsTheClosedFormsOfTwoGaussians) {
  constexpr int kCount = 40000;
  constexpr double kApart = 3;
  constexpr double kWidth = 0.1;
  const auto table = tableOf(binormal(kCount, kApart, kWidth), 0);
  const auto equal = chooseThreshold(table, {.kind = ThresholdGoal::Kind::EqualError});
  ASSERT_TRUE(equal);
  EXPECT_NEAR(equal->costs.falseNonMatch.rate.value, phi(-kApart / 2), 1e-4);
  EXPECT_NEAR(equal->threshold, 0, 1e-4);
  EXPECT_NEAR(table.equalErrorRate(TrialKind::Skilled).rate.value, phi(-kApart / 2), 1e-4);

  const auto strict =
      chooseThreshold(table, {.kind = ThresholdGoal::Kind::FalseMatchRate, .target = 0.001});
  ASSERT_TRUE(strict);
  EXPECT_LE(strict->costs.skilledFalseMatch.rate.value, 0.001);
  EXPECT_NEAR(strict->threshold, kWidth * (normalDeviate(0.999) - kApart / 2), 1e-3);
  EXPECT_NEAR(strict->costs.falseNonMatch.rate.value, phi(normalDeviate(0.999) - kApart), 3e-3);

  const auto lenient =
      chooseThreshold(table, {.kind = ThresholdGoal::Kind::FalseNonMatchRate, .target = 0.01});
  ASSERT_TRUE(lenient);
  EXPECT_LE(lenient->costs.falseNonMatch.rate.value, 0.01 + 1e-12);
  EXPECT_NEAR(lenient->threshold, kWidth * (normalDeviate(0.01) + kApart / 2), 1e-3);

  // The least cost lies where the densities' ratio equals the ratio of what errors cost.
  const ThresholdGoal::Costs costs{.falseMatch = 50, .falseNonMatch = 1, .impostorShare = 0.1};
  const auto cheapest =
      chooseThreshold(table, {.kind = ThresholdGoal::Kind::LeastCost, .costs = costs});
  ASSERT_TRUE(cheapest);
  const double odds =
      costs.impostorShare * costs.falseMatch / ((1 - costs.impostorShare) * costs.falseNonMatch);
  EXPECT_NEAR(cheapest->threshold, kWidth * std::log(odds) / kApart, 3e-3);
}

TEST(ThresholdChoice, IsRightInASmallCase) {
  ScoreEvidence evidence;
  for (const double score : {0.4, 0.7, 0.8, 0.9}) add(evidence, TrialKind::Genuine, score, 0);
  for (const double score : {0.1, 0.2, 0.5, 0.75}) add(evidence, TrialKind::Skilled, score, 1);
  const auto table = tableOf(evidence);
  using Kind = ThresholdGoal::Kind;
  const auto at = [&](Kind kind, double target) {
    return chooseThreshold(table, {.kind = kind, .target = target})->threshold;
  };
  EXPECT_NEAR(at(Kind::FalseMatchRate, 0), 0.775, 1e-6) << "above 0.75, below 0.8";
  EXPECT_NEAR(at(Kind::FalseMatchRate, 0.25), 0.6, 1e-6);
  EXPECT_NEAR(at(Kind::FalseMatchRate, 0.3), 0.6, 1e-6);
  EXPECT_LT(at(Kind::FalseMatchRate, 1), 0.1);
  EXPECT_NEAR(at(Kind::FalseNonMatchRate, 0), 0.3, 1e-6);
  EXPECT_NEAR(at(Kind::FalseNonMatchRate, 0.25), 0.6, 1e-6);
  // A false match costs three times as much: rather two misses than one of them.
  const auto cheapest = chooseThreshold(
      table, {.kind = Kind::LeastCost,
              .costs = {.falseMatch = 3, .falseNonMatch = 1, .impostorShare = 0.5}});
  EXPECT_NEAR(cheapest->threshold, 0.775, 1e-6);
  EXPECT_NEAR(cheapest->expectedCost, 0.25, 1e-9);
  EXPECT_FALSE(chooseThreshold(table, {.against = TrialKind::Random})) << "nothing is known";
}

TEST(ThresholdChoice, SaysWhatSoFewPeopleCannotShow) {
  ScoreEvidence evidence;
  for (int person = 0; person < 60; ++person) {
    for (int trial = 0; trial < 50; ++trial) {
      add(evidence, TrialKind::Genuine, 0.9, person);
      add(evidence, TrialKind::Random, 0.1, person);
    }
  }
  const auto table = tableOf(evidence);
  ThresholdGoal goal{.kind = ThresholdGoal::Kind::FalseMatchRate, .against = TrialKind::Random};
  goal.target = 0.0001;
  auto choice = chooseThreshold(table, goal);
  ASSERT_TRUE(choice);
  EXPECT_FALSE(choice->canBeClaimed) << "3 000 trials, but of 60 people";
  EXPECT_DOUBLE_EQ(choice->lowestClaim, 0.05);
  EXPECT_DOUBLE_EQ(choice->costs.randomFalseMatch.rate.high, 0.05);
  goal.target = 0.05;
  EXPECT_TRUE(chooseThreshold(table, goal)->canBeClaimed);
}

TEST(ThresholdChoice, KeepsItsRatesUnderRisingMapsOfTheScore) {
  Random random{3};
  ScoreEvidence plain;
  ScoreEvidence mapped;
  for (int i = 0; i < 900; ++i) {
    const auto kind = static_cast<TrialKind>(i % 3);
    const double score = random.normal(kind == TrialKind::Genuine ? 0.4 : 0, 0.2);
    add(plain, kind, score, i % 30);
    add(mapped, kind, std::tanh(2 * score) / 2, i % 30);
  }
  const auto one = tableOf(plain, 0);
  const auto other = tableOf(mapped, 0);
  for (const auto kind :
       {ThresholdGoal::Kind::FalseMatchRate, ThresholdGoal::Kind::FalseNonMatchRate,
        ThresholdGoal::Kind::EqualError, ThresholdGoal::Kind::LeastCost}) {
    const ThresholdGoal goal{.kind = kind, .target = 0.07};
    const auto a = chooseThreshold(one, goal);
    const auto b = chooseThreshold(other, goal);
    EXPECT_DOUBLE_EQ(a->costs.falseNonMatch.rate.value, b->costs.falseNonMatch.rate.value);
    EXPECT_DOUBLE_EQ(a->costs.skilledFalseMatch.rate.value, b->costs.skilledFalseMatch.rate.value);
  }
}

TEST(ThresholdChoice, DrawsCurvesThatNeverTurnBack) {
  Random random{4};
  ScoreEvidence evidence;
  for (int i = 0; i < 20000; ++i) {
    const auto kind = static_cast<TrialKind>(i % 3);
    add(evidence, kind, random.normal(kind == TrialKind::Genuine ? 0.5 : 0, 0.2), i % 100);
  }
  const auto table = tableOf(evidence, 0);
  const auto curve = errorCurve(table, 300);
  ASSERT_GT(curve.size(), 100U);
  EXPECT_LT(curve.size(), 450U);
  EXPECT_EQ(curve.front().falseNonMatch, 0);
  EXPECT_EQ(curve.front().skilledFalseMatch, 1);
  EXPECT_EQ(curve.back().falseNonMatch, 1);
  EXPECT_EQ(curve.back().randomFalseMatch, 0);
  for (std::size_t i = 1; i < curve.size(); ++i) {
    EXPECT_GT(curve[i].threshold, curve[i - 1].threshold);
    EXPECT_GE(curve[i].falseNonMatch, curve[i - 1].falseNonMatch);
    EXPECT_LE(curve[i].skilledFalseMatch, curve[i - 1].skilledFalseMatch);
    EXPECT_LE(curve[i].randomFalseMatch, curve[i - 1].randomFalseMatch);
    EXPECT_DOUBLE_EQ(curve[i].falseNonMatch, table.at(curve[i].threshold).falseNonMatch.rate.value);
  }
  // The last false matches stand alone: no point jumps over them.
  EXPECT_TRUE(std::any_of(curve.begin(), curve.end(), [&](const ErrorPoint& point) {
    return std::abs(point.skilledFalseMatch * 6667 - 1) < 0.01;
  }));
}

TEST(ThresholdChoice, CountsEveryScoreInOneBar) {
  const std::vector<double> scores{-0.5, 0, 0.1, 0.1, 0.25, 0.5, 1, 1.5};
  EXPECT_EQ(scoreHistogram(scores, 0, 1, 4), (std::vector<int>{3, 1, 0, 1}))
      << "a score on a border lies below it; what is outside is left out";
}

TEST(ThresholdChoice, InvertsTheNormalDistribution) {
  EXPECT_NEAR(normalDeviate(0.5), 0, 1e-12);
  EXPECT_NEAR(normalDeviate(0.975), 1.959963984540054, 1e-9);
  EXPECT_NEAR(normalDeviate(1e-6), -4.753424308822899, 1e-8);
  EXPECT_EQ(normalDeviate(0), -kFarthestDeviate);
  EXPECT_EQ(normalDeviate(1), kFarthestDeviate);
}

}  // namespace
}  // namespace countersign
