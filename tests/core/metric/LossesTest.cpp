// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Losses.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "tests/support/TestBatch.h"

namespace countersign {
namespace {

using test::cosine;
using test::planeBatch;

double valueOf(const LossSpec& spec, const LabelledBatch& b) {
  torch::manual_seed(4);
  return makeLoss(spec, {2, 4})->compute(b).item<double>();
}

double distance(double degrees) { return std::sqrt(2 - 2 * cosine(degrees)); }

/// A genuine pair 20 degrees apart, a forgery at 50, and another person at 90.
LabelledBatch four() { return planeBatch({0, 20, 50, 90}, {1, 1, -1, 2}, {-1, -1, 1, -1}); }

/// Aligned pairs of three people: rows of the similarity matrix are 0, 90 and 200 degrees, columns
/// 30, 100 and 260.
LabelledBatch aligned() {
  auto batch = planeBatch({0, 90, 200, 30, 100, 260}, {1, 2, 3, 1, 2, 3});
  batch.layout = BatchLayout::AlignedPairs;
  batch.compared = comparedPairs(batch.layout, 6);
  return batch;
}

TEST(Losses, PairsStandForWhatTheyShould) {
  const auto masks = pairMasks(four());
  const auto count = [](const at::Tensor& mask) { return mask.sum().item<int64_t>(); };
  EXPECT_EQ(count(masks.mated), 2);
  EXPECT_EQ(count(masks.skilled), 4);
  EXPECT_EQ(count(masks.random), 6);
  const auto none = pairMasks(planeBatch({0, 10, 20, 30}, {-1, -1, -1, -1}, {1, 1, 2, 2}));
  EXPECT_EQ(count(none.mated) + count(none.skilled) + count(none.random), 0)
      << "two forgeries are never compared";
}

TEST(Losses, PseudoWritersAreMatesOfEachOtherAndImitateTheirVictim) {
  // Two samples of person 0, two pseudo-written ones (person 7 imitating 0), a forgery of 0, and
  // another person.
  const auto masks =
      pairMasks(planeBatch({0, 10, 20, 30, 40, 90}, {0, 0, 7, 7, -1, 1}, {-1, -1, 0, 0, 0, -1}));
  const auto at = [](const at::Tensor& mask, int i, int j) { return mask[i][j].item<bool>(); };
  EXPECT_TRUE(at(masks.mated, 2, 3));
  EXPECT_TRUE(at(masks.skilled, 0, 2) && at(masks.skilled, 3, 1));
  EXPECT_TRUE(at(masks.random, 2, 5));
  EXPECT_FALSE(at(masks.mated, 2, 4) || at(masks.skilled, 2, 4) || at(masks.random, 2, 4))
      << "two imitators of one person are not compared";
  EXPECT_FALSE((masks.mated & masks.skilled).any().item<bool>());
  EXPECT_FALSE((masks.random & (masks.mated | masks.skilled)).any().item<bool>());
  for (const auto& mask : {masks.mated, masks.skilled, masks.random})
    EXPECT_TRUE(at::equal(mask, mask.t()));
}

TEST(Losses, OnlyPairsThatWereDrawnAreCompared) {
  const auto pairs = comparedPairs(BatchLayout::Pairs, 4);
  EXPECT_TRUE(pairs[2][3].item<bool>());
  EXPECT_FALSE(pairs[1][2].item<bool>());
  const auto triplets = comparedPairs(BatchLayout::Triplets, 6);
  EXPECT_TRUE(triplets[3][5].item<bool>());
  EXPECT_FALSE(triplets[2][3].item<bool>());
  EXPECT_FALSE(comparedPairs(BatchLayout::Subjects, 4).defined());
  auto batch = planeBatch({0, 20, 0, 90}, {1, 1, 1, 2});
  batch.compared = pairs;
  EXPECT_EQ(pairMasks(batch).mated.sum().item<int64_t>(), 2);
  EXPECT_EQ(pairMasks(batch).random.sum().item<int64_t>(), 2);
}

TEST(Losses, ContrastiveIsWhatHandsCompute) {
  const double margin = 1;
  const auto far = [&](double degrees) {
    return 0.5 * std::pow(std::max(0.0, margin - distance(degrees)), 2);
  };
  const double mated = 0.5 * std::pow(distance(20), 2);
  const double nonMated = (far(50) + far(30)) / 2 + (far(90) + far(70) + far(40)) / 3;
  EXPECT_NEAR(valueOf({.kind = "contrastive", .margin = margin}, four()), mated + nonMated, 1e-5);
  const double inner = 0.2;
  EXPECT_NEAR(valueOf({.kind = "contrastive", .margin = margin, .innerMargin = inner}, four()),
              0.5 * std::pow(distance(20) - inner, 2) + nonMated, 1e-5);
}

TEST(Losses, CosineContrastiveIsWhatHandsCompute) {
  const double margin = 0.5;
  const auto far = [&](double degrees) { return std::max(0.0, cosine(degrees) - margin); };
  EXPECT_NEAR(valueOf({.kind = "cosineContrastive", .margin = margin}, four()),
              1 - cosine(20) + (far(50) + far(30)) / 2 + (far(90) + far(70) + far(40)) / 3, 1e-5);
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
  EXPECT_NEAR(valueOf({.kind = "triplet", .margin = margin}, four()), sum / active, 1e-5);
}

TEST(Losses, TripletNetworkIsWhatHandsComputeInItsThreeForms) {
  // A at 0, P at 20, N at 60; and P at 20 as the anchor with the negative 40 degrees away.
  auto batch = planeBatch({0, 20, 60}, {1, 1, 2});
  const auto share = [](double positive, double negative) {
    return 1 / (1 + std::exp(distance(negative) - distance(positive)));
  };
  const auto squared = [](double x) { return x * x; };
  const double fromA = squared(share(20, 60));
  const double fromP = squared(share(20, 40));
  EXPECT_NEAR(valueOf({.kind = "tripletNetwork"}, batch), (fromA + fromP) / 2, 1e-5);
  const LossSpec two{.kind = "tripletNetwork", .form = "twoPositives"};
  EXPECT_NEAR(valueOf(two, batch), (fromA + fromP) / 2, 1e-5);

  batch = planeBatch({0, 20, 60, 90}, {1, 1, 2, 3});
  const auto threeWay = [&](double positive, double first, double second) {
    const double p = std::exp(distance(positive));
    const double a = std::exp(distance(first));
    const double b = std::exp(distance(second));
    const double sum = p + a + b;
    return (squared(p / sum) + squared(a / sum - 0.5) + squared(b / sum - 0.5)) / 3;
  };
  const LossSpec negatives{.kind = "tripletNetwork", .form = "twoNegatives"};
  EXPECT_NEAR(valueOf(negatives, batch), (threeWay(20, 60, 90) + threeWay(20, 40, 70)) / 2, 1e-5);
}

TEST(Losses, TwoPositivesCountBothMatesAsAnchors) {
  // Only the triplet with A as the anchor is drawn.
  const LossSpec one{.kind = "tripletNetwork", .miner = "hard"};
  const LossSpec both{.kind = "tripletNetwork", .miner = "hard", .form = "twoPositives"};
  const auto batch = planeBatch({0, 50, -20, 120}, {1, 1, 2, 3});
  EXPECT_NE(valueOf(one, batch), valueOf(both, batch));
}

TEST(Losses, SoftmaxHeadIsWhatItsClassifierSays) {
  const auto batch = planeBatch({0, 20}, {1, 1});
  const auto loss = makeLoss({.kind = "softmaxHead"}, {2, 1});
  const auto parameters = loss->parameters();
  ASSERT_EQ(parameters.size(), 2U);
  const auto& e = batch.embeddings;
  const auto features = at::cat({(e[0] - e[1]).abs(), e[0] * e[1]});
  const auto logits = at::mv(parameters[0], features) + parameters[1];
  EXPECT_NEAR(loss->compute(batch).item<double>(), -logits.log_softmax(0)[1].item<double>(), 1e-5);
}

TEST(Losses, CrossEntropyIsWhatHandsCompute) {
  auto batch = planeBatch({0, 20, 50}, {1, 1, 2});
  batch.scoreKind = ScoreKind::ExpManhattan;
  batch.scores =
      torch::tensor({1.0F, 0.8F, 0.3F, 0.8F, 1.0F, 0.1F, 0.3F, 0.1F, 1.0F}).reshape({3, 3});
  EXPECT_NEAR(valueOf({.kind = "crossEntropy"}, batch),
              -std::log(0.8) - (std::log(0.7) + std::log(0.9)) / 2, 1e-5);
}

TEST(Losses, BatchCostIsWhatHandsComputeInBothReadings) {
  const double margin = 0.4;
  const auto cost = [&](double x) { return std::max(0.0, x + margin); };
  // Row by row: mate, and the two others.
  const double d1 = cosine(30);
  const double d2 = cosine(10);
  const double d3 = cosine(60);
  const double expected = cost((cosine(100) + cosine(260)) / 2 - d1) + cost(cosine(100) - d1) +
                          cost((cosine(60) + cosine(170)) / 2 - d2) + cost(cosine(60) - d2) +
                          cost((cosine(170) + cosine(100)) / 2 - d3) + cost(cosine(100) - d3);
  EXPECT_NEAR(valueOf({.kind = "batchCost", .margin = margin}, aligned()), expected, 1e-5);

  // Row one now has an off-diagonal above its mate: the second reading leaves that one out.
  auto hard = planeBatch({0, 90, 200, 30, 10, 260}, {1, 2, 3, 1, 2, 3});
  hard.layout = BatchLayout::AlignedPairs;
  const double closest = valueOf({.kind = "batchCost", .margin = margin}, hard);
  const double below =
      valueOf({.kind = "batchCost", .margin = margin, .negative = "closestBelowMate"}, hard);
  const double rowOne = cost(cosine(10) - d1) - cost(cosine(260) - d1);
  // Row two: mate at 80 degrees, others at 60 (above the mate) and 170.
  const double rowTwo = cost(cosine(60) - cosine(80)) - cost(cosine(170) - cosine(80));
  EXPECT_NEAR(closest - below, rowOne + rowTwo, 1e-5);
  EXPECT_GT(closest, below);
}

TEST(Losses, PairwiseLogisticIsWhatHandsCompute) {
  const auto cost = [](double cosineValue, double sign) {
    return std::log1p(std::exp(sign * 10 * (cosineValue - 0.5)));
  };
  const double expected = cost(cosine(20), -1) + (cost(cosine(50), 1) + cost(cosine(30), 1)) / 2 +
                          cost(cosine(40), 1);  // the hardest third of the random pairs
  EXPECT_NEAR(valueOf({.kind = "pairwiseLogistic", .hardestShare = 1.0 / 3}, four()), expected,
              1e-4);
  EXPECT_EQ(makeLoss({.kind = "pairwiseLogistic"}, {})->parameters().size(), 2U);
}

TEST(Losses, SupervisedContrastiveIsWhatHandsCompute) {
  const double t = 0.5;
  const auto term = [&](const std::vector<double>& all) {
    double sum = 0;
    for (const double degrees : all) sum += std::exp(cosine(degrees) / t);
    return std::log(sum) - cosine(20) / t;
  };
  const double expected = (term({20, 50, 90}) + term({20, 30, 70})) / 2;
  EXPECT_NEAR(valueOf({.kind = "supervisedContrastive", .temperature = t}, four()), expected, 1e-5);
}

TEST(Losses, MultiSimilarityIsWhatHandsCompute) {
  // Anchor at 0: positive at 40, negatives at 30 (kept: nearer than the positive) and 100 (left
  // out). Anchor at 40: negatives at 10 and 60, the positive at 40. Others have no positive.
  const LossSpec spec{.kind = "multiSimilarity",
                      .margin = 0.1,
                      .positiveScale = 2,
                      .negativeScale = 10,
                      .base = 0.5};
  const auto batch = planeBatch({0, 40, 30, 100}, {1, 1, 2, 3});
  const auto positive = [](double degrees) {
    return std::log1p(std::exp(-2 * (cosine(degrees) - 0.5))) / 2;
  };
  const auto negative = [](const std::vector<double>& degrees) {
    double sum = 0;
    for (const double d : degrees) sum += std::exp(10 * (cosine(d) - 0.5));
    return std::log1p(sum) / 10;
  };
  const double first = positive(40) + negative({30});
  const double second = positive(40) + negative({10});
  // The other two have negatives, and nothing to keep them by: no positive makes the worst one +∞.
  EXPECT_NEAR(valueOf(spec, batch), (first + second) / 2, 1e-5);
}

TEST(Losses, ClassMarginsAreWhatHandsCompute) {
  const auto batch = planeBatch({0, 90, 45}, {0, 1, -1}, {-1, -1, 0});
  const double scale = 4;
  const double margin = 0.3;
  for (const bool isAngular : {false, true}) {
    const auto loss = makeLoss(
        {.kind = isAngular ? "arcFace" : "cosFace", .margin = margin, .scale = scale}, {2, 2});
    {
      const torch::NoGradGuard noGrad;
      // Classes at 30 and 100 degrees, not of unit length.
      loss->parameters().front().copy_(
          torch::tensor({2 * cosine(30), 2 * cosine(60), 3 * cosine(100), 3 * cosine(10)})
              .reshape({2, 2}));
    }
    const auto own = [&](double degrees) {
      return isAngular ? std::cos(degrees * M_PI / 180 + margin) : cosine(degrees) - margin;
    };
    const auto term = [&](double ownAngle, double otherAngle) {
      const double a = std::exp(scale * own(ownAngle));
      return -std::log(a / (a + std::exp(scale * cosine(otherAngle))));
    };
    EXPECT_NEAR(loss->compute(batch).item<double>(), (term(30, 100) + term(10, 60)) / 2, 1e-4)
        << (isAngular ? "arcFace" : "cosFace");
  }
}

/// Every kind that can be computed from cosines of free batches.
std::vector<LossSpec> allSpecs() {
  std::vector<LossSpec> specs;
  for (const auto& kind : lossKinds()) {
    LossSpec spec{.kind = kind, .margin = 0.7, .hardestShare = 1};
    if (kind == "multiSimilarity") spec.negativeScale = 5;
    specs.push_back(spec);
  }
  for (const char* form : {"twoPositives", "twoNegatives"})
    specs.push_back({.kind = "tripletNetwork", .form = form});
  specs.push_back({.kind = "batchCost", .margin = 0.7, .negative = "closestBelowMate"});
  return specs;
}

TEST(Losses, HaveTheGradientsOfTheirFiniteDifferences) {
  torch::manual_seed(3);
  const auto raw = torch::randn({8, 5}, at::kDouble);
  for (const auto& spec : allSpecs()) {
    const bool isAligned = spec.kind == "batchCost";
    const auto loss = makeLoss(spec, {5, 4});
    loss->to(at::kDouble);
    const auto compute = [&](const at::Tensor& x) {
      LabelledBatch batch;
      batch.embeddings = x / x.norm(2, 1, true);
      batch.scores = at::mm(batch.embeddings, batch.embeddings.t());
      if (spec.kind == "crossEntropy") batch.scores = 0.5 + 0.4 * batch.scores;
      batch.subjects = isAligned ? torch::tensor(std::vector<int64_t>{0, 1, 2, 3, 0, 1, 2, 3})
                                 : torch::tensor(std::vector<int64_t>{1, 1, -1, 2, 2, -1, 3, 3});
      batch.victims = torch::tensor(std::vector<int64_t>{-1, -1, 1, -1, -1, 2, -1, -1});
      if (isAligned) batch.victims.fill_(-1);
      return loss->compute(batch);
    };
    const auto x = raw.clone().requires_grad_(true);
    const auto gradient = torch::autograd::grad({compute(x)}, {x}).front();
    EXPECT_GT(gradient.abs().max().item<double>(), 1e-6) << spec.kind;
    constexpr double kStep = 1e-6;
    for (const auto& [i, j] : {std::pair{0, 0}, {3, 2}, {7, 4}}) {
      auto plus = raw.clone();
      auto minus = raw.clone();
      plus[i][j] += kStep;
      minus[i][j] -= kStep;
      const double numeric = (compute(plus) - compute(minus)).item<double>() / (2 * kStep);
      EXPECT_NEAR(gradient[i][j].item<double>(), numeric, 1e-5) << spec.kind << " " << spec.form;
    }
  }
}

TEST(Losses, AreZeroAndFiniteWithoutAnyPair) {
  for (const auto& spec : allSpecs()) {
    auto b = planeBatch({0, 40}, {-1, -1}, {1, 2});
    b.embeddings.requires_grad_(true);
    b.scores = at::mm(b.embeddings, b.embeddings.t());
    const auto loss = makeLoss(spec, {2, 4})->compute(b);
    EXPECT_EQ(loss.item<double>(), 0) << spec.kind;
    if (!loss.requires_grad()) continue;
    loss.backward();
    if (b.embeddings.grad().defined()) {
      EXPECT_TRUE(at::isfinite(b.embeddings.grad()).all().item<bool>()) << spec.kind;
    }
  }
}

TEST(Losses, HaveFiniteGradientsForIdenticalSamples) {
  for (const auto& spec : allSpecs()) {
    auto b = planeBatch({10, 10, 10, 10}, {1, 1, 2, 2});
    b.embeddings.requires_grad_(true);
    b.scores = at::mm(b.embeddings, b.embeddings.t());
    makeLoss(spec, {2, 4})->compute(b).backward();
    EXPECT_TRUE(at::isfinite(b.embeddings.grad()).all().item<bool>()) << spec.kind;
  }
}

TEST(Losses, SpecsAreChecked) {
  EXPECT_TRUE(LossSpec{}.check());
  EXPECT_FALSE((LossSpec{.kind = "luck"}).check());
  EXPECT_FALSE((LossSpec{.margin = 2.5}).check());
  EXPECT_FALSE((LossSpec{.margin = 0.5, .innerMargin = 0.5}).check());
  EXPECT_FALSE((LossSpec{.temperature = 0}).check());
  EXPECT_FALSE((LossSpec{.miner = "gold"}).check());
  EXPECT_FALSE((LossSpec{.hardestShare = 0}).check());
  EXPECT_FALSE((LossSpec{.form = "square"}).check());
  EXPECT_FALSE((LossSpec{.negative = "nearest"}).check());
  EXPECT_FALSE((LossSpec{.scale = 0}).check());
}

TEST(Losses, AreRefusedWhereTheyMeanNothing) {
  const auto fits = [](const char* kind, BatchLayout layout, ScoreKind score) {
    return static_cast<bool>(LossSpec{.kind = kind}.checkFit(layout, score));
  };
  EXPECT_TRUE(fits("batchCost", BatchLayout::AlignedPairs, ScoreKind::Cosine));
  EXPECT_FALSE(fits("batchCost", BatchLayout::Subjects, ScoreKind::Cosine));
  EXPECT_TRUE(fits("crossEntropy", BatchLayout::Pairs, ScoreKind::LearnedHead));
  EXPECT_FALSE(fits("crossEntropy", BatchLayout::Pairs, ScoreKind::Cosine));
  EXPECT_FALSE(fits("supervisedContrastive", BatchLayout::Subjects, ScoreKind::Euclidean));
  EXPECT_TRUE(fits("contrastive", BatchLayout::Subjects, ScoreKind::Euclidean));
  EXPECT_FALSE(fits("arcFace", BatchLayout::Triplets, ScoreKind::Cosine));
}

}  // namespace
}  // namespace countersign
