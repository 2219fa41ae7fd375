// SPDX-License-Identifier: GPL-3.0-or-later
#include <torch/torch.h>

#include "core/metric/internal/Branches.h"

namespace countersign {

namespace {

namespace nn = torch::nn;

/// A gated recurrent unit (Cho et al., 2014) over padded sequences, the mean of its outputs over
/// each sequence's own length, and one linear layer. It runs forwards only, so that padding comes
/// after everything that counts and changes nothing.
class SequenceBranch final : public Branch {
 public:
  SequenceBranch(const Architecture& architecture, ScoreKind score)
      : Branch({score, architecture.embeddingSize, false}),
        m_recurrent(register_module(
            "recurrent",
            nn::GRU(nn::GRUOptions(architecture.channels.front(), architecture.channels.back())
                        .batch_first(true)))),
        m_projection(register_module(
            "projection", nn::Linear(architecture.channels.back(), architecture.embeddingSize))) {}

  BranchOutput embed(const BranchInput& input) override {
    const auto outputs = std::get<0>(m_recurrent->forward(input.data));
    const auto time = torch::arange(outputs.size(1)).unsqueeze(0);
    const auto isOwn = (time < input.lengths.unsqueeze(1)).unsqueeze(2);
    const auto mean = (outputs * isOwn).sum(1) / input.lengths.unsqueeze(1);
    return {nn::functional::normalize(m_projection(mean),
                                      nn::functional::NormalizeFuncOptions().dim(1)),
            {}};
  }

  void freeze(int /*blocks*/) override {}

  void foldForInference() override {
    eval();
    for (auto& parameter : parameters()) parameter.requires_grad_(false);
  }

 private:
  nn::GRU m_recurrent;
  nn::Linear m_projection;
};

/// Two branches with weights of their own, for inputs of two kinds; one score for both.
class PseudoSiameseBranch final : public Branch {
 public:
  PseudoSiameseBranch(const Architecture& architecture, ScoreKind score)
      : Branch({score, architecture.embeddingSize, false}) {
    auto one = architecture;
    one.isPseudoSiamese = false;
    // A score of its own would be a second set of parameters that nothing uses.
    m_first = register_module("first", makeBranch(one, ScoreKind::Cosine));
    m_second = register_module("second", makeBranch(one, ScoreKind::Cosine));
  }

  BranchOutput embed(const BranchInput& input) override {
    const auto size = input.data.size(0);
    const auto kinds = input.kinds.defined() ? input.kinds : torch::zeros({size}, at::kLong);
    at::Tensor embeddings;
    for (const auto& [branch, kind] : {std::pair{m_first, 0}, std::pair{m_second, 1}}) {
      const auto rows = (kinds == kind).nonzero().squeeze(1);
      if (rows.numel() == 0) continue;
      const auto part = branch->embed({input.data.index_select(0, rows), {}, {}}).embeddings;
      if (!embeddings.defined()) embeddings = torch::zeros({size, part.size(1)});
      embeddings = embeddings.index_copy(0, rows, part);
    }
    return {embeddings, {}};
  }

  void freeze(int blocks) override {
    m_first->freeze(blocks);
    m_second->freeze(blocks);
  }

  void foldForInference() override {
    m_first->foldForInference();
    m_second->foldForInference();
    eval();
    for (auto& parameter : parameters()) parameter.requires_grad_(false);
  }

 private:
  std::shared_ptr<Branch> m_first;
  std::shared_ptr<Branch> m_second;
};

}  // namespace

std::shared_ptr<Branch> makeSequenceBranch(const Architecture& architecture, ScoreKind score) {
  return std::make_shared<SequenceBranch>(architecture, score);
}

std::shared_ptr<Branch> makePseudoSiameseBranch(const Architecture& architecture, ScoreKind score) {
  return std::make_shared<PseudoSiameseBranch>(architecture, score);
}

}  // namespace countersign
