// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <stdexcept>

namespace countersign {

/// Another process ended, or does not answer.
class PeersGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The processes that each hold a part of one batch. What is computed over the whole batch (batch
/// normalisation, the loss, the gradient) is added up over all of them, so that they learn what one
/// process with all of the batch would.
class BatchPeers {
 public:
  virtual ~BatchPeers() = default;

  virtual int count() const = 0;
  /// Of this process: 0 to count() − 1.
  virtual int index() const = 0;
  /// Adds a tensor up over all, in place; all get the same bits. Every process calls it in the same
  /// order, with tensors of the same shape and type.
  ///
  /// @throws  PeersGone when another one does not answer any more.
  virtual void sum(at::Tensor& tensor) = 0;

  /// What each process has at one place: [count, ...] of tensors of one shape.
  at::Tensor gathered(const at::Tensor& own);
};

/// Those of the training that runs on this thread; nothing when it has the batch for itself.
BatchPeers* batchPeers();

/// Sets batchPeers() as long as it lives.
class UseBatchPeers {
 public:
  explicit UseBatchPeers(BatchPeers* peers);
  ~UseBatchPeers();
  UseBatchPeers(const UseBatchPeers&) = delete;
  UseBatchPeers& operator=(const UseBatchPeers&) = delete;

 private:
  BatchPeers* m_before;
};

/// All rows of a batch of which this process has those from `first` on. The gradient that comes
/// back is that of its own rows times the number of processes: the mean over the processes of all
/// gradients is then the gradient of the whole batch, for what is before this and for what is after
/// it.
at::Tensor gatherRows(const at::Tensor& own, int64_t first, int64_t rows, BatchPeers& peers);

}  // namespace countersign
