// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/internal/Losses.h"

#include <torch/torch.h>

#include <algorithm>
#include <cassert>

namespace countersign {

const std::vector<std::string>& lossKinds() {
  static const std::vector<std::string> kKinds{
      "contrastive",     "cosineContrastive",     "triplet",   "tripletNetwork",
      "softmaxHead",     "crossEntropy",          "batchCost", "pairwiseLogistic",
      "multiSimilarity", "supervisedContrastive", "cosFace",   "arcFace"};
  return kKinds;
}

const std::vector<std::string>& minerKinds() {
  static const std::vector<std::string> kKinds{
      "all", "random", "easy", "semiHard", "hard", "batchHard", "distanceWeighted"};
  return kKinds;
}

Status LossSpec::check() const {
  const auto bad = [](const std::string& what) {
    return Error{ErrorCode::OptionOutOfRange, what, ""};
  };
  const auto isOneOf = [](const std::string& name, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto listed = [](const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
      text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return text;
  };
  if (!isOneOf(kind, lossKinds())) return bad("A loss must be " + listed(lossKinds()) + ".");
  if (!isOneOf(miner, minerKinds())) return bad("A miner must be " + listed(minerKinds()) + ".");
  if (!isOneOf(form, {"anchorPositiveNegative", "twoPositives", "twoNegatives"}))
    return bad(
        "The form of a triplet network must be anchorPositiveNegative, twoPositives or "
        "twoNegatives.");
  if (!isOneOf(negative, {"closest", "closestBelowMate"}))
    return bad("The negative of a batch cost must be closest or closestBelowMate.");
  if (!(weight >= 0)) return bad("The weight of a loss must not be negative.");
  if (!(margin > 0 && margin <= 2)) return bad("A margin must be above 0 and at most 2.");
  if (!(innerMargin >= 0 && innerMargin < margin))
    return bad("An inner margin must be at least 0 and below the margin.");
  if (!(temperature > 0)) return bad("A temperature must be above 0.");
  if (!(hardestShare > 0 && hardestShare <= 1))
    return bad("The share of the hardest pairs must be above 0 and at most 1.");
  if (!(scale > 0) || !(positiveScale > 0) || !(negativeScale > 0) || !(base >= -1 && base <= 1))
    return bad("The scales of a loss must be above 0, and its base between -1 and 1.");
  return ok();
}

Status LossSpec::checkFit(BatchLayout layout, ScoreKind score) const {
  const auto bad = [&](const std::string& what) {
    return Error{ErrorCode::OptionOutOfRange, "The loss " + kind + " needs " + what + ".", ""};
  };
  if (kind == "batchCost" && layout != BatchLayout::AlignedPairs)
    return bad("batches of alignedPairs");
  const bool isShare = score == ScoreKind::LearnedHead || score == ScoreKind::ExpManhattan;
  if (kind == "crossEntropy" && !isShare) return bad("the score learnedHead or expManhattan");
  const bool isMetric = kind == "contrastive" || kind == "tripletNetwork";
  if (isMetric && score == ScoreKind::LearnedHead) return bad("a score that is not learnedHead");
  const bool isAngular = kind == "cosineContrastive" || kind == "multiSimilarity" ||
                         kind == "supervisedContrastive" || kind == "cosFace" || kind == "arcFace";
  if (isAngular && score != ScoreKind::Cosine) return bad("the score cosine");
  const bool hasClasses = kind == "cosFace" || kind == "arcFace";
  if (hasClasses && layout != BatchLayout::Subjects) return bad("batches of subjects");
  return ok();
}

at::Tensor meanOver(const at::Tensor& values, const at::Tensor& mask) {
  return (values * mask).sum() / mask.sum().clamp_min(1);
}

PairMasks pairMasks(const LabelledBatch& batch) {
  const auto row = [](const at::Tensor& values) { return values.unsqueeze(1); };
  const auto column = [](const at::Tensor& values) { return values.unsqueeze(0); };
  const auto& subjects = batch.subjects;
  const auto& victims = batch.victims;
  const auto hasMates = subjects >= 0;
  // Whose signature it is, or is meant to be.
  const auto person = at::where(victims >= 0, victims, subjects);
  const auto self = torch::eye(subjects.size(0), at::kBool);

  const auto sameHand = (row(subjects) == column(subjects)) & row(hasMates);
  const auto imitates = (row(victims) == column(subjects)) & column(hasMates);
  const auto sameText = row(person) == column(person);
  PairMasks masks{sameHand & ~self, (imitates | imitates.t()) & ~self,
                  ~sameText & (row(hasMates) | column(hasMates))};
  if (batch.compared.defined()) {
    masks.mated = masks.mated & batch.compared;
    masks.skilled = masks.skilled & batch.compared;
    masks.random = masks.random & batch.compared;
  }
  return masks;
}

at::Tensor distancesOf(const LabelledBatch& batch) {
  constexpr double kFloor = 1e-8;  // keeps the slopes of root and logarithm finite
  switch (batch.scoreKind) {
    case ScoreKind::Euclidean:
    case ScoreKind::Manhattan:
      return -batch.scores;
    case ScoreKind::ExpManhattan:
      return -batch.scores.clamp_min(kFloor).log();
    case ScoreKind::Cosine:
    case ScoreKind::LearnedHead:
      break;
  }
  return (2 - 2 * batch.scores).clamp_min(kFloor).sqrt();
}

at::Tensor comparedPairs(BatchLayout layout, std::int64_t size) {
  const auto place = torch::arange(size);
  const auto blocks = [&](std::int64_t length) {
    const auto block = at::floor_divide(place, length);
    return block.unsqueeze(1) == block.unsqueeze(0);
  };
  switch (layout) {
    case BatchLayout::AlignedPairs: {
      const auto half = place < size / 2;
      return half.unsqueeze(1) ^ half.unsqueeze(0);
    }
    case BatchLayout::Pairs:
      return blocks(2);
    case BatchLayout::Triplets:
      return blocks(3);
    case BatchLayout::Subjects:
      break;
  }
  return {};
}

std::shared_ptr<Loss> makeLoss(const LossSpec& spec, const LossContext& context) {
  auto loss = makePairLoss(spec, context);
  if (!loss) loss = makeTripletLoss(spec);
  if (!loss) loss = makeBatchLoss(spec);
  if (!loss) loss = makeClassLoss(spec, context);
  assert(loss);
  return loss;
}

}  // namespace countersign
