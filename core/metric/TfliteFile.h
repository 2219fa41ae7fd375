// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"

namespace countersign {

/// Operators that the importers know, numbered as TensorFlow Lite numbers them.
enum class TfliteOperator {
  Add = 0,
  Convolution = 3,
  DepthwiseConvolution = 4,
  Dequantise = 6,
  FullyConnected = 9,
  MaxPool = 17,
  Multiply = 18,
};

/// One step of a graph with the constants that it reads.
struct TfliteStep {
  TfliteOperator kind;  ///< May be one that has no name above.
  /// Its constant inputs in order, as the file has them: convolutions [out, rows, columns, in],
  /// depthwise ones [1, rows, columns, channels], then the bias.
  std::vector<RawTensor> constants;
};

/// The steps of a TensorFlow Lite model's first graph, in the order in which they run. Constants
/// that are kept as 16-bit floats and widened by a step of their own stand where they are used.
///
/// @return  FileNotReadable, or FileMalformed when the file is damaged: all offsets are verified
///          before anything is read.
Result<std::vector<TfliteStep>> readTflite(const std::filesystem::path& path);
Result<std::vector<TfliteStep>> parseTflite(std::span<const std::byte> content);

}  // namespace countersign
