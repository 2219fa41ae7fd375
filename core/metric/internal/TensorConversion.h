// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <torch/types.h>

#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "core/base/Safetensors.h"
#include "core/imaging/PenFeatures.h"
#include "core/metric/internal/Branch.h"

namespace countersign {

/// Copies canvases of one size into a batch scaled to [0, 1].
///
/// @param canvases  all CV_8UC1 or all CV_8UC3 (BGR), rows x cols pixels each; need not be
///                  continuous.
/// @return          float32 tensor [count, 1 or 3 (RGB), rows, cols] that owns its memory.
at::Tensor toBatch(std::span<const cv::Mat> canvases);

/// Sequences as one batch, padded with zeros to the longest of them.
BranchInput toPaddedBatch(const std::vector<const PenFeatures*>& sequences);

/// The rows of a branch's output, one sample each, with the score's formula in every one.
std::vector<EmbeddedSample> toSamples(const BranchOutput& output, const PairScore& score);

/// A copy of the tensor as it lies in files: contiguous, F16, F32, I64 or I32.
RawTensor toRaw(const at::Tensor& tensor);

/// A float32 copy of F16, F32 or F64 elements, an int64 copy of integers.
at::Tensor fromRaw(const RawTensor& raw);

}  // namespace countersign
