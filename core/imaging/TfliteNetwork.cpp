// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/TfliteNetwork.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "core/base/File.h"
#include "core/base/TfliteFile.h"
#include "core/imaging/internal/SamePadding.h"

namespace countersign {

namespace {

using Values = std::vector<at::Tensor>;

constexpr std::int64_t kLargestSide = 4096;
constexpr int kLargestPool = 64;

/// A hostile file may ask for more memory than there is.
void checkSize(std::int64_t first, std::int64_t second) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 26;
  TORCH_CHECK(first <= kMostElements && second <= kMostElements && first * second <= kMostElements,
              "size of an image");
}

/// Images are [1, channels, rows, columns] here, channels innermost in memory; the file thinks of
/// them as [1, rows, columns, channels], and so do reshaping and dense layers.
at::Tensor asInFile(const at::Tensor& x) { return x.dim() == 4 ? x.permute({0, 2, 3, 1}) : x; }

std::int64_t axisHere(int axis, std::int64_t dimensions) {
  constexpr std::array<std::int64_t, 4> kPlaces{0, 2, 3, 1};
  const auto place = axis < 0 ? axis + dimensions : std::int64_t{axis};
  return dimensions == 4 ? kPlaces.at(static_cast<std::size_t>(place)) : place;
}

at::Tensor tensorOf(const RawTensor& raw) {
  const auto type = raw.type == ElementType::F16   ? at::kHalf
                    : raw.type == ElementType::I32 ? at::kInt
                                                   : at::kFloat;
  auto tensor = torch::empty(raw.shape, type);
  std::memcpy(tensor.data_ptr(), raw.bytes.data(), raw.bytes.size());
  return raw.type == ElementType::I32 ? tensor : tensor.to(at::kFloat);
}

at::Tensor rectified(const TfliteStep& step, const at::Tensor& x) {
  return step.isRectified ? x.relu() : x;
}

/// What a step does, with its constants made ready.
class Compiler {
 public:
  explicit Compiler(const TfliteGraph& graph) : m_graph(graph) {}

  std::function<at::Tensor(const Values&)> operator()(const TfliteStep& step) const {
    using Op = TfliteOperator;
    switch (step.kind) {
      case Op::Convolution:
      case Op::DepthwiseConvolution:
        return convolution(step);
      case Op::Dense:
        return dense(step);
      case Op::MaxPool:
        TORCH_CHECK(step.pool <= kLargestPool && step.stride <= kLargestPool, "pooling");
        return [step](const Values& v) {
          const auto& x = v.at(input(step, 0));
          const auto padded =
              step.isPaddedSame
                  ? paddedAsSame(x, step.pool, step.stride, -std::numeric_limits<float>::infinity())
                  : x;
          return rectified(step, at::max_pool2d(padded, step.pool, step.stride));
        };
      case Op::Add:
      case Op::Multiply:
      case Op::Subtract:
      case Op::Divide:
        return arithmetic(step);
      case Op::Relu:
        return [step](const Values& v) { return v.at(input(step, 0)).relu(); };
      case Op::Absolute:
        return [step](const Values& v) { return v.at(input(step, 0)).abs(); };
      case Op::Negate:
        return [step](const Values& v) { return v.at(input(step, 0)).neg(); };
      case Op::Exponential:
        return [step](const Values& v) { return v.at(input(step, 0)).exp(); };
      case Op::Sum:  // of softmax, along the last axis
        return [step](const Values& v) { return v.at(input(step, 0)).sum(1, true); };
      case Op::ReduceMax:
        return [step](const Values& v) { return v.at(input(step, 0)).amax(1, true); };
      case Op::Concatenate:
        return [step](const Values& v) {
          std::vector<at::Tensor> parts;
          for (std::size_t i = 0; i < step.inputs.size(); ++i)
            parts.push_back(v.at(input(step, i)));
          return at::cat(parts, axisHere(step.axis, parts.front().dim()));
        };
      case Op::Reshape: {
        const auto& shape = m_graph.shapes.at(step.output);
        const std::vector<std::int64_t> extents(shape.begin(), shape.end());
        return [step, extents](const Values& v) {
          return asInFile(v.at(input(step, 0))).reshape(extents);
        };
      }
      case Op::Pad: {
        const auto amounts = constant(step, 1).flatten();
        TORCH_CHECK(amounts.numel() == 8, "padding of an image");
        const auto* p = amounts.data_ptr<int>();
        // Before and after, for batch, rows, columns and channels; here the columns come first.
        const std::vector<std::int64_t> padding{p[4], p[5], p[2], p[3], p[6], p[7]};
        for (const auto amount : padding)
          TORCH_CHECK(amount >= 0 && amount <= kLargestSide, "padding of an image");
        return [step, padding](const Values& v) {
          const auto& x = v.at(input(step, 0));
          TORCH_CHECK(x.dim() == 4, "padding of an image");
          checkSize(x.size(0) * (x.size(1) + padding[4] + padding[5]),
                    (x.size(2) + padding[2] + padding[3]) * (x.size(3) + padding[0] + padding[1]));
          return at::constant_pad_nd(x, padding, 0);
        };
      }
      case Op::ResizeBilinear: {
        const auto size = constant(step, 1).flatten();
        TORCH_CHECK(size.numel() == 2 && step.hasHalfPixelCentres, "way of resizing");
        const std::vector<std::int64_t> extents{size.data_ptr<int>()[0], size.data_ptr<int>()[1]};
        for (const auto extent : extents)
          TORCH_CHECK(extent >= 1 && extent <= kLargestSide, "way of resizing");
        return [step, extents](const Values& v) {
          const auto& x = v.at(input(step, 0));
          TORCH_CHECK(x.dim() == 4, "way of resizing");
          checkSize(x.size(0) * x.size(1), extents[0] * extents[1]);
          return at::upsample_bilinear2d(x, extents, /*align_corners*/ false);
        };
      }
      case Op::Dequantise:
        break;
    }
    TORCH_CHECK(false, "operator ", static_cast<int>(step.kind));
    return {};
  }

 private:
  static std::size_t input(const TfliteStep& step, std::size_t which) {
    return static_cast<std::size_t>(step.inputs.at(which));
  }

  at::Tensor constant(const TfliteStep& step, std::size_t which) const {
    return tensorOf(m_graph.constants.at(step.inputs.at(which)));
  }

  std::function<at::Tensor(const Values&)> convolution(const TfliteStep& step) const {
    const bool isDepthwise = step.kind == TfliteOperator::DepthwiseConvolution;
    const auto weights =
        constant(step, 1)
            .permute(isDepthwise ? at::IntArrayRef{3, 0, 1, 2} : at::IntArrayRef{0, 3, 1, 2})
            .contiguous(at::MemoryFormat::ChannelsLast);
    const auto bias = constant(step, 2);
    const auto groups = isDepthwise ? weights.size(0) : 1;
    const auto kernel = static_cast<int>(weights.size(2));
    TORCH_CHECK(weights.size(2) == weights.size(3), "kernel that is not square");
    const std::vector<std::int64_t> strides{step.stride, step.stride};
    return [=](const Values& v) {
      auto x = v.at(input(step, 0));
      std::vector<std::int64_t> even{0, 0};
      if (step.isPaddedSame) {
        const auto padding = samePadding(x, kernel, step.stride);
        if (padding[0] == padding[1] && padding[2] == padding[3])
          even = {padding[2], padding[0]};
        else
          x = paddedAsSame(x, kernel, step.stride);
      }
      return rectified(step, at::conv2d(x, weights, bias, strides, even, {1, 1}, groups));
    };
  }

  std::function<at::Tensor(const Values&)> dense(const TfliteStep& step) const {
    const auto weights = constant(step, 1);
    const auto bias = constant(step, 2);
    return [=](const Values& v) {
      const auto x = asInFile(v.at(input(step, 0))).reshape({1, weights.size(1)});
      return rectified(step, at::linear(x, weights, bias));
    };
  }

  std::function<at::Tensor(const Values&)> arithmetic(const TfliteStep& step) const {
    // A vector of constants goes along the channels, which are not the last axis here.
    const auto operand = [&](std::size_t which) -> at::Tensor {
      const auto at = m_graph.constants.find(step.inputs.at(which));
      return at == m_graph.constants.end() ? at::Tensor() : tensorOf(at->second);
    };
    return [step, first = operand(0), second = operand(1)](const Values& v) {
      const auto other = [&](std::size_t which, const at::Tensor& constant, bool isImage) {
        if (!constant.defined()) return v.at(input(step, which));
        return isImage && constant.dim() == 1 ? constant.reshape({1, -1, 1, 1}) : constant;
      };
      const auto& shown = v.at(input(step, first.defined() ? 1 : 0));
      const auto a = other(0, first, shown.dim() == 4);
      const auto b = other(1, second, shown.dim() == 4);
      switch (step.kind) {
        case TfliteOperator::Multiply:
          return rectified(step, a * b);
        case TfliteOperator::Subtract:
          return rectified(step, a - b);
        case TfliteOperator::Divide:
          return rectified(step, a / b);
        default:
          return rectified(step, a + b);
      }
    };
  }

  const TfliteGraph& m_graph;
};

struct Instruction {
  std::function<at::Tensor(const Values&)> compute;
  std::size_t output;
  std::vector<std::size_t> done;  ///< Values that nothing needs any more.
};

}  // namespace

struct TfliteNetwork::Impl {
  std::vector<Instruction> program;
  std::size_t values = 0;
  std::size_t input = 0;
  std::vector<std::size_t> outputs;
  cv::Size size;

  std::vector<std::vector<float>> run(const cv::Mat& image) const {
    const c10::InferenceMode inference;
    at::globalContext().setFlushDenormal(true);
    Values v(values);
    v[input] = torch::from_blob(const_cast<float*>(image.ptr<float>()),  // only read
                                {1, image.rows, image.cols, 3})
                   .permute({0, 3, 1, 2});
    for (const auto& instruction : program) {
      v[instruction.output] = instruction.compute(v);
      for (const auto place : instruction.done) v[place].reset();
    }
    std::vector<std::vector<float>> results;
    for (const auto place : outputs) {
      const auto result = asInFile(v.at(place)).contiguous();
      results.emplace_back(result.data_ptr<float>(), result.data_ptr<float>() + result.numel());
    }
    return results;
  }
};

TfliteNetwork::TfliteNetwork(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
TfliteNetwork::TfliteNetwork(TfliteNetwork&&) noexcept = default;
TfliteNetwork& TfliteNetwork::operator=(TfliteNetwork&&) noexcept = default;
TfliteNetwork::~TfliteNetwork() = default;

Result<TfliteNetwork> TfliteNetwork::of(std::span<const std::byte> file) try {
  const auto graph = parseTflite(file);
  if (!graph) return graph.error();
  auto impl = std::make_unique<Impl>();
  const auto& shape = graph->shapes.at(graph->inputs.at(0));
  constexpr int kLargestInput = 4096;
  TORCH_CHECK(shape.size() == 4 && shape[3] == 3 && shape[1] >= 1 && shape[2] >= 1 &&
                  std::max(shape[1], shape[2]) <= kLargestInput,
              "input is no image");
  impl->size = {shape[2], shape[1]};
  const auto place = [&](int number) {
    TORCH_CHECK(number >= 0, "tensor that is left out");
    impl->values = std::max(impl->values, static_cast<std::size_t>(number) + 1);
    return static_cast<std::size_t>(number);
  };
  impl->input = place(graph->inputs.at(0));
  const Compiler compile(*graph);
  for (const auto& step : graph->steps) {
    TORCH_CHECK(graph->shapes.contains(step.output), "output without a shape");
    for (const int number : step.inputs) place(number);
    impl->program.push_back({compile(step), place(step.output), {}});
  }
  for (const int number : graph->outputs) impl->outputs.push_back(place(number));
  // What a step reads for the last time is let go after it.
  std::vector<bool> isNeeded(impl->values, false);
  for (const auto output : impl->outputs) isNeeded[output] = true;
  for (std::size_t i = graph->steps.size(); i-- > 0;) {
    for (const int number : graph->steps[i].inputs) {
      const auto at = static_cast<std::size_t>(number);
      if (isNeeded[at] || graph->constants.contains(number)) continue;
      isNeeded[at] = true;
      impl->program[i].done.push_back(at);
    }
  }
  // Whatever does not fit together shows now, and not when a face is looked for.
  impl->run(cv::Mat::zeros(impl->size, CV_32FC3));
  return TfliteNetwork(std::move(impl));
} catch (const std::exception& e) {
  return Error{ErrorCode::FileMalformed, "The file holds no network that this program can run.",
               e.what()};
}

cv::Size TfliteNetwork::inputSize() const { return m_impl->size; }

Result<std::vector<std::vector<float>>> TfliteNetwork::run(const cv::Mat& input) const try {
  if (input.type() != CV_32FC3 || input.size() != m_impl->size || !input.isContinuous())
    return Error{ErrorCode::BackendFailure, "The image does not have the network's size.", ""};
  return m_impl->run(input);
} catch (const std::exception& e) {
  return Error{ErrorCode::BackendFailure, "The image could not be looked at.", e.what()};
}

}  // namespace countersign
