// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/BlindChecks.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

DecisionSummary check(std::int64_t person, Finding blind, Finding program, Finding recorded) {
  DecisionSummary decision;
  decision.person = Person{{person}, std::to_string(person), ""};
  decision.network = "net";
  decision.blind = blind;
  decision.finding = program;
  decision.recorded = recorded;
  return decision;
}

TEST(BlindChecks, CountsClerkAndProgramByTheSameChecks) {
  using enum Finding;
  std::vector<DecisionSummary> all{
      check(1, Match, Match, Match),       check(1, NonMatch, Match, Match),
      check(2, Refer, Refer, Match),       check(2, Match, Match, Match),
      check(3, Match, NonMatch, NonMatch), check(4, NonMatch, Match, NonMatch),
      check(5, Match, Match, Refer)};
  all.push_back(check(6, Match, Match, NonMatch));
  all.back().network = "another";
  all.push_back(check(6, Match, Match, NonMatch));
  all.back().blind.reset();
  all.push_back(check(6, Match, Match, NonMatch));
  all.back().modality = Modality::Face;
  const auto found = blindChecks(all, Modality::Signature, "net");
  EXPECT_EQ(found.checks, 6);
  EXPECT_EQ(found.undecided, 1);
  EXPECT_EQ(found.changed, 3) << "one miss, one left open, one that passed";
  EXPECT_EQ(found.clerk.missed.trials, 4);
  EXPECT_DOUBLE_EQ(found.clerk.missed.rate.value, 0.5);
  EXPECT_EQ(found.clerk.passed.trials, 2);
  EXPECT_DOUBLE_EQ(found.clerk.passed.rate.value, 0.5);
  EXPECT_EQ(found.clerk.referred, 1);
  EXPECT_DOUBLE_EQ(found.program.missed.rate.value, 0.25);
  EXPECT_DOUBLE_EQ(found.program.passed.rate.value, 0.5);
  EXPECT_EQ(found.program.missed.people, 2);
}

TEST(BlindChecks, TakeWhatTheProgramSawWhereTheAmountIsAlwaysReferred) {
  auto large = check(1, Finding::Match, Finding::Refer, Finding::Match);
  large.applied = {{{0.5}, 0}, ThresholdSource::Amount, 1e6, true};
  large.score = 0.8;
  EXPECT_EQ(blindChecks({large}, Modality::Signature, "net").program.missed.rate.value, 0);
  large.score = 0.4;
  EXPECT_EQ(blindChecks({large}, Modality::Signature, "net").program.missed.rate.value, 1);
}

TEST(BlindChecks, SayNothingWhereThereAreNone) {
  const auto none = blindChecks({}, Modality::Signature, "net");
  EXPECT_EQ(none.checks, 0);
  EXPECT_EQ(none.clerk.missed.trials, 0);
}

TEST(BlindChecks, AreDrawnByImageAndPersonInTheShareAskedFor) {
  int drawn = 0;
  constexpr int kChecks = 2000;
  for (int i = 0; i < kChecks; ++i) {
    ExaminedImage image;
    image.image.sourceHash = "hash " + std::to_string(i);
    Examination examination;
    examination.person.key = {7};
    examination.probe = std::make_shared<const ExaminedImage>(image);
    examination.service.policy.blindShare = 0.2;
    EXPECT_FALSE(isDrawnBlind(examination)) << "nothing to answer without a score";
    examination.fused = SimilarityScore{0.5};
    const bool isDrawn = isDrawnBlind(examination);
    drawn += isDrawn ? 1 : 0;
    ASSERT_EQ(isDrawnBlind(examination), isDrawn) << "the same image again";
    examination.service.policy.blindShare = 0;
    ASSERT_FALSE(isDrawnBlind(examination));
    examination.service.policy.blindShare = 1;
    ASSERT_TRUE(isDrawnBlind(examination));
  }
  EXPECT_NEAR(drawn, 0.2 * kChecks, 4 * std::sqrt(0.16 * kChecks));
}

}  // namespace
}  // namespace countersign
