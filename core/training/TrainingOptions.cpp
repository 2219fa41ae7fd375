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
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, SubjectBatchOptions>
void describe(Options& o, Visit&& visit) {
  visit("subjects", o.subjects);
  visit("genuine", o.genuine);
  visit("forgeries", o.forgeries);
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
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, TrainingOptions>
void describe(Options& o, Visit&& visit) {
  visit("steps", o.steps);
  visit("stepsPerEpoch", o.stepsPerEpoch);
  visit("patience", o.patience);
  visit("batch", o.batch);
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

template <typename T>
void fromJson(const Json& json, T& value);

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

Status checkAugmentation(const AugmentationOptions& a) {
  if (!isWithin(a.rotation, 0, 90) || !isWithin(a.scale, 0, 1) || !isWithin(a.shear, 0, 1) ||
      !isWithin(a.shift, 0, 0.5) || !isWithin(a.elasticAmplitude, 0, 50) ||
      !isWithin(a.elasticLength, 4, 500) || !isWithin(a.strokeChance, 0, 1))
    return outOfRange("An augmentation option is out of its range.");
  return ok();
}

}  // namespace

Status TrainingOptions::check() const {
  constexpr int kMost = 100'000'000;
  if (!isWithin(steps, 1, kMost) || !isWithin(stepsPerEpoch, 1, kMost) || patience < 0)
    return outOfRange("The numbers of steps must be at least 1, and patience at least 0.");
  if (!isWithin(batch.subjects, 2, 4096) || !isWithin(batch.genuine, 2, 4096) ||
      !isWithin(batch.forgeries, 0, 4096))
    return outOfRange("A batch needs at least two people with two genuine samples each.");
  if (losses.empty()) return outOfRange("Training needs at least one loss.");
  for (const auto& loss : losses) {
    if (auto status = loss.check(); !status) return status;
  }
  if (!(learningRate > 0) || !(weightDecay >= 0) || !isWithin(warmUp, 0, 1) || !(gradientNorm > 0))
    return outOfRange("Step size and gradient norm must be above 0, and the warm-up a share.");
  if (!(averageDecay >= 0 && averageDecay < 1))
    return outOfRange("The decay of the averaged weights must be at least 0 and below 1.");
  if (!isWithin(threads, 1, 1024)) return outOfRange("There must be at least one thread.");
  if (auto status = checkAugmentation(augmentation); !status) return status;
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
