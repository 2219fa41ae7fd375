// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/IndividualThreshold.h"

#include <gtest/gtest.h>

#include <cmath>

namespace countersign {
namespace {

constexpr auto kMated = static_cast<std::uint8_t>(TrialKind::Genuine);
constexpr auto kForged = static_cast<std::uint8_t>(TrialKind::Skilled);

// Two people whose scores differ by 0.1 within each, and by much between them.
EvidenceByList evidence() {
  const float failed = -INFINITY;
  return {{"a-1ref",
           {{0.6F, 0.8F, 0.2F, 0.4F, 0.9F, failed},
            {kMated, kMated, kMated, kMated, kForged, kMated},
            {0, 0, 1, 1, 0, 1}}},
          {"a-8ref", {{0.9F, 0.7F}, {kMated, kMated}, {0, 1}}}};
}

TEST(IndividualThreshold, ComparesWithTheSpreadWithinPeople) {
  const auto usual = usualSpread(evidence(), 8);
  ASSERT_TRUE(usual);
  EXPECT_NEAR(usual->deviation, std::sqrt(0.02), 1e-6) << "what lies between people is no spread";
  EXPECT_NEAR(usual->mean, 0.8, 1e-6) << "of people with as many references";
  EXPECT_NEAR(usualSpread(evidence(), 1)->mean, 0.5, 1e-6);
  EXPECT_FALSE(usualSpread({}, 3));
  EXPECT_FALSE(usualSpread({{"a-1ref", {{0.5F}, {kMated}, {0}}}}, 3)) << "one score has no spread";
}

TEST(IndividualThreshold, FollowsTheSpreadAndIsShrunk) {
  const UsualSpread usual{0.1, 0.8};
  const SimilarityScore office{0.7};
  // Deviation of 0.4 and 0.6 is √0.02: √2 times the usual one, so √2 times as far below the mean.
  const auto loose = individualThreshold(office, usual, {0.4, 0.6}, 4);
  EXPECT_NEAR(loose.value, 0.7 - 0.5 * 0.1 * (std::sqrt(2.0) - 1), 1e-12);
  EXPECT_NEAR(individualThreshold(office, usual, {0.4, 0.6}, 12).value,
              0.7 - 0.75 * 0.1 * (std::sqrt(2.0) - 1), 1e-12)
      << "more references count for more";
  EXPECT_NEAR(individualThreshold(office, usual, {0.5, 0.5, 0.5}, 4).value, 0.75, 1e-12)
      << "somebody who always signs the same way: half the way to the usual mean";
  EXPECT_EQ(individualThreshold(office, usual, {0.5}, 2), office) << "two show no spread";
  EXPECT_EQ(individualThreshold(office, usual, {0.5, std::nan("")}, 4), office);
  EXPECT_EQ(individualThreshold(office, usual, {0.3, 0.5}, 4),
            individualThreshold(office, usual, {0.7, 0.9}, 4))
      << "only the spread counts";
}

}  // namespace
}  // namespace countersign
