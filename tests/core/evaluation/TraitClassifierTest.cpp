// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TraitClassifier.h"

#include <gtest/gtest.h>

#include "core/base/Random.h"

namespace countersign {
namespace {

/// 20 people, 10 genuine and 10 forged samples each; the first trait is `gap` higher in forged
/// ones.
std::vector<TraitRow> rows(double gap) {
  std::vector<TraitRow> all;
  for (std::uint64_t person = 0; person < 20; ++person) {
    Random random{person, 5};
    const double own = random.normal();
    for (int i = 0; i < 20; ++i) {
      const bool isGenuine = i < 10;
      all.push_back({{own + 0.3 * random.normal() + (isGenuine ? 0 : gap), random.normal()},
                     isGenuine,
                     std::to_string(person)});
    }
  }
  return all;
}

TEST(TraitClassifier, FindsATraitThatGivesTheLabelAway) {
  const auto accuracy = traitAccuracy(rows(20));
  ASSERT_TRUE(accuracy);
  EXPECT_GT(accuracy->value, 0.99);
  EXPECT_GT(accuracy->low, 0.98);
}

TEST(TraitClassifier, IsAtChanceWhenThereIsNone) {
  const auto accuracy = traitAccuracy(rows(0));
  ASSERT_TRUE(accuracy);
  EXPECT_NEAR(accuracy->value, 0.5, 0.08);
  EXPECT_LE(accuracy->low, accuracy->value);
  EXPECT_GE(accuracy->high, accuracy->value);
}

TEST(TraitClassifier, DoesNotLearnPeopleByHeart) {
  // The second trait says who it is; within training people it would give every label away.
  auto all = rows(0);
  for (auto& row : all) row.traits[1] = std::stod(row.subject);
  EXPECT_NEAR(traitAccuracy(all)->value, 0.5, 0.1);
}

TEST(TraitClassifier, NeedsBothLabelsAndTwoPeople) {
  auto all = rows(1);
  std::erase_if(all, [](const TraitRow& row) { return !row.isGenuine; });
  EXPECT_FALSE(traitAccuracy(all));
  auto one = rows(1);
  std::erase_if(one, [](const TraitRow& row) { return row.subject != "3"; });
  EXPECT_FALSE(traitAccuracy(one));
  EXPECT_FALSE(traitAccuracy({}));
}

}  // namespace
}  // namespace countersign
