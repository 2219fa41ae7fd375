// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/PairScore.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "core/metric/internal/TensorConversion.h"

namespace countersign {
namespace {

constexpr int kSize = 6;

BranchOutput randomOutput(int64_t count, bool hasMap) {
  const auto raw = torch::randn({count, kSize});
  return {raw / raw.norm(2, 1, true), hasMap ? torch::randn({count, 4, 3, 5}) : at::Tensor()};
}

TEST(PairScore, IsTheSameForManyPairsAsForOne) {
  torch::manual_seed(6);
  for (const auto kind : {ScoreKind::Cosine, ScoreKind::Euclidean, ScoreKind::Manhattan,
                          ScoreKind::ExpManhattan, ScoreKind::LearnedHead}) {
    const bool hasMap = kind == ScoreKind::Cosine;
    const PairScore score({kind, kSize, hasMap});
    const auto a = randomOutput(4, hasMap);
    const auto b = randomOutput(3, hasMap);
    const auto all = score.between(a, b);
    const auto samplesA = toSamples(a, score);
    const auto samplesB = toSamples(b, score);
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 3; ++j) {
        const auto& x = samplesA[static_cast<std::size_t>(i)];
        const auto& y = samplesB[static_cast<std::size_t>(j)];
        const double one = kind == ScoreKind::LearnedHead
                               ? score.headScore(x.embedding, y.embedding)
                               : sampleScore(x, y);
        EXPECT_NEAR(all[i][j].item<double>(), one, 1e-5) << static_cast<int>(kind);
      }
    }
  }
}

TEST(PairScore, IsSymmetric) {
  torch::manual_seed(7);
  for (const auto kind : {ScoreKind::Cosine, ScoreKind::Euclidean, ScoreKind::Manhattan,
                          ScoreKind::ExpManhattan, ScoreKind::LearnedHead}) {
    const bool hasMap = kind == ScoreKind::Cosine;
    const PairScore score({kind, kSize, hasMap});
    const auto a = randomOutput(4, hasMap);
    const auto b = randomOutput(5, hasMap);
    EXPECT_TRUE(at::allclose(score.between(a, b), score.between(b, a).t(), 0, 1e-6));
    const auto own = score.between(a, a);
    EXPECT_TRUE(at::allclose(own, own.t(), 0, 1e-6));
    if (kind == ScoreKind::LearnedHead) continue;
    const auto samples = toSamples(a, score);
    for (const auto& x : samples) {
      for (const auto& y : samples) EXPECT_NEAR(sampleScore(x, y), sampleScore(y, x), 1e-6);
    }
  }
}

TEST(PairScore, LocalPartTakesAShareAndStaysInRange) {
  torch::manual_seed(8);
  PairScore score({ScoreKind::Cosine, kSize, true});
  EXPECT_NEAR(score.localShare(), 0.5, 1e-6);
  const auto a = randomOutput(8, true);
  const auto whole = at::mm(a.embeddings, a.embeddings.t());
  const auto local = localScores(a.maps, a.maps);
  EXPECT_TRUE(at::allclose(score.between(a, a), 0.5 * whole + 0.5 * local, 1e-5, 1e-6));
  EXPECT_LE(local.abs().max().item<double>(), 1 + 1e-5);
  EXPECT_NEAR(local.diagonal().min().item<double>(), 1, 1e-5) << "a map agrees with itself";
}

TEST(PairScore, LocalPartForgivesAShiftOfOneCellAndNotOfThree) {
  torch::manual_seed(9);
  const auto map = torch::randn({1, 8, 6, 12});
  const auto inside = torch::zeros_like(map);
  inside.slice(3, 3, 8).copy_(map.slice(3, 3, 8));
  const auto moved = [&](int64_t cells) { return at::roll(inside, {cells}, {3}); };
  const auto score = [&](int64_t cells) {
    return localScores(inside, moved(cells)).item<double>();
  };
  EXPECT_NEAR(score(1), 1, 1e-4);
  EXPECT_LT(score(3), 0.8);
}

TEST(PairScore, LearnsItsParametersWithTheBranch) {
  PairScore local({ScoreKind::Cosine, kSize, true});
  ASSERT_EQ(local.parameters().size(), 1U);
  const auto a = randomOutput(3, true);
  local.between(a, a).sum().backward();
  EXPECT_NE(local.parameters().front().grad().item<double>(), 0);
  EXPECT_EQ(PairScore({ScoreKind::LearnedHead, kSize, false}).parameters().size(), 2U);
  EXPECT_TRUE(PairScore({ScoreKind::Cosine, kSize, false}).parameters().empty());
}

TEST(PairScore, HasFiniteGradientsForEmptyMaps) {
  PairScore score({ScoreKind::Cosine, kSize, true});
  auto output = randomOutput(3, true);
  output.maps = torch::zeros({3, 4, 3, 5}).requires_grad_(true);
  score.between(output, output).sum().backward();
  EXPECT_TRUE(at::isfinite(output.maps.grad()).all().item<bool>());
}

}  // namespace
}  // namespace countersign
