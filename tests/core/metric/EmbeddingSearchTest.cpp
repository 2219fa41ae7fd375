// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/EmbeddingSearch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "core/metric/Embedding.h"

namespace countersign {
namespace {

std::vector<float> randomUnit(std::mt19937& random, int size) {
  std::normal_distribution<float> normal;
  std::vector<float> made(static_cast<std::size_t>(size));
  for (auto& value : made) value = normal(random);
  const float length = std::sqrt(std::inner_product(made.begin(), made.end(), made.begin(), 0.0F));
  for (auto& value : made) value /= length;
  return made;
}

TEST(EmbeddingSearch, FindsWhatComparingOneByOneFinds) {
  constexpr int kSize = 33;
  constexpr int kCount = 500;
  std::mt19937 random(7);
  EmbeddingSearch search(kSize);
  std::vector<std::vector<float>> all;
  for (int i = 0; i < kCount; ++i) {
    all.push_back(randomUnit(random, kSize));
    search.add(all.back(), i % 3 == 0 ? 0.1F : 0);
  }
  ASSERT_EQ(search.count(), kCount);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const auto query = randomUnit(random, kSize);
    const auto scores = search.scores(query);
    std::vector<int> order(kCount);
    std::iota(order.begin(), order.end(), 0);
    for (int i = 0; i < kCount; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double wanted =
          std::min(1.0, cosineSimilarity(query, all[at]) + (i % 3 == 0 ? 0.1 : 0));
      EXPECT_NEAR(scores[at], wanted, 1e-5);
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
      return scores[static_cast<std::size_t>(a)] > scores[static_cast<std::size_t>(b)];
    });
    const auto best = search.best(query, 12);
    ASSERT_EQ(best.size(), 12U);
    for (std::size_t i = 0; i < best.size(); ++i) {
      EXPECT_EQ(best[i].number, order[i]);
      EXPECT_EQ(best[i].score, scores[static_cast<std::size_t>(order[i])]);
    }
  }
}

TEST(EmbeddingSearch, KnowsWhenThereIsLittleToFind) {
  EmbeddingSearch search(2);
  const std::vector<float> east{1, 0};
  EXPECT_TRUE(search.best(east, 5).empty());
  EXPECT_TRUE(search.scores(east).empty());
  search.add(east);
  search.add(std::vector<float>{0, 1});
  search.add(east);
  const auto best = search.best(east, 5);
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].number, 0) << "of equal ones the earlier first";
  EXPECT_EQ(best[1].number, 2);
  EXPECT_TRUE(search.best(east, 0).empty());
  EXPECT_TRUE(search.best(east, -1).empty());
}

TEST(EmbeddingSearch, KeepsWhatItHasWhenItGrows) {
  constexpr int kSize = 8;
  std::mt19937 random(3);
  EmbeddingSearch search(kSize);
  std::vector<std::vector<float>> all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(randomUnit(random, kSize));
    if (i == 10) search.reserve(20);
    search.add(all.back());
  }
  for (const int i : {0, 9, 10, 63, 64, 500, 999})
    EXPECT_EQ(search.best(all[static_cast<std::size_t>(i)], 1).front().number, i);
}

}  // namespace
}  // namespace countersign
