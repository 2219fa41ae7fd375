// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"

namespace countersign {

/// LibTorch's AdamW (Loshchilov & Hutter, 2019) with state that can be stored as plain tensors,
/// since LibTorch itself would pickle it. Weight decay acts on tensors of two dimensions and more.
class Optimiser {
 public:
  Optimiser(const std::vector<at::Tensor>& parameters, double weightDecay);
  ~Optimiser();
  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;

  void zeroGradient();
  const std::vector<at::Tensor>& parameters() const;
  /// One step along the gradients, which are first shortened to `gradientNorm` in all.
  ///
  /// @return  false when the gradients are not finite; then nothing was changed.
  bool step(double learningRate, double gradientNorm);

  /// Moments and step counts by position of the parameter; parameters without a step are absent.
  std::map<std::string, RawTensor> state() const;
  Status restore(const std::map<std::string, RawTensor, std::less<>>& state);

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace countersign
