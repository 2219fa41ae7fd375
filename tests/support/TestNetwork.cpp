// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestNetwork.h"

#include <torch/torch.h>

#include "core/metric/internal/Branch.h"
#include "core/metric/internal/TensorConversion.h"

namespace countersign::test {

NetworkFile randomNetwork() {
  torch::manual_seed(1);
  NetworkFile network;
  network.card.name = "random";
  auto& a = network.card.architecture;
  a.channels = {4, 8, 8};
  a.strides = {2, 2};
  a.gridRows = 2;
  a.gridColumns = 4;
  a.embeddingSize = 32;
  for (const auto& [name, tensor] : namedTensors(*makeBranch(a)))
    network.weights[name] = toRaw(tensor);
  return network;
}

}  // namespace countersign::test
