// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/FusedNormalisation.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace countersign {
namespace {

constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;

/// One layer's parameters and statistics, random and away from 0 and 1.
struct Layer {
  explicit Layer(int64_t channels)
      : weight(torch::rand({channels}).add(0.5).requires_grad_(true)),
        bias(torch::randn({channels}).requires_grad_(true)),
        mean(torch::randn({channels})),
        variance(torch::rand({channels}) + 0.5) {}

  at::Tensor weight;
  at::Tensor bias;
  at::Tensor mean;
  at::Tensor variance;
};

at::Tensor image(int64_t channels, double offset) {
  return (torch::randn({5, channels, 9, 13}) * 2 + offset)
      .contiguous(at::MemoryFormat::ChannelsLast)
      .requires_grad_(true);
}

struct Outcome {
  at::Tensor y;
  std::vector<at::Tensor> gradients;
  std::vector<at::Tensor> statistics;
};

/// Computes relu(Σ normalised) and its gradients, by LibTorch's operators or the fused one.
Outcome computed(bool isFused, int64_t channels, int inputs, double offset) {
  torch::manual_seed(12);
  std::vector<Layer> layers;
  std::vector<at::Tensor> images;
  std::vector<NormalisedInput> fused;
  at::Tensor sum;
  for (int i = 0; i < inputs; ++i) {
    const auto& layer = layers.emplace_back(channels);
    images.push_back(image(channels, offset));
    fused.push_back({images.back(), layer.weight, layer.bias, layer.mean, layer.variance});
    if (isFused) continue;
    const auto one = at::batch_norm(images.back(), layer.weight, layer.bias, layer.mean,
                                    layer.variance, true, kMomentum, kEpsilon, false);
    sum = sum.defined() ? sum + one : one;
  }
  Outcome outcome;
  outcome.y = isFused ? fusedNormalisation(fused, kMomentum, kEpsilon) : sum.relu();
  torch::manual_seed(13);
  outcome.y.backward(torch::randn(outcome.y.sizes()).contiguous(at::MemoryFormat::ChannelsLast));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    outcome.gradients.insert(outcome.gradients.end(),
                             {images[i].grad(), layers[i].weight.grad(), layers[i].bias.grad()});
    outcome.statistics.insert(outcome.statistics.end(), {layers[i].mean, layers[i].variance});
  }
  return outcome;
}

void expectSame(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(at::allclose(a[i], b[i], 1e-4, 1e-4))
        << i << ": " << (a[i] - b[i]).abs().max().item<float>();
}

TEST(FusedNormalisation, IsWhatLibTorchComputes) {
  for (const int inputs : {1, 2}) {
    for (const int64_t channels : {3, 32, 48, 224}) {
      const auto ours = computed(true, channels, inputs, 0.5);
      const auto theirs = computed(false, channels, inputs, 0.5);
      expectSame({ours.y}, {theirs.y});
      expectSame(ours.gradients, theirs.gradients);
      expectSame(ours.statistics, theirs.statistics);
    }
  }
}

TEST(FusedNormalisation, KeepsItsDigitsFarFromZero) {
  const auto ours = computed(true, 16, 1, 300);
  const auto theirs = computed(false, 16, 1, 300);
  EXPECT_TRUE(at::allclose(ours.y, theirs.y, 1e-3, 1e-3));
}

TEST(FusedNormalisation, ComputesTheSameTwice) {
  const auto once = computed(true, 32, 2, 0);
  const auto again = computed(true, 32, 2, 0);
  EXPECT_TRUE(at::equal(once.y, again.y));
  for (std::size_t i = 0; i < once.gradients.size(); ++i)
    EXPECT_TRUE(at::equal(once.gradients[i], again.gradients[i]));
}

TEST(FusedNormalisation, LeavesOtherLayoutsToLibTorch) {
  EXPECT_TRUE(canFuse(image(8, 0)));
  EXPECT_FALSE(canFuse(torch::randn({2, 8, 4, 4})));
  EXPECT_FALSE(canFuse(image(8, 0).to(at::kDouble)));
  EXPECT_FALSE(canFuse(image(513, 0)));
}

}  // namespace
}  // namespace countersign
