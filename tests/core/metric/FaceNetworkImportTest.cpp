// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/FaceNetworkImport.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <opencv2/core.hpp>

#include "core/base/File.h"
#include "core/base/Random.h"
#include "core/base/TfliteFile.h"
#include "core/imaging/FaceAligner.h"
#include "core/metric/EmbeddingNetwork.h"
#include "tests/support/TemporaryFolder.h"
#include "tflite_generated.h"

namespace countersign {
namespace {

/// A layer as the test makes it up: [out, rows, columns, in], depthwise ones with one input.
struct MadeLayer {
  int in;
  int out;
  int kernel;
  int stride;
  bool isDepthwise;
  bool isActivated;
  bool isPadded;
  std::vector<float> weights;
  std::vector<float> bias;
  std::vector<float> slopes;
};

class Maker {
 public:
  MadeLayer layer(int in, int out, int kernel, int stride, bool isDepthwise, bool isActivated,
                  bool isPadded = true) {
    MadeLayer made{in, out, kernel, stride, isDepthwise, isActivated, isPadded, {}, {}, {}};
    const int inputs = isDepthwise ? 1 : in;
    const double reach = std::sqrt(3.0 / (kernel * kernel * inputs));
    for (int i = 0; i < out * kernel * kernel * inputs; ++i)
      made.weights.push_back(static_cast<float>(reach * (2 * m_random.uniform() - 1)));
    for (int i = 0; i < out; ++i) {
      made.bias.push_back(static_cast<float>(0.2 * (2 * m_random.uniform() - 1)));
      made.slopes.push_back(static_cast<float>(0.5 * m_random.uniform()));
    }
    return made;
  }

 private:
  Random m_random{7, 7};
};

/// A narrow MobileFaceNet, by the published table and not by the program's.
struct MadeNetwork {
  std::vector<MadeLayer> layers;
  std::vector<std::pair<std::size_t, std::size_t>> blocks;  ///< First and last layer of a shortcut.

  MadeNetwork() {
    Maker maker;
    const auto bottleneck = [&](int in, int out, int expansion, int stride) {
      const auto first = layers.size();
      layers.push_back(maker.layer(in, in * expansion, 1, 1, false, true));
      layers.push_back(maker.layer(in * expansion, in * expansion, 3, stride, true, true));
      layers.push_back(maker.layer(in * expansion, out, 1, 1, false, false));
      if (stride == 1) blocks.emplace_back(first, layers.size() - 1);
    };
    layers.push_back(maker.layer(3, 4, 3, 2, false, true));
    layers.push_back(maker.layer(4, 4, 3, 1, true, true));
    layers.push_back(maker.layer(4, 4, 1, 1, false, false));
    for (int i = 0; i < 5; ++i) bottleneck(4, 4, 2, i == 0 ? 2 : 1);
    bottleneck(4, 6, 4, 2);
    for (int i = 0; i < 6; ++i) bottleneck(6, 6, 2, 1);
    bottleneck(6, 6, 4, 2);
    for (int i = 0; i < 2; ++i) bottleneck(6, 6, 2, 1);
    layers.push_back(maker.layer(6, 10, 1, 1, false, true));
    layers.push_back(maker.layer(10, 10, 7, 1, true, false, false));
    layers.push_back(maker.layer(10, 10, 1, 1, false, false));
    layers.push_back(maker.layer(10, 8, 1, 1, false, false));
  }
};

/// Height × width × channels, as TensorFlow keeps images.
struct Volume {
  int extent;
  int channels;
  std::vector<float> values;
  float at(int y, int x, int c) const {
    const int place = (y * extent + x) * channels + c;
    return values[static_cast<std::size_t>(place)];
  }
};

Volume apply(const MadeLayer& layer, const Volume& in) {
  const int outputs = layer.isPadded ? (in.extent + layer.stride - 1) / layer.stride
                                     : (in.extent - layer.kernel) / layer.stride + 1;
  const int missing = std::max(0, (outputs - 1) * layer.stride + layer.kernel - in.extent);
  const int before = layer.isPadded ? missing / 2 : 0;
  Volume out{outputs, layer.out, {}};
  const int inputs = layer.isDepthwise ? 1 : layer.in;
  for (int y = 0; y < outputs; ++y) {
    for (int x = 0; x < outputs; ++x) {
      for (int o = 0; o < layer.out; ++o) {
        double sum = layer.bias[static_cast<std::size_t>(o)];
        for (int v = 0; v < layer.kernel; ++v) {
          for (int u = 0; u < layer.kernel; ++u) {
            const int row = y * layer.stride - before + v;
            const int column = x * layer.stride - before + u;
            if (row < 0 || column < 0 || row >= in.extent || column >= in.extent) continue;
            for (int i = 0; i < inputs; ++i) {
              const int weight = ((o * layer.kernel + v) * layer.kernel + u) * inputs + i;
              sum += double{layer.weights[static_cast<std::size_t>(weight)]} *
                     in.at(row, column, layer.isDepthwise ? o : i);
            }
          }
        }
        if (layer.isActivated && sum < 0) sum *= layer.slopes[static_cast<std::size_t>(o)];
        out.values.push_back(static_cast<float>(sum));
      }
    }
  }
  return out;
}

std::vector<float> embeddingByHand(const MadeNetwork& network, const cv::Mat& chip) {
  Volume x{chip.rows, 3, {}};
  for (int row = 0; row < chip.rows; ++row) {
    for (int column = 0; column < chip.cols; ++column) {
      const auto& pixel = chip.at<cv::Vec3b>(row, column);
      for (const int channel : {2, 1, 0})  // red first
        x.values.push_back((static_cast<float>(pixel[channel]) - 127.5F) / 128);
    }
  }
  std::map<std::size_t, Volume> kept;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    for (const auto& [first, last] : network.blocks) {
      if (i == first) kept[last] = x;
    }
    x = apply(network.layers[i], x);
    if (const auto shortcut = kept.find(i); shortcut != kept.end()) {
      for (std::size_t k = 0; k < x.values.size(); ++k) x.values[k] += shortcut->second.values[k];
    }
  }
  double squares = 0;
  for (const float value : x.values) squares += double{value} * value;
  for (auto& value : x.values) value = static_cast<float>(value / std::sqrt(squares));
  return x.values;
}

/// The network as TensorFlow Lite would keep it.
std::vector<std::byte> asTflite(const MadeNetwork& network) {
  enum Code { Add, Convolution, Depthwise, Relu, Absolute, Subtract, Multiply };
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes;
  for (const int code : {0, 3, 4, 19, 101, 41, 18})
    codes.push_back(
        tflite::CreateOperatorCode(builder, static_cast<std::int8_t>(code), 0, 1, code));
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers{tflite::CreateBuffer(builder)};
  std::vector<flatbuffers::Offset<tflite::Tensor>> tensors;
  std::vector<flatbuffers::Offset<tflite::Operator>> operators;
  const auto tensor = [&](const std::vector<int>& shape, const std::vector<float>* values) {
    std::uint32_t buffer = 0;
    if (values != nullptr) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(values->data());
      buffer = static_cast<std::uint32_t>(buffers.size());
      buffers.push_back(tflite::CreateBuffer(
          builder, builder.CreateVector(bytes, values->size() * sizeof(float))));
    }
    tensors.push_back(tflite::CreateTensor(builder, builder.CreateVector(shape),
                                           tflite::TensorType_Float32, buffer));
    return static_cast<int>(tensors.size()) - 1;
  };
  const auto step = [&](Code code, const std::vector<int>& inputs) {
    const int output = tensor({1}, nullptr);
    operators.push_back(tflite::CreateOperator(builder, code, builder.CreateVector(inputs),
                                               builder.CreateVector(std::vector{output})));
    return output;
  };
  int x = tensor({1, 112, 112, 3}, nullptr);
  for (const auto& layer : network.layers) {
    const std::vector<int> shape =
        layer.isDepthwise ? std::vector{1, layer.kernel, layer.kernel, layer.out}
                          : std::vector{layer.out, layer.kernel, layer.kernel, layer.in};
    // Depthwise weights have their channels innermost.
    auto weights = layer.weights;
    const int area = layer.kernel * layer.kernel;
    for (int o = 0; layer.isDepthwise && o < layer.out; ++o) {
      for (int cell = 0; cell < area; ++cell) {
        const int target = cell * layer.out + o;
        const int source = o * area + cell;
        weights[static_cast<std::size_t>(target)] = layer.weights[static_cast<std::size_t>(source)];
      }
    }
    x = step(layer.isDepthwise ? Depthwise : Convolution,
             {x, tensor(shape, &weights), tensor({layer.out}, &layer.bias)});
    if (!layer.isActivated) continue;
    auto halves = layer.slopes;
    for (auto& slope : halves) slope /= 2;
    const int difference = step(Subtract, {x, step(Absolute, {x})});
    x = step(Add, {step(Relu, {x}), step(Multiply, {tensor({layer.out}, &halves), difference})});
  }
  const auto graph = tflite::CreateSubGraph(
      builder, builder.CreateVector(tensors), builder.CreateVector(std::vector{0}),
      builder.CreateVector(std::vector{x}), builder.CreateVector(operators));
  const auto model = tflite::CreateModel(builder, 3, builder.CreateVector(codes),
                                         builder.CreateVector(std::vector{graph}), 0,
                                         builder.CreateVector(buffers));
  tflite::FinishModelBuffer(builder, model);
  const auto bytes = std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  return {bytes.begin(), bytes.end()};
}

cv::Mat randomChip(std::uint64_t seed) {
  Random random{seed, 1};
  cv::Mat chip(kFaceChipSize, kFaceChipSize, CV_8UC3);
  for (int y = 0; y < chip.rows; ++y) {
    for (int x = 0; x < chip.cols; ++x) {
      for (int c = 0; c < 3; ++c)
        chip.at<cv::Vec3b>(y, x)[c] = static_cast<std::uint8_t>(random.below(256));
    }
  }
  return chip;
}

class FaceNetworkImport : public testing::Test {
 protected:
  std::filesystem::path write(const std::vector<std::byte>& bytes) const {
    auto path = m_folder.path() / "made.tflite";
    EXPECT_TRUE(writeFileAtomically(
        path, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())));
    return path;
  }
  const test::TemporaryFolder m_folder;
  const MadeNetwork m_made;
};

TEST_F(FaceNetworkImport, EmbedsAsThePublishedGraphDoes) {
  auto file = importMobileFaceNet(write(asTflite(m_made)));
  ASSERT_TRUE(file) << file.error().message << file.error().detail;
  EXPECT_EQ(file->card.modality, Modality::Face);
  EXPECT_EQ(file->card.architecture.channels, (std::vector{4, 4, 6, 6, 6, 6, 10}));
  const auto network = EmbeddingNetwork::of(*file);
  ASSERT_TRUE(network) << network.error().message;
  file->card.isMirrorAveraged = true;
  const auto averaging = EmbeddingNetwork::of(*file);
  EXPECT_NE(averaging->identity(), network->identity());
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto chip = randomChip(seed);
    const auto expected = embeddingByHand(m_made, chip);
    const auto sample = network->embed(chip);
    ASSERT_TRUE(sample) << sample.error().message;
    ASSERT_EQ(sample->embedding.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(sample->embedding[i], expected[i], 1e-4) << i;
    cv::Mat mirrored;
    cv::flip(chip, mirrored, 1);
    EXPECT_NEAR(
        cosineSimilarity(averaging->embed(chip)->embedding, averaging->embed(mirrored)->embedding),
        1, 1e-5);
  }
  EXPECT_EQ(network->embed(cv::Mat(112, 112, CV_8UC1)).error().code,
            ErrorCode::NetworkIncompatible);
}

TEST_F(FaceNetworkImport, RefusesOtherGraphs) {
  auto made = m_made;
  made.layers.pop_back();
  EXPECT_EQ(importMobileFaceNet(write(asTflite(made))).error().code,
            ErrorCode::NetworkIncompatible);
  made = m_made;
  made.layers.push_back(made.layers.back());
  EXPECT_EQ(importMobileFaceNet(write(asTflite(made))).error().code,
            ErrorCode::NetworkIncompatible);
  made = m_made;
  std::swap(made.layers[0], made.layers[1]);
  EXPECT_EQ(importMobileFaceNet(write(asTflite(made))).error().code,
            ErrorCode::NetworkIncompatible);
  EXPECT_EQ(importMobileFaceNet("nowhere.tflite").error().code, ErrorCode::FileNotReadable);
}

TEST_F(FaceNetworkImport, SurvivesDamagedFiles) {
  const auto whole = asTflite(m_made);
  EXPECT_TRUE(parseTflite(whole));
  EXPECT_EQ(parseTflite({}).error().code, ErrorCode::FileMalformed);
  for (std::size_t length = 0; length < whole.size(); length += 997)
    EXPECT_FALSE(parseTflite(std::span(whole).first(length))) << length;
  Random random{3, 3};
  for (int i = 0; i < 2000; ++i) {  // must not crash, whatever it makes of them
    auto damaged = whole;
    for (int k = 0; k < 3; ++k)
      damaged[random.below(std::min<std::size_t>(damaged.size(), k == 0 ? 64 : damaged.size()))] =
          static_cast<std::byte>(random.below(256));
    static_cast<void>(parseTflite(damaged));
  }
}

}  // namespace
}  // namespace countersign
