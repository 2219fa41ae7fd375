// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/FusedNormalisation.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <barrier>
#include <thread>

#include "core/metric/internal/BatchPeers.h"

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

/// Two threads in the place of two processes.
struct MeetingThreads {
  std::barrier<> everybody{2};
  std::array<at::Tensor, 2> parts;
};

class ThreadPeers final : public BatchPeers {
 public:
  ThreadPeers(MeetingThreads& meeting, int index) : m_meeting(meeting), m_index(index) {}
  int count() const override { return 2; }
  int index() const override { return m_index; }
  void sum(at::Tensor& tensor) override {
    m_meeting.parts[static_cast<std::size_t>(m_index)] = tensor.clone();
    m_meeting.everybody.arrive_and_wait();
    const auto all = m_meeting.parts[0] + m_meeting.parts[1];
    m_meeting.everybody.arrive_and_wait();
    tensor.copy_(all);
  }

 private:
  MeetingThreads& m_meeting;
  int m_index;
};

TEST(FusedNormalisation, OfTwoPartsIsThatOfTheWholeBatch) {
  constexpr int64_t kChannels = 6;
  torch::manual_seed(3);
  const Layer layer(kChannels);
  const auto batch = image(kChannels, 100).detach();
  const auto pull = torch::randn(batch.sizes()).contiguous(at::MemoryFormat::ChannelsLast);
  const auto input = [&](const at::Tensor& x) {
    return NormalisedInput{x, layer.weight.detach().clone().requires_grad_(true),
                           layer.bias.detach().clone().requires_grad_(true), layer.mean.clone(),
                           layer.variance.clone()};
  };
  auto whole = input(batch.clone(at::MemoryFormat::ChannelsLast).requires_grad_(true));
  const auto expected = fusedNormalisation({whole}, kMomentum, kEpsilon);
  expected.backward(pull);

  MeetingThreads meeting;
  std::array<NormalisedInput, 2> parts;
  std::array<at::Tensor, 2> outcomes;
  const std::array<int64_t, 3> borders{0, 2, 5};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 2; ++i)
      threads.emplace_back([&, i] {
        ThreadPeers peers(meeting, static_cast<int>(i));
        const UseBatchPeers use(&peers);
        const auto first = borders[i];
        const auto rows = borders[i + 1] - first;
        parts[i] = input(batch.narrow(0, first, rows)
                             .clone(at::MemoryFormat::ChannelsLast)
                             .requires_grad_(true));
        const auto own = fusedNormalisation({parts[i]}, kMomentum, kEpsilon);
        // As the loss of the whole batch would pull at each part, then averaged.
        outcomes[i] = gatherRows(own, first, 5, peers);
        outcomes[i].backward(pull);
      });
  }
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(at::allclose(outcomes[i], expected, 1e-5, 1e-5));
    EXPECT_TRUE(at::allclose(parts[i].runningMean, whole.runningMean, 1e-5, 1e-5));
    EXPECT_TRUE(at::allclose(parts[i].runningVariance, whole.runningVariance, 1e-5, 1e-5));
  }
  const auto dx = torch::cat({parts[0].x.grad(), parts[1].x.grad()}) / 2;
  EXPECT_TRUE(at::allclose(dx, whole.x.grad(), 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose((parts[0].weight.grad() + parts[1].weight.grad()) / 2,
                           whole.weight.grad(), 1e-4, 1e-4));
  EXPECT_TRUE(at::allclose((parts[0].bias.grad() + parts[1].bias.grad()) / 2, whole.bias.grad(),
                           1e-4, 1e-4));
}

}  // namespace
}  // namespace countersign
