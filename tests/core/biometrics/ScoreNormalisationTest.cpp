// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/ScoreNormalisation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace countersign {
namespace {

TEST(ScoreNormalisation, MeasuresInDeviationsOfTheCohort) {
  const auto spread = cohortSpread({1, 2, 3, -INFINITY});
  ASSERT_TRUE(spread);
  EXPECT_DOUBLE_EQ(spread->mean, 2);
  EXPECT_DOUBLE_EQ(spread->deviation, 1);
  EXPECT_FALSE(cohortSpread({1, 2}));
  EXPECT_FALSE(cohortSpread({1, 1, 1}));
  EXPECT_FALSE(cohortSpread({}));
}

TEST(ScoreNormalisation, TakesTheCohortThatEachWayNeeds) {
  const CohortSpread references{0.2, 0.1};
  const CohortSpread probe{0.3, 0.2};
  const SimilarityScore score{0.5};
  using enum ScoreNormalisation;
  EXPECT_EQ(normalisedScore(score, None, references, probe), score);
  EXPECT_DOUBLE_EQ(normalisedScore(score, Z, references, probe)->value, 3);
  EXPECT_DOUBLE_EQ(normalisedScore(score, T, references, probe)->value, 1);
  EXPECT_DOUBLE_EQ(normalisedScore(score, S, references, probe)->value, 2);
  EXPECT_DOUBLE_EQ(normalisedScore(score, S, references, {})->value, 3);
  EXPECT_DOUBLE_EQ(normalisedScore(score, Z, {}, probe)->value, 1);
  EXPECT_FALSE(normalisedScore(score, S, {}, {}));
}

TEST(ScoreNormalisation, IsKnownByItsName) {
  EXPECT_EQ(scoreNormalisationOf("s"), ScoreNormalisation::S);
  EXPECT_EQ(scoreNormalisationOf("none"), ScoreNormalisation::None);
  EXPECT_FALSE(scoreNormalisationOf("x"));
}

}  // namespace
}  // namespace countersign
