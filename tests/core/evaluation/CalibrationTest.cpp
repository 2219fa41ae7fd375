// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/Random.h"

namespace countersign {
namespace {

/// Mated scores around d, non-mated ones around 0, deviation 1: LLR(s) = d s − d² / 2.
CalibrationTrials gaussians(double d, int trials, int people, std::uint64_t seed = 3) {
  Random random{seed};
  CalibrationTrials made;
  for (int i = 0; i < trials; ++i) {
    made.mated.push_back({random.normal(d, 1), i % people});
    made.nonMated.push_back({random.normal(), i % people});
  }
  return made;
}

LabelledScores scoresOf(const CalibrationTrials& trials) {
  LabelledScores scores;
  for (const auto& trial : trials.mated) scores.mated.push_back(trial.score);
  for (const auto& trial : trials.nonMated) scores.nonMated.push_back(trial.score);
  return scores;
}

/// Cost of the true LLRs of two Gaussians: the integral of the density times the bits.
double trueCost(double d) {
  double sum = 0;
  constexpr double kStep = 1e-3;
  for (double x = -10; x < 10 + d; x += kStep) {
    const double density = std::exp(-(x - d) * (x - d) / 2) / std::sqrt(2 * std::acos(-1.0));
    sum += kStep * density * std::log2(1 + std::exp(-(d * x - d * d / 2)));
  }
  return sum;  // the same for both kinds
}

TEST(Calibration, OfTwoGaussiansIsTheClosedForm) {
  const double d = 2;
  const auto trials = gaussians(d, 100'000, 20'000);
  const auto logistic = ScoreCalibration::fit(trials, CalibrationMethod::Logistic);
  EXPECT_NEAR(logistic.slope(), d, 0.03);
  EXPECT_NEAR(logistic.offset(), -d * d / 2, 0.03);
  const auto isotonic = ScoreCalibration::fit(trials, CalibrationMethod::Isotonic);
  for (const double score : {-0.5, 0.0, 1.0, 2.0, 2.5}) {
    EXPECT_NEAR(logistic.logLikelihoodRatio(score), d * score - d * d / 2, 0.06);
    EXPECT_NEAR(isotonic.logLikelihoodRatio(score), d * score - d * d / 2, 0.3);
  }
  const double cost = trueCost(d);
  EXPECT_NEAR(leastCostOfLlrs(scoresOf(trials)), cost, 0.01);
  for (const auto method : {CalibrationMethod::Logistic, CalibrationMethod::Isotonic})
    EXPECT_NEAR(costOfLlrs(personDisjointLlrs(trials, method)), cost, 0.01);
}

TEST(Calibration, OfSmallCasesIsWhatHandsCompute) {
  EXPECT_DOUBLE_EQ(costOfLlrs({{0, 0}, {0}}), 1) << "says nothing";
  const double three = std::log(3.0);
  EXPECT_NEAR(costOfLlrs({{three}, {-three}}), std::log2(4.0 / 3), 1e-12);
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_DOUBLE_EQ(costOfLlrs({{infinity}, {-infinity}}), 0);
  EXPECT_DOUBLE_EQ(leastCostOfLlrs({{0.8, 0.9}, {0.1, 0.2}}), 0);
  EXPECT_DOUBLE_EQ(leastCostOfLlrs({{0.1}, {0.9}}), 1) << "the wrong way round says nothing";
  // Sorted n m n m: the middle two pool to a ratio of 1, which costs half of the weight.
  EXPECT_DOUBLE_EQ(leastCostOfLlrs({{0.2, 0.4}, {0.1, 0.3}}), 0.5);
  const CalibrationTrials pooled{{{0.2, 0}, {0.4, 1}}, {{0.1, 0}, {0.3, 1}}};
  const auto isotonic = ScoreCalibration::fit(pooled, CalibrationMethod::Isotonic);
  EXPECT_DOUBLE_EQ(isotonic.logLikelihoodRatio(0.25), 0);
  EXPECT_DOUBLE_EQ(isotonic.logLikelihoodRatio(0.5), std::log(3.0)) << "two people and one";
  EXPECT_DOUBLE_EQ(isotonic.logLikelihoodRatio(0.35), std::log(3.0) / 2) << "a line between";
}

TEST(Calibration, NeverSaysMoreThanItsPeopleSupport) {
  CalibrationTrials apart;
  for (int i = 0; i < 1000; ++i) {
    apart.mated.push_back({0.9 + i * 1e-5, i % 9});
    apart.nonMated.push_back({0.1 + i * 1e-5, i % 9});
  }
  for (const auto method : {CalibrationMethod::Logistic, CalibrationMethod::Isotonic}) {
    const auto calibration = ScoreCalibration::fit(apart, method);
    EXPECT_EQ(calibration.people(), 9);
    EXPECT_DOUBLE_EQ(calibration.limit(), std::log(10.0));
    EXPECT_LE(calibration.logLikelihoodRatio(1), calibration.limit());
    EXPECT_GT(calibration.logLikelihoodRatio(1), 0.9 * calibration.limit());
    EXPECT_GE(calibration.logLikelihoodRatio(-1), -calibration.limit());
    EXPECT_EQ(calibration.logLikelihoodRatio(-std::numeric_limits<double>::infinity()), 0);
  }
}

TEST(Calibration, NeverFallsWhenTheScoreRises) {
  const auto trials = gaussians(0.7, 300, 30);
  for (const auto method : {CalibrationMethod::Logistic, CalibrationMethod::Isotonic}) {
    const auto calibration = ScoreCalibration::fit(trials, method);
    double before = -1e9;
    for (double score = -4; score < 5; score += 0.01) {
      const double llr = calibration.logLikelihoodRatio(score);
      EXPECT_GE(llr, before - 1e-12);
      before = llr;
    }
  }
  auto swapped = trials;
  std::swap(swapped.mated, swapped.nonMated);
  const auto useless = ScoreCalibration::fit(swapped, CalibrationMethod::Logistic);
  EXPECT_EQ(useless.logLikelihoodRatio(9), 0) << "a score that misleads says nothing";
}

TEST(Calibration, DoesNotDependOnHowManyTrialsOfAKindThereAre) {
  auto trials = gaussians(1.5, 2000, 500);
  const auto even = ScoreCalibration::fit(trials, CalibrationMethod::Logistic);
  const auto once = trials.nonMated;
  for (int i = 0; i < 3; ++i)
    trials.nonMated.insert(trials.nonMated.end(), once.begin(), once.end());
  const auto uneven = ScoreCalibration::fit(trials, CalibrationMethod::Logistic);
  EXPECT_NEAR(even.slope(), uneven.slope(), 1e-6);
  EXPECT_NEAR(even.offset(), uneven.offset(), 1e-6);
  EXPECT_EQ(ScoreCalibration::usual(trials), CalibrationMethod::Isotonic);
  EXPECT_EQ(ScoreCalibration::usual(gaussians(1, 100, 10)), CalibrationMethod::Logistic);
}

TEST(Calibration, LeastCostDoesNotChangeUnderAMonotoneMapOfTheScore) {
  const auto plain = scoresOf(gaussians(1, 500, 50));
  auto mapped = plain;
  for (auto* scores : {&mapped.mated, &mapped.nonMated})
    for (auto& score : *scores) score = std::exp(score / 3);
  EXPECT_NEAR(leastCostOfLlrs(plain), leastCostOfLlrs(mapped), 1e-12);
}

TEST(Calibration, OfUnseenPeopleIsNotTheirOwn) {
  // Scores that say nothing: calibrated on themselves they seem to, on others they do not.
  Random random{5};
  CalibrationTrials noise;
  for (int i = 0; i < 200; ++i) {
    noise.mated.push_back({random.normal(), i % 20});
    noise.nonMated.push_back({random.normal(), i % 20});
  }
  EXPECT_LT(leastCostOfLlrs(scoresOf(noise)), 1);
  EXPECT_GT(costOfLlrs(personDisjointLlrs(noise, CalibrationMethod::Isotonic)), 1);
  const CalibrationTrials one{{{0.9, 0}}, {{0.1, 0}}};
  EXPECT_TRUE(personDisjointLlrs(one, CalibrationMethod::Logistic).mated.empty());
}

TEST(Calibration, CurvesTellHowOftenItMisleads) {
  const LabelledScores llrs{{2, 1, -1}, {-2, -1, 1}};
  const auto curve = tippett(llrs, 5);
  ASSERT_EQ(curve.size(), 5U);
  EXPECT_DOUBLE_EQ(curve[2].llr, 0);
  EXPECT_DOUBLE_EQ(curve[2].mated, 2.0 / 3);
  EXPECT_DOUBLE_EQ(curve[2].nonMated, 1.0 / 3) << "misleading";
  EXPECT_DOUBLE_EQ(curve[4].mated, 0);
  const auto trials = gaussians(2, 50'000, 5'000);
  const auto bins = reliability(personDisjointLlrs(trials, CalibrationMethod::Logistic), 10);
  ASSERT_EQ(bins.size(), 10U);
  for (const auto& bin : bins) EXPECT_NEAR(bin.said, bin.seen, 0.04);
  EXPECT_EQ(std::accumulate(bins.begin(), bins.end(), 0,
                            [](int sum, const auto& bin) { return sum + bin.trials; }),
            100'000);
}

TEST(Calibration, HasWordsForARatio) {
  EXPECT_EQ(verbalScale(std::log(1.5)), "no support");
  EXPECT_EQ(verbalScale(-std::log(50)), "moderate support");
  EXPECT_EQ(verbalScale(std::log(5e3)), "strong support");
  EXPECT_EQ(verbalScale(std::log(5e6)), "extremely strong support");
}

TEST(Calibration, OfAMillionScoresTakesLessThanASecond) {
  const auto trials = gaussians(2, 500'000, 1000);
  for (const auto method : {CalibrationMethod::Logistic, CalibrationMethod::Isotonic}) {
    const auto begin = std::chrono::steady_clock::now();
    const auto calibration = ScoreCalibration::fit(trials, method);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    RecordProperty(method == CalibrationMethod::Logistic ? "logistic_ms" : "isotonic_ms",
                   static_cast<int>(1000 * seconds));
    std::printf("%s: %.2f s\n", method == CalibrationMethod::Logistic ? "logistic" : "isotonic",
                seconds);
    EXPECT_EQ(calibration.people(), 1000);
#ifdef NDEBUG
    EXPECT_LT(seconds, 3) << "one on a machine that does nothing else";
#endif
  }
}

}  // namespace
}  // namespace countersign
