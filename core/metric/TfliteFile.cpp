// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/TfliteFile.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/base/File.h"
#include "tflite_generated.h"

namespace countersign {

namespace {

Error malformed(const char* what) {
  return {ErrorCode::FileMalformed, "The file is not a TensorFlow Lite model that can be read.",
          what};
}

constexpr std::uint64_t kLargestFile = std::uint64_t{256} << 20;

/// The constants of a graph by the number of their tensor.
using Constants = std::map<int, RawTensor>;

Result<Constants> constantsOf(const tflite::Model& model, const tflite::SubGraph& graph) {
  Constants constants;
  int number = -1;
  for (const auto* tensor : *graph.tensors()) {
    ++number;
    if (model.buffers() == nullptr || tensor->buffer() >= model.buffers()->size()) continue;
    const auto* data = model.buffers()->Get(tensor->buffer())->data();
    if (data == nullptr || data->size() == 0 || tensor->shape() == nullptr) continue;
    const bool isHalf = tensor->type() == tflite::TensorType_Float16;
    if (!isHalf && tensor->type() != tflite::TensorType_Float32) continue;
    RawTensor raw{isHalf ? ElementType::F16 : ElementType::F32, {}, {}};
    std::int64_t elements = 1;
    for (const int extent : *tensor->shape()) {
      if (extent < 1 || elements > static_cast<std::int64_t>(kLargestFile))
        return malformed("extent");
      raw.shape.push_back(extent);
      elements *= extent;
    }
    if (elements * static_cast<std::int64_t>(elementSize(raw.type)) != data->size())
      return malformed("size of a constant");
    const auto bytes = std::as_bytes(std::span(data->data(), data->size()));
    raw.bytes.assign(bytes.begin(), bytes.end());
    constants.emplace(number, std::move(raw));
  }
  return constants;
}

}  // namespace

Result<std::vector<TfliteStep>> parseTflite(std::span<const std::byte> content) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
  flatbuffers::Verifier verifier(bytes, content.size());
  if (!tflite::VerifyModelBuffer(verifier)) return malformed("offsets");
  const auto& model = *tflite::GetModel(bytes);
  if (model.subgraphs() == nullptr || model.subgraphs()->size() == 0 ||
      model.operator_codes() == nullptr)
    return malformed("no graph");
  const auto& graph = *model.subgraphs()->Get(0);
  if (graph.tensors() == nullptr || graph.operators() == nullptr) return malformed("no operators");
  auto constants = constantsOf(model, graph);
  if (!constants) return constants.error();
  std::vector<TfliteStep> steps;
  for (const auto* step : *graph.operators()) {
    if (step->opcode_index() >= model.operator_codes()->size() || step->inputs() == nullptr)
      return malformed("operator");
    const auto* code = model.operator_codes()->Get(step->opcode_index());
    // Numbers up to 126 stand where older files have them.
    const auto kind =
        static_cast<TfliteOperator>(std::max<int>(code->deprecated_code(), code->code()));
    TfliteStep read{kind, {}};
    for (const int input : *step->inputs()) {
      if (const auto at = constants->find(input); at != constants->end())
        read.constants.push_back(at->second);
    }
    const bool isWidening = kind == TfliteOperator::Dequantise && read.constants.size() == 1 &&
                            step->outputs() != nullptr && step->outputs()->size() == 1;
    if (isWidening)
      constants->insert_or_assign(step->outputs()->Get(0), std::move(read.constants.front()));
    else
      steps.push_back(std::move(read));
  }
  return steps;
}

Result<std::vector<TfliteStep>> readTflite(const std::filesystem::path& path) {
  const auto bytes = readFile(path, kLargestFile);
  if (!bytes) return bytes.error();
  auto steps = parseTflite(std::as_bytes(std::span(*bytes)));
  if (!steps)
    return Error{steps.error().code, quoted(path) + ": " + steps.error().message,
                 steps.error().detail};
  return steps;
}

}  // namespace countersign
