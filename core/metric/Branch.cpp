// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Branch.h"

#include <torch/torch.h>

#include "core/metric/internal/BatchPeers.h"
#include "core/metric/internal/Branches.h"
#include "core/metric/internal/FusedNormalisation.h"
#include "core/metric/internal/TensorConversion.h"

namespace countersign {

namespace {

namespace nn = torch::nn;
namespace functional = torch::nn::functional;

/// The tensor with channels innermost. With a single channel LibTorch takes both orders for the
/// same and then computes in the slower one, unless the strides say otherwise.
at::Tensor channelsLast(const at::Tensor& x) {
  if (x.size(1) != 1) return x.contiguous(at::MemoryFormat::ChannelsLast);
  return x.contiguous().as_strided(x.sizes(), {x.size(2) * x.size(3), 1, x.size(3), 1});
}

/// Convolution without bias, then batch normalisation: one convolution with bias once folded.
class NormalisedConvolutionImpl : public nn::Module {
 public:
  NormalisedConvolutionImpl(int in, int out, int kernel, int stride)
      : m_convolution(
            nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)),
        m_normalisation(out) {
    register_module("convolution", m_convolution);
    register_module("normalisation", m_normalisation);
    nn::init::kaiming_normal_(m_convolution->weight, 0.0, torch::kFanOut, torch::kReLU);
  }

  /// The convolution alone, to be normalised together with others; not once folded.
  at::Tensor convolve(const at::Tensor& x) { return m_convolution(x); }
  bool isFolded() const { return m_bias.defined(); }
  /// LibTorch's own normalisation, which knows of no other part of the batch.
  at::Tensor unfused(const at::Tensor& convolved) {
    if (batchPeers() != nullptr)
      throw std::logic_error("several nodes cannot share the normalisation of this input");
    return m_normalisation(convolved);
  }
  NormalisedInput asInput(const at::Tensor& convolved) {
    return {convolved, m_normalisation->weight, m_normalisation->bias,
            m_normalisation->running_mean, m_normalisation->running_var};
  }

  /// With ReLU after it.
  at::Tensor activated(const at::Tensor& x) {
    if (isFolded() || !is_training()) return forward(x).relu_();
    const auto convolved = convolve(x);
    if (!canFuse(convolved)) return unfused(convolved).relu_();
    return fusedNormalisation({asInput(convolved)}, momentum(), epsilon());
  }

  double momentum() const { return m_normalisation->options.momentum().value(); }
  double epsilon() const { return m_normalisation->options.eps(); }

  at::Tensor forward(const at::Tensor& x) {
    if (m_bias.defined())
      return at::conv2d(x, m_convolution->weight, m_bias, m_convolution->options.stride(),
                        at::IntArrayRef(padding()));
    return m_normalisation(m_convolution(x));
  }

  void fold() {
    const torch::NoGradGuard noGrad;
    const auto factor = m_normalisation->weight *
                        (m_normalisation->running_var + m_normalisation->options.eps()).rsqrt();
    m_bias = (m_normalisation->bias - m_normalisation->running_mean * factor).contiguous();
    m_convolution->weight =
        channelsLast((m_convolution->weight * factor.reshape({-1, 1, 1, 1})).detach());
  }

  /// A block starts as its shortcut alone when its last normalisation starts at zero.
  void startAtZero() { nn::init::zeros_(m_normalisation->weight); }

 private:
  std::vector<int64_t> padding() const {
    const auto half = m_convolution->options.kernel_size()->at(0) / 2;
    return {half, half};
  }

  nn::Conv2d m_convolution;
  nn::BatchNorm2d m_normalisation;
  at::Tensor m_bias;  // defined once folded
};
TORCH_MODULE(NormalisedConvolution);

/// Basic residual block (He et al., 2016), with average pooling instead of a strided shortcut.
class ResidualBlockImpl : public nn::Module {
 public:
  ResidualBlockImpl(int in, int out, int stride)
      : m_stride(stride),
        m_first(in, out, 3, stride),
        m_second(out, out, 3, 1),
        m_shortcut(in, out, 1, 1) {
    register_module("first", m_first);
    register_module("second", m_second);
    register_module("shortcut", m_shortcut);
    m_second->startAtZero();
  }

  at::Tensor forward(const at::Tensor& x) {
    const auto direct = m_stride == 1 ? x : at::avg_pool2d(x, m_stride, m_stride, 0, /*ceil*/ true);
    const auto inner = m_first->activated(x);
    if (m_second->isFolded() || !is_training())
      return (m_second(inner) + m_shortcut(direct)).relu_();
    const auto convolved = m_second->convolve(inner);
    const auto shortcut = m_shortcut->convolve(direct);
    if (!canFuse(convolved) || !canFuse(shortcut))
      return (m_second->unfused(convolved) + m_shortcut->unfused(shortcut)).relu_();
    return fusedNormalisation({m_second->asInput(convolved), m_shortcut->asInput(shortcut)},
                              m_second->momentum(), m_second->epsilon());
  }

  void fold() {
    m_first->fold();
    m_second->fold();
    m_shortcut->fold();
  }

 private:
  int m_stride;
  NormalisedConvolution m_first;
  NormalisedConvolution m_second;
  NormalisedConvolution m_shortcut;
};
TORCH_MODULE(ResidualBlock);

class ResidualBranch final : public Branch {
 public:
  ResidualBranch(const Architecture& architecture, ScoreKind score)
      : Branch({score, architecture.embeddingSize, architecture.mapChannels > 0}),
        m_grid{architecture.gridRows, architecture.gridColumns},
        m_stem(1, architecture.channels.front(), 3, 2),
        m_projection(nn::LinearOptions(int64_t{architecture.channels.back()} *
                                           architecture.gridRows * architecture.gridColumns,
                                       architecture.embeddingSize)) {
    register_module("stem", m_stem);
    for (std::size_t i = 0; i + 1 < architecture.channels.size(); ++i) {
      m_blocks.emplace_back(architecture.channels[i], architecture.channels[i + 1],
                            architecture.strides[i]);
      register_module("block" + std::to_string(i + 1), m_blocks.back());
    }
    register_module("projection", m_projection);
    if (architecture.mapChannels > 0)
      m_map = register_module("map", nn::Conv2d(nn::Conv2dOptions(architecture.channels.back(),
                                                                  architecture.mapChannels, 1)));
  }

  BranchOutput embed(const BranchInput& input) override {
    auto x = m_stem->activated(channelsLast(input.data));
    for (auto& block : m_blocks) x = block(x);
    const auto map = m_map ? m_map(x).contiguous() : at::Tensor();
    x = at::adaptive_avg_pool2d(x, m_grid).contiguous().flatten(1);
    x = functional::normalize(m_projection(x), functional::NormalizeFuncOptions().dim(1));
    return {x, map};
  }

  void freeze(int blocks) override {
    m_frozen.clear();
    if (blocks == 0) return;
    m_frozen.push_back(m_stem.ptr());
    for (int i = 0; i < blocks; ++i)
      m_frozen.push_back(m_blocks.at(static_cast<std::size_t>(i)).ptr());
    for (auto& module : m_frozen) {
      for (auto& parameter : module->parameters()) parameter.requires_grad_(false);
    }
    train(is_training());
  }

  /// Frozen layers stay in evaluation mode, or their statistics would move.
  void train(bool on = true) override {
    nn::Module::train(on);
    for (auto& module : m_frozen) module->eval();
  }

  void foldForInference() override {
    eval();
    for (auto& parameter : parameters()) parameter.requires_grad_(false);
    m_stem->fold();
    for (auto& block : m_blocks) block->fold();
  }

 private:
  std::vector<int64_t> m_grid;
  NormalisedConvolution m_stem;
  std::vector<ResidualBlock> m_blocks;
  nn::Linear m_projection;
  nn::Conv2d m_map{nullptr};
  std::vector<std::shared_ptr<nn::Module>> m_frozen;
};

Error misfit(const std::string& what) {
  return {ErrorCode::NetworkIncompatible,
          "The network's weights do not fit its architecture: " + what + ".", ""};
}

bool isFloating(ElementType type) { return type == ElementType::F16 || type == ElementType::F32; }

}  // namespace

Branch::Branch(const PairScoreShape& shape)
    : m_score(register_module("score", std::make_shared<PairScore>(shape))) {}

std::shared_ptr<Branch> makeBranch(const Architecture& architecture, ScoreKind score) {
  if (architecture.isPseudoSiamese) return makePseudoSiameseBranch(architecture, score);
  if (architecture.kind == "gru") return makeSequenceBranch(architecture, score);
  std::shared_ptr<Branch> branch;
  if (architecture.kind == "mobileFaceNet")
    branch = makeMobileFaceNetBranch(architecture, score);
  else
    branch = std::make_shared<ResidualBranch>(architecture, score);
  for (auto& parameter : branch->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(channelsLast(parameter));
  }
  return branch;
}

std::map<std::string, at::Tensor> namedTensors(const torch::nn::Module& module) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& item : module.named_parameters()) tensors[item.key()] = item.value();
  for (const auto& item : module.named_buffers()) {
    if (item.value().is_floating_point()) tensors[item.key()] = item.value();
  }
  return tensors;
}

Status loadWeights(torch::nn::Module& module,
                   const std::map<std::string, RawTensor, std::less<>>& weights) {
  const torch::NoGradGuard noGrad;
  auto own = namedTensors(module);
  for (const auto& [name, raw] : weights) {
    const auto at = own.find(name);
    if (at == own.end()) return misfit("\"" + name + "\" is not part of it");
    if (at->second.sizes() != at::IntArrayRef(raw.shape) || !isFloating(raw.type))
      return misfit("\"" + name + "\" has another shape or type");
    const auto values = fromRaw(raw);
    if (!at::isfinite(values).all().item<bool>()) return misfit("\"" + name + "\" is not finite");
    at->second.copy_(values);
    own.erase(at);
  }
  if (!own.empty()) return misfit("\"" + own.begin()->first + "\" is missing");
  return ok();
}

}  // namespace countersign
