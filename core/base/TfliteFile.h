// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <vector>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"

namespace countersign {

/// Operators that are known here, numbered as TensorFlow Lite numbers them.
enum class TfliteOperator {
  Add = 0,
  Concatenate = 2,
  Convolution = 3,
  DepthwiseConvolution = 4,
  Dequantise = 6,
  Dense = 9,
  MaxPool = 17,
  Multiply = 18,
  Relu = 19,
  Reshape = 22,
  ResizeBilinear = 23,
  Pad = 34,
  Subtract = 41,
  Divide = 42,
  Exponential = 47,
  Negate = 59,
  Sum = 74,
  ReduceMax = 82,
  Absolute = 101,
};

/// One step of a graph. Tensors go by their numbers in the graph.
struct TfliteStep {
  TfliteOperator kind;      ///< May be one that has no name above.
  std::vector<int> inputs;  ///< -1: left out.
  int output = 0;
  int stride = 1;                    ///< Of convolutions and pooling, the same both ways.
  bool isPaddedSame = false;         ///< TensorFlow's "SAME"; otherwise no padding.
  bool isRectified = false;          ///< A rectifier is fused with it.
  int pool = 1;                      ///< Extent that is pooled.
  int axis = 0;                      ///< Along which tensors are concatenated.
  bool hasHalfPixelCentres = false;  ///< Of resizing.
};

/// The first graph of a TensorFlow Lite model. Images are [1, rows, columns, channels].
struct TfliteGraph {
  std::vector<TfliteStep> steps;  ///< In the order in which they run.
  /// Constants, as the file has them: convolutions [out, rows, columns, in], depthwise ones
  /// [1, rows, columns, channels]. Those that are kept as 16-bit floats and widened by a step of
  /// their own stand under the number that is used, and the step is left out.
  std::map<int, RawTensor> constants;
  std::map<int, std::vector<int>> shapes;  ///< Of all tensors that have one.
  std::vector<int> inputs;
  std::vector<int> outputs;

  /// The constants among a step's inputs, in order.
  std::vector<const RawTensor*> constantsOf(const TfliteStep& step) const;
};

/// @return  FileNotReadable, or FileMalformed when the file is damaged: all offsets are verified
///          before anything is read.
Result<TfliteGraph> readTflite(const std::filesystem::path& path);
Result<TfliteGraph> parseTflite(std::span<const std::byte> content);

}  // namespace countersign
