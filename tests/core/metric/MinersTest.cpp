// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Miners.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/metric/LossSpec.h"
#include "tests/support/TestBatch.h"

namespace countersign {
namespace {

using test::planeBatch;

constexpr double kMargin = 0.05;

/// Anchor at 0 with its positive at 20; negatives at 15 (hard), 25 (semi-hard) and 120 (easy).
LabelledBatch mixed() { return planeBatch({0, 20, 15, 25, 120}, {1, 1, 2, 3, 4}); }

bool isMined(const char* miner, int a, int p, int n, const LabelledBatch& batch) {
  return mine(miner, tripletsOf(batch), batch, kMargin)[a][p][n].item<bool>();
}

TEST(Miners, TellEasySemiHardAndHardApart) {
  const auto batch = mixed();
  EXPECT_TRUE(isMined("hard", 0, 1, 2, batch));
  EXPECT_TRUE(isMined("semiHard", 0, 1, 3, batch));
  EXPECT_TRUE(isMined("easy", 0, 1, 4, batch));
  EXPECT_FALSE(isMined("hard", 0, 1, 3, batch));
  EXPECT_FALSE(isMined("easy", 0, 1, 3, batch));
  EXPECT_FALSE(isMined("semiHard", 0, 1, 4, batch));
}

TEST(Miners, EasySemiHardAndHardAreDisjointAndCoverAll) {
  torch::manual_seed(8);
  for (int round = 0; round < 20; ++round) {
    LabelledBatch batch;
    batch.embeddings = at::nan_to_num(torch::randn({12, 3}));
    batch.embeddings = batch.embeddings / batch.embeddings.norm(2, 1, true);
    batch.scores = at::mm(batch.embeddings, batch.embeddings.t());
    batch.subjects = torch::randint(-1, 4, {12}, at::kLong);
    batch.victims = at::where(batch.subjects < 0, torch::randint(0, 4, {12}, at::kLong),
                              torch::full({12}, -1, at::kLong));
    const auto triplets = tripletsOf(batch);
    const auto of = [&](const char* miner) {
      return mine(miner, triplets, batch, 0.3).to(at::kInt);
    };
    EXPECT_TRUE(at::equal(of("easy") + of("semiHard") + of("hard"), of("all")));
    for (const auto& miner : minerKinds())
      EXPECT_FALSE((mine(miner, triplets, batch, 0.3) & ~triplets.valid).any().item<bool>())
          << miner;
  }
}

TEST(Miners, AnEqualNegativeIsHard) {
  EXPECT_TRUE(isMined("hard", 0, 1, 2, planeBatch({0, 20, -20}, {1, 1, 2})));
}

TEST(Miners, BatchHardTakesTheFarthestPositiveAndTheClosestNegative) {
  const auto batch = planeBatch({0, 20, 40, 50, 120}, {1, 1, 1, 2, 3});
  const auto mined = mine("batchHard", tripletsOf(batch), batch, kMargin);
  EXPECT_EQ(mined.sum().item<int64_t>(), 3) << "one for each anchor that has a positive";
  EXPECT_TRUE(mined[0][2][3].item<bool>());
  EXPECT_TRUE(mined[2][0][3].item<bool>());
}

TEST(Miners, RandomAndDistanceWeightedDrawOneNegativeByKey) {
  auto batch = mixed();
  const auto triplets = tripletsOf(batch);
  for (const char* miner : {"random", "distanceWeighted"}) {
    batch.key = 1;
    const auto once = mine(miner, triplets, batch, kMargin);
    EXPECT_TRUE(at::equal(once.sum(2) == 1, triplets.valid.any(2))) << miner;
    EXPECT_TRUE(at::equal(once, mine(miner, triplets, batch, kMargin))) << miner;
    bool differs = false;
    for (batch.key = 2; batch.key < 40 && !differs; ++batch.key)
      differs = !at::equal(once, mine(miner, triplets, batch, kMargin));
    EXPECT_TRUE(differs) << miner;
  }
}

TEST(Miners, DistanceWeightedPrefersWhatIsRareOnTheSphere) {
  // In many dimensions nearly all points are √2 away, so a near negative must be drawn far more
  // often than its share.
  LabelledBatch batch;
  const int64_t size = 16;
  batch.embeddings = torch::zeros({4, size});
  batch.embeddings[0][0] = 1;
  batch.embeddings[1][0] = 1;
  batch.embeddings[2][0] = 0.8;  // at distance 0.63
  batch.embeddings[2][1] = 0.6;
  batch.embeddings[3][2] = 1;  // at distance √2
  batch.scores = at::mm(batch.embeddings, batch.embeddings.t());
  batch.subjects = torch::tensor(std::vector<int64_t>{1, 1, 2, 3});
  batch.victims = torch::full({4}, -1, at::kLong);
  const auto triplets = tripletsOf(batch);
  int near = 0;
  for (batch.key = 0; batch.key < 200; ++batch.key)
    near += mine("distanceWeighted", triplets, batch, kMargin)[0][1][2].item<bool>() ? 1 : 0;
  EXPECT_GT(near, 180);
}

TEST(Miners, TripletMixCoversAllTriplets) {
  const auto mix = tripletMix(mixed(), kMargin);
  EXPECT_NEAR(mix.easy + mix.semiHard + mix.hard, 1, 1e-12);
  EXPECT_GT(mix.easy, 0);
  EXPECT_GT(mix.semiHard, 0);
  EXPECT_GT(mix.hard, 0);
  const auto none = tripletMix(planeBatch({0, 90}, {1, 2}), kMargin);
  EXPECT_EQ(none.easy + none.semiHard + none.hard, 0);
}

}  // namespace
}  // namespace countersign
