// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ThresholdTable.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/Random.h"
#include "core/evaluation/Calibration.h"

namespace countersign {
namespace {

using Evidence = std::map<std::string, ScoreEvidence, std::less<>>;

ScoreEvidence evidenceOf(const std::vector<float>& mated, const std::vector<float>& skilled,
                         int people) {
  ScoreEvidence evidence;
  const auto add = [&](const std::vector<float>& scores, TrialKind kind) {
    int subject = 0;
    for (const float score : scores) {
      evidence.scores.push_back(score);
      evidence.groups.push_back(static_cast<std::uint8_t>(kind));
      evidence.subjects.push_back(subject++ % people);
    }
  };
  add(mated, TrialKind::Genuine);
  add(skilled, TrialKind::Skilled);
  return evidence;
}

TEST(ThresholdTable, CountsAScoreThatEqualsTheThresholdAsNonMatch) {
  const Evidence evidence{{"a-1ref", evidenceOf({0.5F, 0.6F, 0.7F, 0.8F}, {0.1F, 0.5F}, 2)}};
  const ThresholdTable table(evidence, 1);
  const auto costs = table.at(0.5);
  EXPECT_DOUBLE_EQ(costs.falseNonMatch.rate.value, 0.25);
  EXPECT_DOUBLE_EQ(costs.skilledFalseMatch.rate.value, 0);
  EXPECT_DOUBLE_EQ(table.at(0.49).skilledFalseMatch.rate.value, 0.5);
  EXPECT_EQ(costs.falseNonMatch.trials, 4);
  EXPECT_EQ(costs.falseNonMatch.people, 2);
  EXPECT_EQ(costs.randomFalseMatch.trials, 0) << "nothing is known";
}

TEST(ThresholdTable, ClaimsNoMoreThanThreeOverThePeopleWithoutAnError) {
  const Evidence evidence{
      {"a-1ref", evidenceOf(std::vector<float>(300, 0.9F), std::vector<float>(300, 0.1F), 30)}};
  const auto costs = ThresholdTable(evidence, 1).at(0.5);
  EXPECT_EQ(costs.skilledFalseMatch.rate.value, 0);
  EXPECT_DOUBLE_EQ(costs.skilledFalseMatch.rate.high, 0.1) << "30 people, not 300 trials";
  EXPECT_DOUBLE_EQ(costs.falseNonMatch.rate.high, 0.1);
}

TEST(ThresholdTable, HasWiderIntervalsWhenErrorsComeFromFewPeople) {
  // Ten errors in a hundred trials of ten people: spread evenly, or all by one of them.
  ScoreEvidence even;
  ScoreEvidence oneSided;
  for (int person = 0; person < 10; ++person) {
    for (int trial = 0; trial < 10; ++trial) {
      for (auto* evidence : {&even, &oneSided}) {
        const bool isError = evidence == &even ? trial == 0 : person == 0;
        evidence->scores.push_back(isError ? 0.2F : 0.8F);
        evidence->groups.push_back(static_cast<std::uint8_t>(TrialKind::Genuine));
        evidence->subjects.push_back(person);
      }
    }
  }
  const auto evenRate = ThresholdTable({{"a-1ref", even}}, 1).at(0.5).falseNonMatch.rate;
  const auto oneSidedRate = ThresholdTable({{"a-1ref", oneSided}}, 1).at(0.5).falseNonMatch.rate;
  EXPECT_NEAR(evenRate.value, 0.1, 1e-12);
  EXPECT_NEAR(oneSidedRate.value, 0.1, 1e-12);
  EXPECT_NEAR(evenRate.high - evenRate.low, 0, 1e-6);
  EXPECT_GT(oneSidedRate.high - oneSidedRate.low, 0.2);
}

TEST(ThresholdTable, UsesTheListsWithTheNearestNumberOfReferences) {
  const Evidence evidence{{"x-1ref", evidenceOf({0.5F}, {0.4F}, 1)},
                          {"x-8ref", evidenceOf({0.9F}, {0.8F}, 1)},
                          {"y-8ref", evidenceOf({0.95F}, {0.7F}, 1)}};
  EXPECT_EQ(ThresholdTable(evidence, 1).references(), 1);
  EXPECT_EQ(ThresholdTable(evidence, 2).references(), 1);
  const ThresholdTable several(evidence, 3);
  EXPECT_EQ(several.references(), 8);
  EXPECT_EQ(several.lists(), (std::vector<std::string>{"x-8ref", "y-8ref"}));
  EXPECT_EQ(several.at(0).falseNonMatch.people, 2) << "people of two lists are different people";
}

TEST(ThresholdTable, FindsTheEqualErrorThreshold) {
  const Evidence evidence{
      {"a-1ref", evidenceOf({0.5F, 0.7F, 0.8F, 0.9F}, {0.1F, 0.2F, 0.3F, 0.6F}, 4)}};
  const ThresholdTable table(evidence, 1);
  const auto threshold = table.equalErrorThreshold();
  ASSERT_TRUE(threshold);
  const auto costs = table.at(*threshold);
  EXPECT_DOUBLE_EQ(costs.falseNonMatch.rate.value, 0.25);
  EXPECT_DOUBLE_EQ(costs.skilledFalseMatch.rate.value, 0.25);
}

TEST(ThresholdTable, KnowsNothingWithoutEvidence) {
  const ThresholdTable table({}, 3);
  EXPECT_TRUE(table.isEmpty());
  EXPECT_FALSE(table.equalErrorThreshold());
  EXPECT_EQ(table.at(0.5).falseNonMatch.trials, 0);
}

TEST(ThresholdTable, TellsOwnPeopleFromOthers) {
  const ScoreEvidence evidence{.scores = {0.9F, 0.1F}, .groups = {0, 2}, .subjects = {0, 0}};
  EXPECT_TRUE(
      ThresholdTable({{"own-people-1ref", evidence}}, 1, {.replicates = 1}).isOfOwnPeople());
  EXPECT_FALSE(ThresholdTable({{"cedar-1ref", evidence}, {"own-people-1ref", evidence}}, 1,
                              {.replicates = 1})
                   .isOfOwnPeople());
  EXPECT_FALSE(ThresholdTable({}, 1, {.replicates = 1}).isOfOwnPeople());
}

TEST(ThresholdTable, KeepsFailuresToAcquireApart) {
  auto evidence = evidenceOf({0.5F, 0.6F, 0.7F, -INFINITY}, {0.1F, 0.9F}, 2);
  const ThresholdTable table(evidence, 1, "list");
  const auto costs = table.at(0.55);
  EXPECT_DOUBLE_EQ(costs.falseNonMatch.rate.value, 1.0 / 3) << "of those that took place";
  EXPECT_DOUBLE_EQ(costs.failureToAcquire(TrialKind::Genuine), 1.0 / 4);
  EXPECT_DOUBLE_EQ(costs.falseRejectRate(), 1.0 / 4 + 1.0 / 3 * 3 / 4)
      << "what the others met with is nothing to the rightful";
  EXPECT_DOUBLE_EQ(*costs.falseAcceptRate(TrialKind::Skilled), 0.5) << "all forgeries were read";
  EXPECT_FALSE(costs.falseAcceptRate(TrialKind::Random)) << "there are none";
  const auto counts = table.confusionAt(0.55);
  EXPECT_EQ(counts.rows[0].match, 2);
  EXPECT_EQ(counts.rows[0].nonMatch, 1);
  EXPECT_EQ(counts.rows[0].notAcquired, 1);
  EXPECT_EQ(counts.rows[1].match, 1);
}

TEST(ThresholdTable, HasTheIntervalOfTheEqualErrorThatTheExactBootstrapHas) {
  Random random{9};
  ScoreEvidence evidence;
  CalibrationTrials trials;
  for (int i = 0; i < 3000; ++i) {
    const int person = i / 2 % 40;
    const bool isMated = i % 2 == 0;
    const float score = static_cast<float>(random.normal(isMated ? 0.3 : 0, 0.15) + 0.002 * person);
    evidence.scores.push_back(score);
    evidence.groups.push_back(
        static_cast<std::uint8_t>(isMated ? TrialKind::Genuine : TrialKind::Random));
    evidence.subjects.push_back(person);
    (isMated ? trials.mated : trials.nonMated).push_back({score, person});
  }
  const ThresholdTable table(evidence, 1, "list");
  const auto& rate = table.equalErrorRate(TrialKind::Random);
  const auto exact = equalErrorWithInterval(trials.mated, trials.nonMated, 40);
  EXPECT_NEAR(rate.rate.value, exact.value, 1e-9);
  EXPECT_NEAR(rate.rate.low, exact.low, 0.004);
  EXPECT_NEAR(rate.rate.high, exact.high, 0.004);
  EXPECT_EQ(rate.people, 40);
  EXPECT_EQ(table.equalErrorRate(TrialKind::Skilled).trials, 0);
}

TEST(ThresholdTable, FollowsScoresOutsideOfTheUsualRange) {
  const ThresholdTable table(evidenceOf({-3.0F, -2.5F, -2.0F}, {-9.0F, -8.0F, -2.7F}, 3), 1, "l1");
  const auto costs = table.at(-2.6);
  EXPECT_DOUBLE_EQ(costs.falseNonMatch.rate.value, 1.0 / 3);
  EXPECT_EQ(costs.skilledFalseMatch.rate.value, 0);
  EXPECT_GT(table.at(-8.5).skilledFalseMatch.rate.value, 0.6);
}

}  // namespace
}  // namespace countersign
