// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingHealth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(TrainingHealth, IsSilentWhenAllIsWell) {
  TrainingHealth health;
  for (int i = 0; i < 10; ++i)
    EXPECT_THAT(health.add({1.0 / (i + 1), 0.5, 0.1, 0.9, 0.3 / (i + 1)}), IsEmpty());
}

TEST(TrainingHealth, SaysOnceThatEmbeddingsCollapsed) {
  TrainingHealth health;
  EXPECT_THAT(health.add({1, 0, 1, 0.001, 0.5}), ElementsAre(HasSubstr("collapsed")));
  EXPECT_THAT(health.add({1, 0, 1, 0.001, 0.5}), IsEmpty());
}

TEST(TrainingHealth, SaysThatTheMarginIsTooLargeWhenTheLossIsStuckAndNothingSatisfiesIt) {
  TrainingHealth health;
  for (int i = 0; i < 3; ++i) EXPECT_THAT(health.add({1, 0.01, 0.3, 0.9, 0.4}), IsEmpty());
  EXPECT_THAT(health.add({0.999, 0.01, 0.3, 0.9, 0.4}), ElementsAre(HasSubstr("margin")));
  TrainingHealth falling;
  for (int i = 0; i < 6; ++i)
    EXPECT_THAT(falling.add({1 - 0.1 * i, 0.01, 0.3, 0.9, 0.4}), IsEmpty());
}

TEST(TrainingHealth, SaysThatTrainingAndDevelopmentPartWays) {
  TrainingHealth health;
  EXPECT_THAT(health.add({1.0, 0.5, 0.1, 0.9, 0.20}), IsEmpty());
  EXPECT_THAT(health.add({0.8, 0.5, 0.1, 0.9, 0.23}), IsEmpty());
  EXPECT_THAT(health.add({0.7, 0.5, 0.1, 0.9, 0.24}), IsEmpty());
  EXPECT_THAT(health.add({0.6, 0.5, 0.1, 0.9, 0.25}), ElementsAre(HasSubstr("part ways")));
}

TEST(TrainingHealth, NeedsNoDevelopmentPeople) {
  TrainingHealth health;
  for (int i = 0; i < 8; ++i)
    EXPECT_THAT(health.add({1.0 / (i + 1), 0.5, 0.1, 0.9, {}}), IsEmpty());
}

}  // namespace
}  // namespace countersign
