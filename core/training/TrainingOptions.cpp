// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingOptions.h"

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace countersign {

namespace {

using Json = nlohmann::json;

/// Each struct is described once, and both directions use it: `visit(name, member)`.
template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, CanvasSize>
void describe(Options& o, Visit&& visit) {
  visit("height", o.height);
  visit("width", o.width);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, Architecture>
void describe(Options& o, Visit&& visit) {
  visit("kind", o.kind);
  visit("canvas", o.canvas);
  visit("channels", o.channels);
  visit("strides", o.strides);
  visit("gridRows", o.gridRows);
  visit("gridColumns", o.gridColumns);
  visit("embeddingSize", o.embeddingSize);
  visit("mapChannels", o.mapChannels);
  visit("isPseudoSiamese", o.isPseudoSiamese);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, BatchOptions>
void describe(Options& o, Visit&& visit) {
  visit("layout", o.layout);
  visit("subjects", o.subjects);
  visit("genuine", o.genuine);
  visit("forgeries", o.forgeries);
  visit("pseudoWriters", o.pseudoWriters);
  visit("ratio", o.ratio);
  visit("skilledShare", o.skilledShare);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, PseudoWriterOptions>
void describe(Options& o, Visit&& visit) {
  visit("amplitude", o.amplitude);
  visit("length", o.length);
  visit("variants", o.variants);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, InventedOptions>
void describe(Options& o, Visit&& visit) {
  visit("signers", o.signers);
  visit("genuine", o.genuine);
  visit("forgeries", o.forgeries);
  visit("share", o.share);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, LossSpec>
void describe(Options& o, Visit&& visit) {
  visit("kind", o.kind);
  visit("weight", o.weight);
  visit("margin", o.margin);
  visit("temperature", o.temperature);
  visit("miner", o.miner);
  visit("hardestShare", o.hardestShare);
  visit("innerMargin", o.innerMargin);
  visit("form", o.form);
  visit("negative", o.negative);
  visit("scale", o.scale);
  visit("positiveScale", o.positiveScale);
  visit("negativeScale", o.negativeScale);
  visit("base", o.base);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, AugmentationOptions>
void describe(Options& o, Visit&& visit) {
  visit("rotation", o.rotation);
  visit("scale", o.scale);
  visit("shear", o.shear);
  visit("shift", o.shift);
  visit("elasticAmplitude", o.elasticAmplitude);
  visit("elasticLength", o.elasticLength);
  visit("strokeChance", o.strokeChance);
  visit("fadeChance", o.fadeChance);
  visit("leastInk", o.leastInk);
  visit("occlusionChance", o.occlusionChance);
  visit("occlusionSize", o.occlusionSize);
  visit("lineChance", o.lineChance);
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, TrainingOptions>
void describe(Options& o, Visit&& visit) {
  visit("steps", o.steps);
  visit("stepsPerEpoch", o.stepsPerEpoch);
  visit("patience", o.patience);
  visit("batch", o.batch);
  visit("pseudoWriters", o.pseudoWriters);
  visit("invented", o.invented);
  visit("losses", o.losses);
  visit("augmentation", o.augmentation);
  visit("learningRate", o.learningRate);
  visit("weightDecay", o.weightDecay);
  visit("warmUp", o.warmUp);
  visit("gradientNorm", o.gradientNorm);
  visit("averageDecay", o.averageDecay);
  visit("seed", o.seed);
  visit("threads", o.threads);
  visit("isHalfPrecision", o.isHalfPrecision);
  visit("name", o.name);
  visit("data", o.data);
  visit("architecture", o.architecture);
  visit("score", o.score);
  visit("frozenBlocks", o.frozenBlocks);
}

template <typename T>
concept Described = requires(T& value) {
  describe(value, [](const char*, auto&) {});
};

template <typename T>
Json toJson(const T& value) {
  if constexpr (Described<const T>) {
    Json json = Json::object();
    describe(value, [&](const char* name, const auto& member) { json[name] = toJson(member); });
    return json;
  } else {
    return value;
  }
}

template <>
Json toJson(const std::vector<LossSpec>& losses) {
  Json json = Json::array();
  for (const auto& loss : losses) json.push_back(toJson(loss));
  return json;
}

template <>
Json toJson(const BatchLayout& layout) {
  return batchLayoutName(layout);
}

template <>
Json toJson(const ScoreKind& score) {
  return scoreKindName(score);
}

template <typename T>
void fromJson(const Json& json, T& value);

template <>
void fromJson(const Json& json, BatchLayout& layout) {
  const auto known = batchLayoutOf(json.get<std::string>());
  if (!known)
    throw std::invalid_argument("a layout must be subjects, alignedPairs, pairs or triplets");
  layout = *known;
}

template <>
void fromJson(const Json& json, ScoreKind& score) {
  const auto known = scoreKindOf(json.get<std::string>());
  if (!known)
    throw std::invalid_argument(
        "a score must be cosine, euclidean, manhattan, expManhattan or learnedHead");
  score = *known;
}

template <>
void fromJson(const Json& json, std::vector<LossSpec>& losses) {
  losses.clear();
  for (const auto& item : json) fromJson(item, losses.emplace_back());
}

template <typename T>
void fromJson(const Json& json, T& value) {
  if constexpr (Described<T>) {
    if (!json.is_object()) throw std::invalid_argument("an object is missing");
    std::set<std::string> left;
    for (const auto& [key, item] : json.items()) left.insert(key);
    describe(value, [&](const char* name, auto& member) {
      if (left.erase(name) > 0) fromJson(json.at(name), member);
    });
    if (!left.empty()) throw std::invalid_argument("\"" + *left.begin() + "\" is not an option");
  } else {
    json.get_to(value);
  }
}

bool isWithin(double value, double low, double high) { return value >= low && value <= high; }

Error outOfRange(const char* what) { return {ErrorCode::OptionOutOfRange, what, ""}; }

}  // namespace

Status InventedOptions::check() const {
  if (isWithin(signers, 0, 100'000) && isWithin(genuine, 2, 100) && isWithin(forgeries, 0, 100) &&
      isWithin(share, 0, 1))
    return ok();
  return outOfRange("An option of the invented people is out of its range.");
}

Status TrainingOptions::check() const {
  constexpr int kMost = 100'000'000;
  if (!isWithin(steps, 1, kMost) || !isWithin(stepsPerEpoch, 1, kMost) || patience < 0)
    return outOfRange("The numbers of steps must be at least 1, and patience at least 0.");
  if (auto status = batch.check(); !status) return status;
  if (auto status = pseudoWriters.check(); !status) return status;
  if (auto status = invented.check(); !status) return status;
  if (architecture.mapChannels > 0 && score != ScoreKind::Cosine)
    return outOfRange("Local comparison needs the score cosine.");
  if (architecture.kind == "gru" && (batch.pseudoWriters > 0 || invented.signers > 0))
    return outOfRange(
        "Pseudo-writers and invented people are images; leave them out for pen data.");
  if (!isWithin(frozenBlocks, 0, static_cast<double>(architecture.strides.size())))
    return outOfRange("There are not that many blocks to freeze.");
  if (losses.empty()) return outOfRange("Training needs at least one loss.");
  for (const auto& loss : losses) {
    if (auto status = loss.check(); !status) return status;
    if (auto status = loss.checkFit(batch.layout, score); !status) return status;
  }
  if (!(learningRate > 0) || !(weightDecay >= 0) || !isWithin(warmUp, 0, 1) || !(gradientNorm > 0))
    return outOfRange("Step size and gradient norm must be above 0, and the warm-up a share.");
  if (!(averageDecay >= 0 && averageDecay < 1))
    return outOfRange("The decay of the averaged weights must be at least 0 and below 1.");
  if (!isWithin(threads, 1, 1024)) return outOfRange("There must be at least one thread.");
  if (auto status = augmentation.check(); !status) return status;
  return architecture.check();
}

Result<TrainingOptions> parseTrainingOptions(std::string_view json) try {
  TrainingOptions options;
  fromJson(Json::parse(json), options);
  if (auto status = options.check(); !status) return status.error();
  return options;
} catch (const std::exception& e) {
  return Error{ErrorCode::FileMalformed,
               std::string("The training options could not be read: ") + e.what() + ".", ""};
}

std::string writeTrainingOptions(const TrainingOptions& options) { return toJson(options).dump(); }

}  // namespace countersign
