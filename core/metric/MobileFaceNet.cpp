// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include "core/imaging/internal/SamePadding.h"
#include "core/metric/internal/Branches.h"
#include "core/metric/internal/MobileFaceNetStages.h"

namespace countersign {

namespace {

namespace nn = torch::nn;

enum class Padding { Same, None };

/// Convolution with bias, normalisation folded in, and a slope per channel below zero where it is
/// activated.
class FoldedConvolutionImpl : public nn::Module {
 public:
  struct Shape {
    int in;
    int out;
    int kernel = 1;
    int stride = 1;
    bool isDepthwise = false;
    bool isActivated = true;
    Padding padding = Padding::Same;
  };

  explicit FoldedConvolutionImpl(const Shape& shape)
      : m_shape(shape),
        m_isPaddedEvenly(shape.padding == Padding::Same && shape.stride == 1),
        m_convolution(register_module(
            "convolution", nn::Conv2d(nn::Conv2dOptions(shape.in, shape.out, shape.kernel)
                                          .stride(shape.stride)
                                          .groups(shape.isDepthwise ? shape.in : 1)
                                          .padding(m_isPaddedEvenly ? shape.kernel / 2 : 0)))) {
    if (shape.isActivated) m_slopes = register_parameter("slopes", torch::full({shape.out}, 0.25));
    nn::init::kaiming_normal_(m_convolution->weight, 0.0, torch::kFanOut, torch::kReLU);
  }

  at::Tensor forward(const at::Tensor& x) {
    const auto padded = m_isPaddedEvenly || m_shape.padding == Padding::None
                            ? x
                            : paddedAsSame(x, m_shape.kernel, m_shape.stride);
    const auto y = m_convolution(padded);
    return m_slopes.defined() ? at::prelu(y, m_slopes) : y;
  }

  const at::Tensor& weight() const { return m_convolution->weight; }

 private:
  Shape m_shape;
  bool m_isPaddedEvenly;
  nn::Conv2d m_convolution;
  at::Tensor m_slopes;
};
TORCH_MODULE(FoldedConvolution);

/// Inverted residual (Sandler et al., 2018): widen, look around in each channel, narrow.
class BottleneckImpl : public nn::Module {
 public:
  BottleneckImpl(int in, int out, int expansion, int stride)
      : m_hasShortcut(stride == 1 && in == out),
        m_expand(register_module("expand", FoldedConvolution(FoldedConvolutionImpl::Shape{
                                               .in = in, .out = in * expansion}))),
        m_depthwise(register_module(
            "depthwise", FoldedConvolution(FoldedConvolutionImpl::Shape{.in = in * expansion,
                                                                        .out = in * expansion,
                                                                        .kernel = 3,
                                                                        .stride = stride,
                                                                        .isDepthwise = true}))),
        m_project(register_module("project",
                                  FoldedConvolution(FoldedConvolutionImpl::Shape{
                                      .in = in * expansion, .out = out, .isActivated = false}))) {}

  at::Tensor forward(const at::Tensor& x) {
    const auto y = m_project(m_depthwise(m_expand(x)));
    return m_hasShortcut ? y + x : y;
  }

 private:
  bool m_hasShortcut;
  FoldedConvolution m_expand;
  FoldedConvolution m_depthwise;
  FoldedConvolution m_project;
};
TORCH_MODULE(Bottleneck);

class MobileFaceNetBranch final : public Branch {
 public:
  MobileFaceNetBranch(const Architecture& architecture, ScoreKind score)
      : Branch({score, architecture.embeddingSize, false}) {
    const auto& channels = architecture.channels;
    const int stem = channels.front();
    using Shape = FoldedConvolutionImpl::Shape;
    add("stem", Shape{.in = 3, .out = stem, .kernel = 3, .stride = 2});
    add("stemDepthwise", Shape{.in = stem, .out = stem, .kernel = 3, .isDepthwise = true});
    add("stemProject", Shape{.in = stem, .out = stem, .isActivated = false});
    int in = stem;
    int number = 1;
    for (std::size_t i = 0; i < kMobileFaceNetStages.size(); ++i) {
      const auto& stage = kMobileFaceNetStages[i];
      for (int j = 0; j < stage.blocks; ++j) {
        const int stride = j == 0 ? stage.stride : 1;
        m_blocks.push_back(
            register_module("block" + std::to_string(number++),
                            Bottleneck(in, channels[i + 1], stage.expansion, stride)));
        in = channels[i + 1];
      }
    }
    const int wide = channels.back();
    const int grid = architecture.gridRows;
    m_widen = register_module("widen", FoldedConvolution(Shape{.in = in, .out = wide}));
    m_pool = register_module("pool", FoldedConvolution(Shape{.in = wide,
                                                             .out = wide,
                                                             .kernel = grid,
                                                             .isDepthwise = true,
                                                             .isActivated = false,
                                                             .padding = Padding::None}));
    m_mix = register_module(
        "mix", FoldedConvolution(Shape{.in = wide, .out = wide, .isActivated = false}));
    m_projection = register_module(
        "projection", FoldedConvolution(Shape{
                          .in = wide, .out = architecture.embeddingSize, .isActivated = false}));
  }

  BranchOutput embed(const BranchInput& input) override {
    const auto x = m_projection(m_mix(m_pool(wideMap(input)))).flatten(1);
    return {nn::functional::normalize(x, nn::functional::NormalizeFuncOptions().dim(1)), {}};
  }

  /// Nothing after the last map bends: pool, mix and projection are one sum over its places.
  at::Tensor places(const BranchInput& input) override {
    const auto weighted = wideMap(input) * m_pool->weight().squeeze(1);
    return at::conv2d(at::conv2d(weighted, m_mix->weight()), m_projection->weight());
  }

  void freeze(int blocks) override {
    if (blocks == 0) return;
    const auto hold = [](nn::Module& module) {
      for (auto& parameter : module.parameters()) parameter.requires_grad_(false);
    };
    for (auto& layer : m_stem) hold(*layer);
    for (int i = 0; i < blocks; ++i) hold(*m_blocks.at(static_cast<std::size_t>(i)));
  }

  void foldForInference() override {
    eval();
    for (auto& parameter : parameters()) parameter.requires_grad_(false);
  }

 private:
  at::Tensor wideMap(const BranchInput& input) {
    // The weights were trained on (v - 127.5) / 128 of bytes.
    constexpr double kScale = 255.0 / 128;
    constexpr double kShift = 127.5 / 128;
    auto x = input.data.contiguous(at::MemoryFormat::ChannelsLast).mul(kScale).sub_(kShift);
    for (auto& layer : m_stem) x = layer(x);
    for (auto& block : m_blocks) x = block(x);
    return m_widen(x);
  }

  void add(const std::string& name, const FoldedConvolutionImpl::Shape& shape) {
    m_stem.push_back(register_module(name, FoldedConvolution(shape)));
  }

  std::vector<FoldedConvolution> m_stem;
  std::vector<Bottleneck> m_blocks;
  FoldedConvolution m_widen{nullptr};
  FoldedConvolution m_pool{nullptr};
  FoldedConvolution m_mix{nullptr};
  FoldedConvolution m_projection{nullptr};
};

}  // namespace

std::shared_ptr<Branch> makeMobileFaceNetBranch(const Architecture& architecture, ScoreKind score) {
  return std::make_shared<MobileFaceNetBranch>(architecture, score);
}

}  // namespace countersign
