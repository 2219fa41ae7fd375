// SPDX-License-Identifier: GPL-3.0-or-later
//
// How much of the processor's convolution speed a network reaches when it embeds, beside one 3 x 3
// convolution (64 -> 64 channels, 56 x 56, batch 32) in the same run. Prints medians.
//
// Usage: inference_benchmark NETWORK [rounds]
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/metric/Backend.h"
#include "core/metric/EmbeddingNetwork.h"
#include "core/metric/NetworkFile.h"
#include "core/metric/internal/Branch.h"

namespace {

using namespace countersign;

template <typename Work>
double medianSeconds(int rounds, Work&& work) {
  std::vector<double> seconds;
  for (int i = 0; i <= rounds; ++i) {
    const auto began = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
    if (i > 0) seconds.push_back(spent.count());  // the first one warms up
  }
  std::nth_element(seconds.begin(), seconds.begin() + rounds / 2, seconds.end());
  return seconds[static_cast<std::size_t>(rounds / 2)];
}

/// Multiplications of all convolutions for one image.
double multiplications(const Branch& branch, const Architecture& architecture) {
  double sum = 0;
  for (const auto& [name, tensor] : namedTensors(branch)) {
    constexpr int kConvolutionDimensions = 4;
    if (tensor.dim() != kConvolutionDimensions) continue;
    int rows = (architecture.canvas.height + 1) / 2;
    int columns = (architecture.canvas.width + 1) / 2;
    for (std::size_t i = 0; i < architecture.strides.size(); ++i) {
      if (name.starts_with("stem")) break;
      rows = (rows + architecture.strides[i] - 1) / architecture.strides[i];
      columns = (columns + architecture.strides[i] - 1) / architecture.strides[i];
      if (name.starts_with("block" + std::to_string(i + 1) + ".")) break;
    }
    sum += static_cast<double>(tensor.numel()) * rows * columns;
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("Usage: inference_benchmark NETWORK [rounds]\n", stderr);
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 15;
  setComputeThreads(1);
  if (const auto status = prepareBackend(); !status) return 1;
  const auto file = readNetworkFile(argv[1]);
  if (!file) {
    std::fprintf(stderr, "%s\n", file.error().message.c_str());
    return 2;
  }
  const auto& architecture = file->card.architecture;
  const auto branch = makeBranch(architecture, file->card.score);
  if (const auto status = loadWeights(*branch, file->weights); !status) {
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
    return 2;
  }
  branch->eval();
  branch->foldForInference();
  const torch::NoGradGuard noGrad;
  constexpr double kGiga = 1e9;
  constexpr double kMilli = 1e3;
  constexpr int kBatch = 32;

  const auto layers = torch::MemoryFormat::ChannelsLast;
  const auto input = torch::rand({kBatch, 64, 56, 56}).contiguous(layers);
  const auto weight = torch::rand({64, 64, 3, 3}).contiguous(layers);
  const double one = medianSeconds(rounds, [&] { at::conv2d(input, weight, {}, 1, 1); });
  const double peak = 2.0 * kBatch * 64 * 64 * 9 * 56 * 56 / one / kGiga;
  std::printf("one convolution, batch %d: %.1f GFLOP/s\n", kBatch, peak);

  const double work = 2 * multiplications(*branch, architecture) / kGiga;
  for (const int batch : {1, kBatch}) {
    const auto images =
        torch::rand({batch, 1, architecture.canvas.height, architecture.canvas.width});
    const double seconds = medianSeconds(rounds, [&] { branch->embed({images, {}, {}}); });
    std::printf(
        "network of %.0f million multiplications, batch %d: %.1f GFLOP/s, %.2f of it; %.2f ms an "
        "image\n",
        work * kMilli / 2, batch, work * batch / seconds, work * batch / seconds / peak,
        kMilli * seconds / batch);
  }
  return 0;
}
