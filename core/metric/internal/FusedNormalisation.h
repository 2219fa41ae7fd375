// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <array>
#include <vector>

namespace countersign {

/// One input of fusedNormalisation: what batch normalisation (Ioffe & Szegedy, 2015) needs of a
/// layer. Running statistics are updated in place.
struct NormalisedInput {
  at::Tensor x;       ///< float32 [batch, channels, rows, columns], channels-last.
  at::Tensor weight;  ///< [channels]
  at::Tensor bias;    ///< [channels]
  at::Tensor runningMean;
  at::Tensor runningVariance;
};

/// relu(Σ normalised inputs) of one or two inputs of one shape in training mode: what LibTorch
/// computes by batch_norm, add and relu, in two passes over memory instead of five to nine; the
/// backward pass likewise. Training is bound by memory there (tests/benchmarks/training_benchmark).
///
/// Equal to LibTorch's to rounding (1e-4 relative); repeatable for one number of threads.
at::Tensor fusedNormalisation(const std::vector<NormalisedInput>& inputs, double momentum,
                              double epsilon);

/// Whether fusedNormalisation() can take this input; otherwise use LibTorch's own operators.
bool canFuse(const at::Tensor& x);

}  // namespace countersign
