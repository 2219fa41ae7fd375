// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Branch.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "core/metric/internal/TensorConversion.h"

namespace countersign {
namespace {

Architecture tiny() {
  Architecture a;
  a.canvas = {32, 64};
  a.channels = {4, 8, 8};
  a.strides = {2, 1};
  a.gridRows = 2;
  a.gridColumns = 3;
  a.embeddingSize = 16;
  return a;
}

at::Tensor images(int64_t count) { return torch::rand({count, 1, 32, 64}); }

class BranchOfTheTwin : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(5);
    m_branch = makeBranch(tiny());
    // A new block is its shortcut alone, and its normalisation does nothing: with random numbers
    // everywhere, no part can be wrong unseen.
    const torch::NoGradGuard noGrad;
    for (auto& [name, tensor] : namedTensors(*m_branch)) {
      if (tensor.dim() == 1) tensor.uniform_(0.5, 1.5);
    }
    m_branch->eval();
  }
  at::Tensor embed(const at::Tensor& x) { return m_branch->embed({x, {}, {}}).embeddings; }

  std::shared_ptr<Branch> m_branch;
};

TEST_F(BranchOfTheTwin, GivesEmbeddingsOfUnitLength) {
  const auto rows = embed(images(5));
  EXPECT_EQ(rows.sizes(), (std::vector<int64_t>{5, 16}));
  EXPECT_TRUE(at::allclose(rows.norm(2, 1), torch::ones({5}), 1e-5, 1e-5));
}

TEST_F(BranchOfTheTwin, HasOneSetOfWeightsForBothInputs) {
  // Probe and reference pass the very same tensors: there is nothing to keep in step.
  std::vector<void*> before;
  for (const auto& p : m_branch->parameters()) before.push_back(p.data_ptr());
  const auto probe = embed(images(1));
  const auto reference = embed(images(1));
  std::vector<void*> after;
  for (const auto& p : m_branch->parameters()) after.push_back(p.data_ptr());
  EXPECT_EQ(before, after);
  const auto same = images(1);
  EXPECT_TRUE(at::equal(embed(same), embed(same)));
  EXPECT_FALSE(at::equal(probe, reference));
}

TEST_F(BranchOfTheTwin, AddsUpTheGradientsOfBothSides) {
  const auto left = images(1);
  const auto right = images(1);
  const auto direction = torch::randn({1, 16});
  const auto gradientOf = [&](const at::Tensor& loss) {
    m_branch->zero_grad();
    loss.backward();
    return m_branch->parameters().front().grad().clone();
  };
  const auto one = gradientOf((embed(left) * direction).sum());
  const auto two = gradientOf((embed(right) * direction).sum());
  const auto pair =
      gradientOf(0.5 * ((embed(left) * direction).sum() + (embed(right) * direction).sum()));
  EXPECT_TRUE(at::allclose(pair, (one + two) / 2, 1e-4, 1e-6));
  EXPECT_GT(pair.abs().max().item<float>(), 0);
}

TEST_F(BranchOfTheTwin, GivesTheSameOnceFolded) {
  const auto x = images(3);
  const auto before = embed(x).detach();
  m_branch->foldForInference();
  EXPECT_TRUE(at::allclose(before, embed(x), 1e-4, 1e-5));
  EXPECT_FALSE(embed(x).requires_grad());
}

TEST_F(BranchOfTheTwin, LoadsItsOwnWeightsAndNoOthers) {
  std::map<std::string, RawTensor, std::less<>> weights;
  for (const auto& [name, tensor] : namedTensors(*m_branch)) weights[name] = toRaw(tensor);
  auto other = makeBranch(tiny());
  ASSERT_TRUE(loadWeights(*other, weights));
  other->eval();
  const auto x = images(2);
  EXPECT_TRUE(at::equal(embed(x), other->embed({x, {}, {}}).embeddings));

  auto missing = weights;
  missing.erase(missing.begin());
  EXPECT_FALSE(loadWeights(*other, missing));
  auto extra = weights;
  extra["extra"] = weights.begin()->second;
  EXPECT_FALSE(loadWeights(*other, extra));
  auto shape = weights;
  shape.begin()->second.shape.push_back(1);
  EXPECT_FALSE(loadWeights(*other, shape));
  auto infinite = weights;
  const float bad = std::numeric_limits<float>::infinity();
  std::memcpy(infinite.begin()->second.bytes.data(), &bad, sizeof(bad));
  EXPECT_FALSE(loadWeights(*other, infinite));
}

TEST_F(BranchOfTheTwin, KeepsHalfPrecisionWeightsToAThousandth) {
  std::map<std::string, RawTensor, std::less<>> weights;
  for (const auto& [name, tensor] : namedTensors(*m_branch))
    weights[name] = toRaw(tensor.dim() > 1 ? tensor.to(at::kHalf) : tensor);
  auto other = makeBranch(tiny());
  ASSERT_TRUE(loadWeights(*other, weights));
  other->eval();
  const auto x = images(4);
  const auto cosines = (embed(x) * other->embed({x, {}, {}}).embeddings).sum(1);
  EXPECT_GT(cosines.min().item<float>(), 0.999);
}

TEST(PseudoSiameseBranch, HasWeightsOfItsOwnForEachKindOfInput) {
  torch::manual_seed(5);
  auto architecture = tiny();
  architecture.isPseudoSiamese = true;
  ASSERT_TRUE(architecture.check());
  const auto branch = makeBranch(architecture);
  branch->eval();
  std::set<void*> storages;
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : namedTensors(*branch)) {
    storages.insert(tensor.data_ptr());
    elements += tensor.numel();
  }
  EXPECT_EQ(storages.size(), namedTensors(*branch).size()) << "nothing is shared";
  EXPECT_EQ(elements, architecture.tensorElements());
  const auto x = images(3);
  const auto embed = [&](const std::vector<std::int64_t>& kinds) {
    return branch->embed({x, {}, torch::tensor(kinds)}).embeddings;
  };
  const auto first = embed({0, 0, 0});
  const auto second = embed({1, 1, 1});
  EXPECT_FALSE(at::allclose(first, second, 1e-2, 1e-2));
  const auto mixed = embed({0, 1, 0});
  EXPECT_TRUE(at::allclose(mixed[0], first[0], 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(mixed[1], second[1], 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(mixed[2], first[2], 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(branch->embed({x, {}, {}}).embeddings, first, 1e-5, 1e-6));
}

PenFeatures pen(int points, std::uint64_t seed) {
  Random random{seed};
  PenFeatures features;
  for (int i = 0; i < points * PenFeatures::kFeatures; ++i)
    features.values.push_back(static_cast<float>(random.normal()));
  return features;
}

TEST(SequenceBranch, EmbedsSequencesOfAnyLengthWhateverTheyArePaddedTo) {
  torch::manual_seed(5);
  Architecture architecture;
  architecture.kind = "gru";
  architecture.channels = {PenFeatures::kFeatures, 12};
  architecture.strides = {};
  architecture.embeddingSize = 6;
  ASSERT_TRUE(architecture.check());
  const auto branch = makeBranch(architecture);
  branch->eval();
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : namedTensors(*branch)) elements += tensor.numel();
  EXPECT_EQ(elements, architecture.tensorElements());
  const auto brief = pen(9, 1);
  const auto lengthy = pen(40, 2);
  const auto alone = branch->embed(toPaddedBatch({&brief})).embeddings;
  const auto together = branch->embed(toPaddedBatch({&lengthy, &brief})).embeddings;
  EXPECT_EQ(together.sizes(), (std::vector<int64_t>{2, 6}));
  EXPECT_TRUE(at::allclose(alone[0], together[1], 1e-5, 1e-6));
  EXPECT_FALSE(at::allclose(together[0], together[1], 1e-2, 1e-2));
}

}  // namespace
}  // namespace countersign
