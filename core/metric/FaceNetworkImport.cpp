// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/FaceNetworkImport.h"

#include <algorithm>

#include "core/base/TfliteFile.h"
#include "core/imaging/FaceAligner.h"
#include "core/metric/internal/MobileFaceNetStages.h"

namespace countersign {

namespace {

Error anotherGraph(const std::string& what) {
  return {ErrorCode::NetworkIncompatible, "The file does not hold a MobileFaceNet.", what};
}

/// A layer as the file has it, with the names that its tensors get.
struct Layer {
  std::string name;
  bool isDepthwise = false;
  bool isActivated = true;
};

std::vector<Layer> layersOfMobileFaceNet() {
  std::vector<Layer> layers{{"stem"}, {"stemDepthwise", true}, {"stemProject", false, false}};
  int number = 1;
  for (const auto& stage : kMobileFaceNetStages) {
    for (int i = 0; i < stage.blocks; ++i) {
      const auto block = "block" + std::to_string(number++) + ".";
      layers.push_back({block + "expand"});
      layers.push_back({block + "depthwise", true});
      layers.push_back({block + "project", false, false});
    }
  }
  layers.push_back({"widen"});
  layers.push_back({"pool", true, false});
  layers.push_back({"mix", false, false});
  layers.push_back({"projection", false, false});
  return layers;
}

/// [out, rows, columns, in] becomes [out, in, rows, columns]; [1, rows, columns, channels] becomes
/// [channels, 1, rows, columns].
RawTensor reordered(const RawTensor& from, bool isDepthwise) {
  const auto& s = from.shape;
  const auto outer = isDepthwise ? std::int64_t{1} : s[0];
  const auto inner = s[3];
  const auto area = s[1] * s[2];
  const auto size = elementSize(from.type);
  RawTensor to{from.type,
               isDepthwise ? std::vector{s[3], std::int64_t{1}, s[1], s[2]}
                           : std::vector{s[0], s[3], s[1], s[2]},
               std::vector<std::byte>(from.bytes.size())};
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::int64_t cell = 0; cell < area; ++cell) {
      for (std::int64_t i = 0; i < inner; ++i) {
        const auto source = static_cast<std::size_t>((o * area + cell) * inner + i) * size;
        const auto target = static_cast<std::size_t>((o * inner + i) * area + cell) * size;
        std::copy_n(from.bytes.begin() + static_cast<std::ptrdiff_t>(source), size,
                    to.bytes.begin() + static_cast<std::ptrdiff_t>(target));
      }
    }
  }
  return to;
}

RawTensor doubled(const RawTensor& factors) {
  std::vector<float> values(factors.as<float>().begin(), factors.as<float>().end());
  for (auto& value : values) value *= 2;
  return RawTensor::of<float>(ElementType::F32, factors.shape, values);
}

}  // namespace

Result<NetworkFile> importMobileFaceNet(const std::filesystem::path& tflite) {
  const auto graph = readTflite(tflite);
  if (!graph) return graph.error();
  const auto layers = layersOfMobileFaceNet();
  NetworkFile network;
  std::size_t next = 0;
  for (const auto& step : graph->steps) {
    const auto constants = graph->constantsOf(step);
    const bool isDepthwise = step.kind == TfliteOperator::DepthwiseConvolution;
    if (isDepthwise || step.kind == TfliteOperator::Convolution) {
      if (next == layers.size()) return anotherGraph("too many layers");
      const auto& layer = layers[next++];
      if (isDepthwise != layer.isDepthwise || constants.size() != 2 ||
          constants[0]->shape.size() != 4 || constants[1]->shape.size() != 1)
        return anotherGraph(layer.name);
      network.weights[layer.name + ".convolution.weight"] = reordered(*constants[0], isDepthwise);
      network.weights[layer.name + ".convolution.bias"] = *constants[1];
    } else if (step.kind == TfliteOperator::Multiply && constants.size() == 1) {
      if (next == 0 || !layers[next - 1].isActivated || constants[0]->type != ElementType::F32)
        return anotherGraph("slopes");
      network.weights[layers[next - 1].name + ".slopes"] = doubled(*constants[0]);
    }
  }
  if (next != layers.size()) return anotherGraph("too few layers");

  const auto outputs = [&](const std::string& name) {
    return static_cast<int>(network.weights.at(name + ".convolution.bias").shape.at(0));
  };
  auto& card = network.card;
  card.name = "MobileFaceNet";
  card.modality = Modality::Face;
  card.normaliserVersion = kFaceAlignerVersion;
  auto& architecture = card.architecture;
  architecture.kind = "mobileFaceNet";
  architecture.canvas = {kFaceChipSize, kFaceChipSize};
  architecture.strides.clear();
  architecture.channels = {outputs("stem")};
  int block = 0;
  for (const auto& stage : kMobileFaceNetStages) {
    block += stage.blocks;
    architecture.channels.push_back(outputs("block" + std::to_string(block) + ".project"));
  }
  architecture.channels.push_back(outputs("widen"));
  architecture.gridRows = architecture.gridColumns = kFaceChipSize / kMobileFaceNetShrinkage;
  architecture.embeddingSize = outputs("projection");
  if (auto status = architecture.check(); !status) return status.error();
  return network;
}

}  // namespace countersign
