// SPDX-License-Identifier: GPL-3.0-or-later
//
// Images per second of the training step, for comparison with PyTorch (training_benchmark.py): the
// default network, batches of 70 canvases, pairwise logistic loss + 0.3 x supervised contrastive,
// AdamW; tensors are ready, and the same in every step. Prints one JSON line.
//
// Usage: training_benchmark [steps] [threads]
#include <malloc.h>
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/metric/Backend.h"
#include "core/metric/internal/LabelledBatch.h"
#include "core/training/internal/TrainingState.h"

int main(int argc, char** argv) {
  using namespace countersign;
  const int steps = argc > 1 ? std::atoi(argv[1]) : 12;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  setComputeThreads(threads);
  if (const auto status = prepareBackend(); !status) return 1;
  const LargeBuffers buffers;

  TrainingOptions options;
  options.losses = {{.kind = "pairwiseLogistic"},
                    {.kind = "supervisedContrastive", .weight = 0.3, .temperature = 0.1}};
  const int people = options.batch.subjects;
  const int each = options.batch.genuine + options.batch.forgeries;
  auto state = makeTrainingState(options, people);
  const auto data = torch::rand({int64_t{people} * each, 1, options.architecture.canvas.height,
                                 options.architecture.canvas.width});
  std::vector<std::int64_t> subjects;
  std::vector<std::int64_t> victims;
  for (int i = 0; i < people * each; ++i) {
    const bool isGenuine = i % each < options.batch.genuine;
    subjects.push_back(isGenuine ? i / each : -1);
    victims.push_back(isGenuine ? -1 : i / each);
  }
  state.branch->train();
  const auto step = [&] {
    const auto output = state.branch->embed({data, {}, {}});
    LabelledBatch batch;
    batch.embeddings = output.embeddings;
    batch.scores = state.branch->score().between(output, output);
    batch.subjects = torch::tensor(subjects);
    batch.victims = torch::tensor(victims);
    auto loss = torch::zeros({});
    for (auto& [term, weight] : state.losses) loss = loss + weight * term->compute(batch);
    state.optimiser->zeroGradient();
    loss.backward();
    state.optimiser->step(1e-3, options.gradientNorm);
    return loss.item<double>();
  };
  constexpr int kWarmUp = 2;
  for (int i = 0; i < kWarmUp; ++i) step();
  const auto began = std::chrono::steady_clock::now();
  double loss = 0;
  for (int i = 0; i < steps; ++i) loss = step();
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("{\"engine\": \"countersign\", \"imagesPerSecond\": %.2f, \"loss\": %.4f}\n",
              static_cast<double>(people) * each * steps / seconds, loss);
  return 0;
}
