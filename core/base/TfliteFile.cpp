// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/TfliteFile.h"

#include <algorithm>

#include "core/base/File.h"
#include "tflite_generated.h"

namespace countersign {

namespace {

Error malformed(const char* what) {
  return {ErrorCode::FileMalformed, "The file is not a TensorFlow Lite model that can be read.",
          what};
}

constexpr std::uint64_t kLargestFile = std::uint64_t{256} << 20;
constexpr int kLargestExtent = 1 << 20;
constexpr std::size_t kMostTensors = 100'000;

std::vector<int> numbersOf(const flatbuffers::Vector<std::int32_t>* vector) {
  return vector == nullptr ? std::vector<int>{} : std::vector<int>(vector->begin(), vector->end());
}

Result<RawTensor> constantOf(const tflite::Tensor& tensor, const std::vector<int>& shape,
                             const flatbuffers::Vector<std::uint8_t>& data) {
  RawTensor raw{ElementType::F32, {shape.begin(), shape.end()}, {}};
  if (tensor.type() == tflite::TensorType_Float16) raw.type = ElementType::F16;
  if (tensor.type() == tflite::TensorType_Int32) raw.type = ElementType::I32;
  std::int64_t bytes = static_cast<std::int64_t>(elementSize(raw.type));
  for (const int extent : shape) {
    if (extent < 1 || bytes > static_cast<std::int64_t>(kLargestFile)) return malformed("extent");
    bytes *= extent;
  }
  if (bytes != data.size()) return malformed("size of a constant");
  const auto content = std::as_bytes(std::span(data.data(), data.size()));
  raw.bytes.assign(content.begin(), content.end());
  return raw;
}

Status readTensors(const tflite::Model& model, const tflite::SubGraph& graph, TfliteGraph& read) {
  int number = -1;
  for (const auto* tensor : *graph.tensors()) {
    ++number;
    if (tensor->shape() == nullptr) continue;
    auto shape = numbersOf(tensor->shape());
    const bool isSane = std::all_of(shape.begin(), shape.end(), [](int extent) {
      return extent >= 0 && extent <= kLargestExtent;
    });
    if (!isSane) return malformed("shape");
    const auto* buffers = model.buffers();
    const auto* data = buffers != nullptr && tensor->buffer() < buffers->size()
                           ? buffers->Get(tensor->buffer())->data()
                           : nullptr;
    const bool isKnown =
        tensor->type() >= tflite::TensorType_Float32 && tensor->type() <= tflite::TensorType_Int32;
    if (data != nullptr && data->size() > 0 && isKnown) {
      auto constant = constantOf(*tensor, shape, *data);
      if (!constant) return constant.error();
      read.constants.emplace(number, *std::move(constant));
    }
    read.shapes.emplace(number, std::move(shape));
  }
  return ok();
}

/// What an operator's options say that is asked of it here.
Status readOptions(const tflite::Operator& from, TfliteStep& step) {
  const auto take = [&](const auto* options) {
    step.isPaddedSame = options->padding() == tflite::Padding_Same;
    step.stride = options->stride_h();
    return options->stride_h() == options->stride_w() && step.stride >= 1 &&
           step.stride <= kLargestExtent;
  };
  bool isFine = true;
  auto activation = tflite::Activation_None;
  if (const auto* convolution = from.options_as_ConvolutionOptions()) {
    isFine = take(convolution);
    activation = convolution->activation();
  } else if (const auto* depthwise = from.options_as_DepthwiseOptions()) {
    isFine = take(depthwise);
    activation = depthwise->activation();
  } else if (const auto* pool = from.options_as_PoolOptions()) {
    step.pool = pool->filter_height();
    isFine = take(pool) && step.pool == pool->filter_width() && step.pool >= 1;
    activation = pool->activation();
  } else if (const auto* dense = from.options_as_DenseOptions()) {
    activation = dense->activation();
  } else if (const auto* concatenation = from.options_as_ConcatenationOptions()) {
    step.axis = concatenation->axis();
    activation = concatenation->activation();
  } else if (const auto* add = from.options_as_AddOptions()) {
    activation = add->activation();
  } else if (const auto* resize = from.options_as_ResizeOptions()) {
    step.hasHalfPixelCentres = resize->half_pixel_centers();
    isFine = !resize->align_corners();
  }
  step.isRectified = activation == tflite::Activation_Relu;
  if (!isFine || (activation != tflite::Activation_None && !step.isRectified))
    return malformed("options of an operator");
  return ok();
}

}  // namespace

std::vector<const RawTensor*> TfliteGraph::constantsOf(const TfliteStep& step) const {
  std::vector<const RawTensor*> found;
  for (const int input : step.inputs) {
    if (const auto at = constants.find(input); at != constants.end()) found.push_back(&at->second);
  }
  return found;
}

Result<TfliteGraph> parseTflite(std::span<const std::byte> content) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
  flatbuffers::Verifier verifier(bytes, content.size());
  if (!tflite::VerifyModelBuffer(verifier)) return malformed("offsets");
  const auto& model = *tflite::GetModel(bytes);
  if (model.subgraphs() == nullptr || model.subgraphs()->size() == 0 ||
      model.operator_codes() == nullptr)
    return malformed("no graph");
  const auto& graph = *model.subgraphs()->Get(0);
  if (graph.tensors() == nullptr || graph.operators() == nullptr) return malformed("no operators");
  TfliteGraph read;
  read.inputs = numbersOf(graph.inputs());
  read.outputs = numbersOf(graph.outputs());
  const auto areTensors = [&](const std::vector<int>& numbers) {
    const auto count =
        static_cast<int>(std::min<std::size_t>(graph.tensors()->size(), kMostTensors));
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](int number) { return number >= -1 && number < count; });
  };
  if (!areTensors(read.inputs) || !areTensors(read.outputs)) return malformed("tensor number");
  if (auto status = readTensors(model, graph, read); !status) return status.error();
  for (const auto* from : *graph.operators()) {
    if (from->opcode_index() >= model.operator_codes()->size() || from->outputs() == nullptr ||
        from->outputs()->size() == 0)
      return malformed("operator");
    const auto* code = model.operator_codes()->Get(from->opcode_index());
    TfliteStep step;
    // Numbers up to 126 stand where older files have them.
    step.kind = static_cast<TfliteOperator>(std::max<int>(code->deprecated_code(), code->code()));
    step.inputs = numbersOf(from->inputs());
    step.output = from->outputs()->Get(0);
    if (!areTensors(step.inputs) || !areTensors({step.output})) return malformed("tensor number");
    if (auto status = readOptions(*from, step); !status) return status.error();
    if (step.kind == TfliteOperator::Dequantise && step.inputs.size() == 1) {
      if (const auto half = read.constants.find(step.inputs[0]); half != read.constants.end()) {
        auto constant = std::move(half->second);
        read.constants.erase(half);
        read.constants.insert_or_assign(step.output, std::move(constant));
        continue;
      }
    }
    read.steps.push_back(std::move(step));
  }
  return read;
}

Result<TfliteGraph> readTflite(const std::filesystem::path& path) {
  const auto bytes = readFile(path, kLargestFile);
  if (!bytes) return bytes.error();
  auto graph = parseTflite(std::as_bytes(std::span(*bytes)));
  if (!graph)
    return Error{graph.error().code, quoted(path) + ": " + graph.error().message,
                 graph.error().detail};
  return graph;
}

}  // namespace countersign
