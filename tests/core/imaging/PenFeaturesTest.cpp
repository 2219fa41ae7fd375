// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/PenFeatures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/corpus/SyntheticSigner.h"

namespace countersign {
namespace {

PenTrajectory signature() { return SyntheticSigner(4, 2).genuine(0); }

TEST(PenFeatures, AreFreeOfPlaceSizeAndUnit) {
  const auto plain = penFeatures(signature());
  ASSERT_TRUE(plain);
  auto moved = signature();
  for (auto& p : moved) {
    p.x = 3 * p.x + 1000;
    p.y = 3 * p.y - 50;
  }
  const auto other = penFeatures(moved);
  ASSERT_TRUE(other);
  ASSERT_EQ(plain->values.size(), other->values.size());
  for (std::size_t i = 0; i < plain->values.size(); ++i)
    EXPECT_NEAR(plain->values[i], other->values[i], 1e-4);
}

TEST(PenFeatures, AreAtMostTwoHundredPointsOfEight) {
  const auto features = penFeatures(signature());
  ASSERT_TRUE(features);
  EXPECT_LE(features->points(), PenFeatures::kMostPoints);
  EXPECT_EQ(features->values.size() % PenFeatures::kFeatures, 0U);
  for (const float value : features->values) EXPECT_TRUE(std::isfinite(value));
  for (int i = 0; i < features->points(); ++i) {
    const auto* point = features->values.data() + i * PenFeatures::kFeatures;
    const double direction = std::hypot(point[5], point[6]);
    EXPECT_TRUE(direction == 0 || std::abs(direction - 1) < 1e-5);
    EXPECT_TRUE(point[7] == 0 || point[7] == 1);
  }
}

TEST(PenFeatures, TooLittleMovementIsOneSentence) {
  EXPECT_FALSE(penFeatures({}));
  EXPECT_FALSE(penFeatures(PenTrajectory(3)));
  PenTrajectory still(20);
  for (std::size_t i = 0; i < still.size(); ++i) still[i].seconds = 0.01 * static_cast<double>(i);
  const auto features = penFeatures(still);
  ASSERT_FALSE(features);
  EXPECT_EQ(features.error().code, ErrorCode::QualityInsufficient);
}

TEST(PenFeatures, AugmentationChangesTrajectoriesALittleAndRepeatably) {
  Random a{1};
  Random b{1};
  const auto plain = signature();
  const auto once = augmentTrajectory(plain, {}, a);
  const auto again = augmentTrajectory(plain, {}, b);
  ASSERT_EQ(once.size(), plain.size());
  EXPECT_EQ(once.back().x, again.back().x);
  EXPECT_NE(once.back().x, plain.back().x);
  Random c{1};
  const AugmentationOptions nothing{.rotation = 0, .scale = 0, .shear = 0};
  EXPECT_DOUBLE_EQ(augmentTrajectory(plain, nothing, c).back().x, plain.back().x);
}

}  // namespace
}  // namespace countersign
