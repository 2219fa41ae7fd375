// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/BatchPeers.h"

#include <torch/torch.h>

#include <utility>

namespace countersign {

namespace {

// On processors LibTorch computes gradients on the thread that asks for them.
thread_local BatchPeers* current = nullptr;

class GatherFunction : public torch::autograd::Function<GatherFunction> {
 public:
  // LibTorch demands these signatures.
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& own,
                            int64_t first, int64_t rows, BatchPeers* peers) {
    auto shape = own.sizes().vec();
    shape.front() = rows;
    auto all = torch::zeros(shape, own.options());
    all.narrow(0, first, own.size(0)).copy_(own);
    peers->sum(all);
    context->saved_data["first"] = first;
    context->saved_data["rows"] = own.size(0);
    context->saved_data["peers"] = static_cast<int64_t>(peers->count());
    return all;
  }

  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto own = gradients.front().narrow(0, context->saved_data["first"].toInt(),
                                              context->saved_data["rows"].toInt());
    return {own * context->saved_data["peers"].toInt(), {}, {}, {}};
  }
};

}  // namespace

at::Tensor BatchPeers::gathered(const at::Tensor& own) {
  auto shape = own.sizes().vec();
  shape.insert(shape.begin(), count());
  auto all = torch::zeros(shape, own.options());
  all[index()].copy_(own);
  sum(all);
  return all;
}

BatchPeers* batchPeers() { return current; }

UseBatchPeers::UseBatchPeers(BatchPeers* peers) : m_before(std::exchange(current, peers)) {}
UseBatchPeers::~UseBatchPeers() { current = m_before; }

at::Tensor gatherRows(const at::Tensor& own, int64_t first, int64_t rows, BatchPeers& peers) {
  return GatherFunction::apply(own, first, rows, &peers);
}

}  // namespace countersign
