// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ErrorRates.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/Random.h"

namespace countersign {
namespace {

TEST(ErrorRates, CountEqualityAsNonMatch) {
  const LabelledScores scores{{0.5, 0.9}, {0.5, 0.1}};
  const auto rates = errorRatesAt(scores, 0.5);
  EXPECT_DOUBLE_EQ(rates.falseMatchRate, 0);
  EXPECT_DOUBLE_EQ(rates.falseNonMatchRate, 0.5);
}

TEST(ErrorRates, EqualErrorOfSmallCasesIsWhatHandsCompute) {
  const auto separate = equalError({{0.8, 0.9}, {0.1, 0.2}});
  EXPECT_DOUBLE_EQ(separate.rate, 0);
  EXPECT_GT(separate.threshold, 0.2);
  EXPECT_LT(separate.threshold, 0.8);
  // One of four on either side is on the wrong side of anything between 0.4 and 0.5.
  const auto crossed = equalError({{0.3, 0.6, 0.7, 0.8}, {0.1, 0.2, 0.35, 0.65}});
  EXPECT_DOUBLE_EQ(crossed.rate, 0.25);
  EXPECT_DOUBLE_EQ(equalError({{0.1, 0.2}, {0.8, 0.9}}).rate, 1);
  EXPECT_DOUBLE_EQ(equalError({{0.5, 0.5}, {0.5, 0.5}}).rate, 0.5);
}

TEST(ErrorRates, EqualErrorOfTwoGaussiansIsTheClosedForm) {
  // Means 0 and d with deviation 1 cross at d / 2: EER = Phi(-d / 2).
  Random random{8};
  const double d = 2;
  LabelledScores scores;
  for (int i = 0; i < 200'000; ++i) {
    scores.mated.push_back(random.normal(d, 1));
    scores.nonMated.push_back(random.normal());
  }
  const auto equal = equalError(scores);
  EXPECT_NEAR(equal.rate, 0.5 * std::erfc(d / 2 / std::sqrt(2.0)), 0.003);
  EXPECT_NEAR(equal.threshold, d / 2, 0.02);
}

TEST(ErrorRates, DoNotChangeUnderAMonotoneMapOfTheScore) {
  Random random{9};
  LabelledScores plain;
  LabelledScores mapped;
  for (int i = 0; i < 500; ++i) {
    plain.mated.push_back(random.normal(1, 1));
    plain.nonMated.push_back(random.normal());
    mapped.mated.push_back(std::exp(plain.mated.back()));
    mapped.nonMated.push_back(std::exp(plain.nonMated.back()));
  }
  EXPECT_DOUBLE_EQ(equalError(plain).rate, equalError(mapped).rate);
  EXPECT_DOUBLE_EQ(falseNonMatchRateAt(plain, 0.01), falseNonMatchRateAt(mapped, 0.01));
}

TEST(ErrorRates, AreMonotoneInTheThreshold) {
  Random random{10};
  LabelledScores scores;
  for (int i = 0; i < 100; ++i) {
    scores.mated.push_back(random.normal(1, 1));
    scores.nonMated.push_back(random.normal());
  }
  ErrorRates last{1, 0};
  for (double threshold = -4; threshold < 5; threshold += 0.1) {
    const auto rates = errorRatesAt(scores, threshold);
    EXPECT_LE(rates.falseMatchRate, last.falseMatchRate);
    EXPECT_GE(rates.falseNonMatchRate, last.falseNonMatchRate);
    last = rates;
  }
}

TEST(ErrorRates, FindTheMissesAtAFalseMatchRate) {
  LabelledScores scores;
  for (int i = 1; i <= 100; ++i) scores.nonMated.push_back(i / 100.0);
  scores.mated = {0.985, 0.995, 0.5, 2};
  // At most one of a hundred above the threshold: it lies at 0.99, and two mates are at or below
  // it.
  EXPECT_DOUBLE_EQ(falseNonMatchRateAt(scores, 0.01), 0.5);
  EXPECT_DOUBLE_EQ(falseNonMatchRateAt(scores, 0.001), 0.75);
  EXPECT_DOUBLE_EQ(falseNonMatchRateAt(scores, 1), 0);
}

TEST(ErrorRates, FailuresToAcquireAreRejections) {
  const double failed = -std::numeric_limits<double>::infinity();
  const LabelledScores scores{{failed, 0.9, 0.8, 0.7}, {failed, 0.1, 0.2, 0.3}};
  EXPECT_DOUBLE_EQ(errorRatesAt(scores, 0.5).falseNonMatchRate, 0.25);
  EXPECT_DOUBLE_EQ(errorRatesAt(scores, 0.5).falseMatchRate, 0);
  const auto equal = equalError(scores);
  EXPECT_GT(equal.rate, 0);
  EXPECT_TRUE(std::isfinite(equal.threshold));
}

}  // namespace
}  // namespace countersign
