// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/BootstrapInterval.h"

#include <gtest/gtest.h>

#include "core/base/Random.h"

namespace countersign {
namespace {

/// Scores of people who differ in how well they are recognised.
void makeScores(int people, int trials, std::uint64_t seed, std::vector<SubjectScore>& mated,
                std::vector<SubjectScore>& nonMated) {
  Random random{seed};
  for (int subject = 0; subject < people; ++subject) {
    const double own = random.normal(2, 0.7);
    for (int i = 0; i < trials; ++i) {
      mated.push_back({random.normal(own, 1), subject});
      nonMated.push_back({random.normal(), subject});
    }
  }
}

TEST(BootstrapInterval, PromisesNoMoreThanSoManyPeopleCanShow) {
  EXPECT_DOUBLE_EQ(widenedIfFaultless({0, 0, 0}, 30).high, 0.1);
  EXPECT_DOUBLE_EQ(widenedIfFaultless({0, 0, 0.2}, 30).high, 0.2) << "never narrower";
  EXPECT_DOUBLE_EQ(widenedIfFaultless({0, 0, 0}, 2).high, 1);
  EXPECT_DOUBLE_EQ(widenedIfFaultless({0.01, 0, 0.02}, 30).high, 0.02);
}

TEST(BootstrapInterval, HoldsTheEstimateAndNarrowsWithPeopleNotTrials) {
  const auto width = [](int people, int trials) {
    std::vector<SubjectScore> mated;
    std::vector<SubjectScore> nonMated;
    makeScores(people, trials, 3, mated, nonMated);
    const auto e = equalErrorWithInterval(mated, nonMated, people, {.replicates = 300});
    EXPECT_LE(e.low, e.value);
    EXPECT_GE(e.high, e.value);
    return e.high - e.low;
  };
  const double few = width(10, 100);
  EXPECT_LT(width(160, 100), 0.5 * few);
  EXPECT_GT(width(10, 1600), 0.5 * few) << "more trials of the same people say little more";
}

TEST(BootstrapInterval, CoversTheTruthAboutAsOftenAsItSays) {
  // The truth is what very many people give.
  std::vector<SubjectScore> mated;
  std::vector<SubjectScore> nonMated;
  makeScores(3000, 20, 99, mated, nonMated);
  const double truth = equalErrorWithInterval(mated, nonMated, 3000, {.replicates = 1}).value;
  int covered = 0;
  constexpr int kRounds = 60;
  for (int round = 0; round < kRounds; ++round) {
    mated.clear();
    nonMated.clear();
    makeScores(30, 20, static_cast<std::uint64_t>(round), mated, nonMated);
    const auto e = equalErrorWithInterval(mated, nonMated, 30, {.replicates = 200});
    covered += truth >= e.low && truth <= e.high ? 1 : 0;
  }
  EXPECT_GE(covered, kRounds * 80 / 100);
}

TEST(BootstrapInterval, IsTheSameFromTheSameSeed) {
  std::vector<SubjectScore> mated;
  std::vector<SubjectScore> nonMated;
  makeScores(8, 10, 3, mated, nonMated);
  const auto a = equalErrorWithInterval(mated, nonMated, 8, {.replicates = 50});
  const auto b = equalErrorWithInterval(mated, nonMated, 8, {.replicates = 50});
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
}

TEST(BootstrapInterval, SeesADifferenceThatBothNetworksShareTheNoiseOf) {
  // The second network is a little better on every trial, whoever is drawn.
  PairedScores mated;
  PairedScores nonMated;
  makeScores(12, 10, 5, mated.before, nonMated.before);
  mated.after = mated.before;
  nonMated.after = nonMated.before;
  for (auto& score : mated.after) score.score += 0.3;
  const auto shifted = equalErrorDifference(mated, nonMated, 12, {.replicates = 300});
  EXPECT_LT(shifted.difference.value, 0);
  EXPECT_TRUE(shifted.isCertain());
  EXPECT_DOUBLE_EQ(shifted.difference.value, shifted.after.value - shifted.before.value);
  const double paired = shifted.difference.high - shifted.difference.low;
  EXPECT_LT(paired,
            shifted.before.high - shifted.before.low + shifted.after.high - shifted.after.low)
      << "the people are the same, so their luck cancels out";
  const auto alone = equalErrorWithInterval(mated.before, nonMated.before, 12, {.replicates = 300});
  EXPECT_EQ(shifted.before.low, alone.low);
  EXPECT_EQ(shifted.before.high, alone.high);

  nonMated.after = nonMated.before;
  mated.after = mated.before;
  const auto same = equalErrorDifference(mated, nonMated, 12, {.replicates = 50});
  EXPECT_EQ(same.difference.low, 0);
  EXPECT_EQ(same.difference.high, 0);
  EXPECT_FALSE(same.isCertain());
}

}  // namespace
}  // namespace countersign
