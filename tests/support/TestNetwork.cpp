// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestNetwork.h"

#include <torch/torch.h>

#include "core/metric/internal/Branch.h"
#include "core/metric/internal/TensorConversion.h"

namespace countersign::test {

NetworkFile randomNetwork(int seed, int mapChannels) {
  torch::manual_seed(static_cast<std::uint64_t>(seed));
  NetworkFile network;
  network.card.name = "random";
  auto& a = network.card.architecture;
  a.channels = {4, 8, 8};
  a.strides = {2, 2};
  a.gridRows = 2;
  a.gridColumns = 4;
  a.embeddingSize = 32;
  a.mapChannels = mapChannels;
  for (const auto& [name, tensor] : namedTensors(*makeBranch(a)))
    // Vectors are normalisation: 1 and 0 would hide what is wrong with folding.
    network.weights[name] =
        toRaw(tensor.dim() == 1 ? torch::rand(tensor.sizes()).add_(0.5) : tensor.detach());
  return network;
}

}  // namespace countersign::test
