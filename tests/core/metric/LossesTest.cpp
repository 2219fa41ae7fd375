// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Losses.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace countersign {
namespace {

/// Unit vectors in the plane, at angles in degrees: cosines can be worked out by hand.
LabelledEmbeddings batch(const std::vector<double>& degrees, const std::vector<int64_t>& subjects,
                         const std::vector<int64_t>& isGenuine) {
  const auto angle = torch::tensor(degrees, at::kDouble) * (M_PI / 180);
  return {torch::stack({angle.cos(), angle.sin()}, 1).to(at::kFloat), torch::tensor(subjects),
          torch::tensor(isGenuine).to(at::kBool)};
}

double cosine(double degrees) { return std::cos(degrees * M_PI / 180); }

double valueOf(const LossSpec& spec, const LabelledEmbeddings& b) {
  return makeLoss(spec)->compute(b).item<double>();
}

/// A genuine pair 20 degrees apart, a forgery at 50, and another person at 90.
const LabelledEmbeddings kFour = batch({0, 20, 50, 90}, {1, 1, 1, 2}, {1, 1, 0, 1});

TEST(Losses, PairsStandForWhatTheyShould) {
  const auto masks = pairMasks(kFour);
  const auto count = [](const at::Tensor& mask) { return mask.sum().item<int64_t>(); };
  EXPECT_EQ(count(masks.mated), 2);
  EXPECT_EQ(count(masks.skilled), 4);
  EXPECT_EQ(count(masks.random), 6);
  const auto forgeries = batch({0, 10, 20, 30}, {1, 1, 2, 2}, {0, 0, 0, 0});
  const auto none = pairMasks(forgeries);
  EXPECT_EQ(count(none.mated) + count(none.skilled) + count(none.random), 0)
      << "two forgeries are never compared";
}

TEST(Losses, ContrastiveIsWhatHandsCompute) {
  const auto distance = [](double degrees) { return std::sqrt(2 - 2 * cosine(degrees)); };
  const double margin = 1;
  const auto far = [&](double degrees) {
    return 0.5 * std::pow(std::max(0.0, margin - distance(degrees)), 2);
  };
  const double mated = 0.5 * std::pow(distance(20), 2);
  const double skilled = (far(50) + far(30)) / 2;
  const double random = (far(90) + far(70) + far(40)) / 3;
  EXPECT_NEAR(valueOf({.kind = "contrastive", .margin = margin}, kFour), mated + skilled + random,
              1e-5);
}

TEST(Losses, TripletIsWhatHandsCompute) {
  const double margin = 0.3;
  const double positive = cosine(20);
  double sum = 0;
  int active = 0;
  for (const double negative : {cosine(50), cosine(90), cosine(30), cosine(70)}) {
    const double cost = negative - positive + margin;
    if (cost > 0) {
      sum += cost;
      ++active;
    }
  }
  ASSERT_EQ(active, 2) << "the example must have easy and costly triplets";
  EXPECT_NEAR(valueOf({.kind = "triplet", .margin = margin}, kFour), sum / active, 1e-5);
}

TEST(Losses, MinersPickDisjointTriplets) {
  // The negative at 15 degrees is nearer than the positive (hard), the one at 25 is behind
  // (semi-hard).
  const auto b = batch({0, 20, 15, 25}, {1, 1, 2, 3}, {1, 1, 1, 1});
  const auto value = [&](const char* miner) {
    return valueOf({.kind = "triplet", .margin = 0.05, .miner = miner}, b);
  };
  EXPECT_GT(value("semiHard"), 0);
  EXPECT_LT(value("semiHard"), 0.05);
  EXPECT_GE(value("hard"), 0.05);
}

TEST(Losses, TripletMixCoversAllTriplets) {
  const auto mix = tripletMix(batch({0, 20, 15, 25, 120}, {1, 1, 2, 3, 4}, {1, 1, 1, 1, 1}), 0.05);
  EXPECT_NEAR(mix.easy + mix.semiHard + mix.hard, 1, 1e-12);
  EXPECT_GT(mix.easy, 0);
  EXPECT_GT(mix.semiHard, 0);
  EXPECT_GT(mix.hard, 0);
  const auto none = tripletMix(batch({0, 90}, {1, 2}, {1, 1}), 0.05);
  EXPECT_EQ(none.easy + none.semiHard + none.hard, 0);
}

TEST(Losses, PairwiseLogisticIsWhatHandsCompute) {
  const auto cost = [](double cosineValue, double sign) {
    return std::log1p(std::exp(sign * 10 * (cosineValue - 0.5)));
  };
  const double expected = cost(cosine(20), -1) + (cost(cosine(50), 1) + cost(cosine(30), 1)) / 2 +
                          cost(cosine(40), 1);  // the hardest third of the random pairs
  EXPECT_NEAR(valueOf({.kind = "pairwiseLogistic", .hardestShare = 1.0 / 3}, kFour), expected,
              1e-4);
  EXPECT_EQ(makeLoss({.kind = "pairwiseLogistic"})->parameters().size(), 2U);
}

TEST(Losses, SupervisedContrastiveIsWhatHandsCompute) {
  const double t = 0.5;
  const auto term = [&](const std::vector<double>& all) {
    double sum = 0;
    for (const double degrees : all) sum += std::exp(cosine(degrees) / t);
    return std::log(sum) - cosine(20) / t;
  };
  const double expected = (term({20, 50, 90}) + term({20, 30, 70})) / 2;
  EXPECT_NEAR(valueOf({.kind = "supervisedContrastive", .temperature = t}, kFour), expected, 1e-5);
}

TEST(Losses, HaveTheGradientsOfTheirFiniteDifferences) {
  torch::manual_seed(3);
  const auto raw = torch::randn({8, 5}, at::kDouble);
  const auto subjects = torch::tensor(std::vector<int64_t>{1, 1, 1, 2, 2, 2, 3, 3});
  const auto isGenuine = torch::tensor(std::vector<int64_t>{1, 1, 0, 1, 1, 0, 1, 1}).to(at::kBool);
  for (const char* kind : {"contrastive", "triplet", "pairwiseLogistic", "supervisedContrastive"}) {
    const auto loss = makeLoss({.kind = kind, .margin = 0.7, .hardestShare = 1});
    loss->to(at::kDouble);
    const auto compute = [&](const at::Tensor& x) {
      return loss->compute({x / x.norm(2, 1, true), subjects, isGenuine});
    };
    const auto x = raw.clone().requires_grad_(true);
    const auto gradient = torch::autograd::grad({compute(x)}, {x}).front();
    constexpr double kStep = 1e-6;
    for (const auto& [i, j] : {std::pair{0, 0}, {3, 2}, {7, 4}}) {
      auto plus = raw.clone();
      auto minus = raw.clone();
      plus[i][j] += kStep;
      minus[i][j] -= kStep;
      const double numeric = (compute(plus) - compute(minus)).item<double>() / (2 * kStep);
      EXPECT_NEAR(gradient[i][j].item<double>(), numeric, 1e-5) << kind;
    }
  }
}

TEST(Losses, AreZeroAndFiniteWithoutAnyPair) {
  for (const char* kind : {"contrastive", "triplet", "pairwiseLogistic", "supervisedContrastive"}) {
    auto b = batch({0, 40}, {1, 2}, {0, 0});
    b.embeddings.requires_grad_(true);
    const auto loss = makeLoss({.kind = kind})->compute(b);
    EXPECT_EQ(loss.item<double>(), 0) << kind;
    loss.backward();
    EXPECT_TRUE(at::isfinite(b.embeddings.grad()).all().item<bool>()) << kind;
  }
}

TEST(Losses, HaveFiniteGradientsForIdenticalSamples) {
  for (const char* kind : {"contrastive", "triplet", "pairwiseLogistic", "supervisedContrastive"}) {
    auto b = batch({10, 10, 10, 10}, {1, 1, 2, 2}, {1, 1, 1, 1});
    b.embeddings.requires_grad_(true);
    makeLoss({.kind = kind})->compute(b).backward();
    EXPECT_TRUE(at::isfinite(b.embeddings.grad()).all().item<bool>()) << kind;
  }
}

TEST(Losses, SpecsAreChecked) {
  EXPECT_TRUE(LossSpec{}.check());
  EXPECT_FALSE((LossSpec{.kind = "luck"}).check());
  EXPECT_FALSE((LossSpec{.margin = 2.5}).check());
  EXPECT_FALSE((LossSpec{.temperature = 0}).check());
  EXPECT_FALSE((LossSpec{.miner = "gold"}).check());
  EXPECT_FALSE((LossSpec{.hardestShare = 0}).check());
}

}  // namespace
}  // namespace countersign
