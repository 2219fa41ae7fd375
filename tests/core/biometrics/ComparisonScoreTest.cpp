// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/ComparisonScore.h"

#include <gtest/gtest.h>

#include <cmath>

namespace countersign {
namespace {

TEST(ComparisonScore, EqualityIsNonMatch) {
  const DecisionRule rule{{0.5}, 0};
  EXPECT_EQ(decide({0.5}, rule), Verdict::NonMatch);
  EXPECT_EQ(decide({std::nextafter(0.5, 1.0)}, rule), Verdict::Match);
  EXPECT_EQ(decide({std::nextafter(0.5, 0.0)}, rule), Verdict::NonMatch);
}

TEST(ComparisonScore, EqualityAtTheEndsOfTheBandHasNotPassedThem) {
  const DecisionRule rule{{0.5}, 0.25};  // exact in binary: 0.25 to 0.75
  EXPECT_EQ(decide({0.75}, rule), Verdict::Refer);
  EXPECT_EQ(decide({std::nextafter(0.75, 1.0)}, rule), Verdict::Match);
  EXPECT_EQ(decide({0.25}, rule), Verdict::NonMatch);
  EXPECT_EQ(decide({std::nextafter(0.25, 1.0)}, rule), Verdict::Refer);
  EXPECT_EQ(decide({0.5}, rule), Verdict::Refer);
}

TEST(ComparisonScore, FusesTheBest) {
  EXPECT_DOUBLE_EQ(fuseScores({{0.1}, {0.9}, {0.5}}, 2).value, 0.7);
  EXPECT_DOUBLE_EQ(fuseScores({{0.1}, {0.9}, {0.5}}, 9).value, 0.5);
  EXPECT_DOUBLE_EQ(fuseScores({{0.3}}, 1).value, 0.3);
}

}  // namespace
}  // namespace countersign
