// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/BatchLook.h"

#include <torch/torch.h>

#include <opencv2/core.hpp>

namespace countersign {

namespace {

std::vector<float> scoresUnder(const at::Tensor& scores, const at::Tensor& mask) {
  const auto chosen = scores.masked_select(mask).to(at::kFloat).contiguous();
  return {chosen.data_ptr<float>(), chosen.data_ptr<float>() + chosen.numel()};
}

cv::Mat canvasAt(const at::Tensor& images, std::int64_t index) {
  constexpr double kFull = 255;
  // Rows, columns, channels; OpenCV keeps blue first.
  const auto image =
      images[index].mul(kFull).round().to(at::kByte).flip(0).permute({1, 2, 0}).contiguous();
  return cv::Mat(static_cast<int>(image.size(0)), static_cast<int>(image.size(1)),
                 CV_8UC(static_cast<int>(image.size(2))), image.data_ptr())
      .clone();
}

/// The pairs of a mask with the lowest, or highest, scores.
void addHardest(const at::Tensor& images, const at::Tensor& scores, const at::Tensor& mask,
                bool isMated, std::vector<HardPair>& pairs) {
  constexpr std::int64_t kPairs = 3;
  const double never = isMated ? 1e9 : -1e9;
  const auto candidates = torch::where(mask, scores, torch::full_like(scores, never)).flatten();
  const auto most = std::min(kPairs, mask.sum().item<std::int64_t>());
  const auto [values, places] = candidates.topk(most, 0, !isMated);
  for (std::int64_t i = 0; i < most; ++i) {
    const auto place = places[i].item<std::int64_t>();
    pairs.push_back({canvasAt(images, place / scores.size(1)),
                     canvasAt(images, place % scores.size(1)), values[i].item<double>(), isMated});
  }
}

}  // namespace

BatchSeen lookInto(const LabelledBatch& samples, const BranchInput& input, std::int64_t step) {
  const torch::NoGradGuard noGrad;
  const auto masks = pairMasks(samples);
  const auto once = [](const at::Tensor& mask) { return mask.triu(1); };
  BatchSeen seen{.step = step,
                 .matedScores = scoresUnder(samples.scores, once(masks.mated)),
                 .skilledScores = scoresUnder(samples.scores, once(masks.skilled)),
                 .randomScores = scoresUnder(samples.scores, once(masks.random)),
                 .hardest = {}};
  constexpr int kImageDimensions = 4;
  if (input.data.dim() != kImageDimensions) return seen;
  addHardest(input.data, samples.scores, once(masks.mated), true, seen.hardest);
  addHardest(input.data, samples.scores, once(masks.skilled | masks.random), false, seen.hardest);
  return seen;
}

}  // namespace countersign
