// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingOptions.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace countersign {

namespace {

using Json = nlohmann::json;

/// What is told of an option beside its name. Numbers have a range, words a choice.
struct Says {
  const char* sentence;
  double lowest = 0;
  double highest = 0;
  std::vector<std::string> choices = {};
};

constexpr double kMost = 1e8;
constexpr double kMostInBatch = 4096;
constexpr double kTiny = 1e-9;

/// Each struct is described once, and everything that reads, writes, checks, lists or shows options
/// uses it: `visit(name, member, says)`.
template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, CanvasSize>
void describe(Options& o, Visit&& visit) {
  visit("height", o.height, Says{"Rows of the canvas that the network sees.", 16, 1024});
  visit("width", o.width, Says{"Columns of the canvas.", 16, 1024});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, Architecture>
void describe(Options& o, Visit&& visit) {
  visit("kind", o.kind,
        Says{"residual for signatures, gru for pen data, mobileFaceNet for faces.",
             0,
             0,
             {"residual", "gru", "mobileFaceNet"}});
  visit("canvas", o.canvas, Says{"Size of the images that the network sees."});
  visit("channels", o.channels, Says{"Channels of the stem and of each block.", 1, 2048});
  visit("strides", o.strides, Says{"Stride of each block.", 1, 2});
  visit("gridRows", o.gridRows, Says{"Rows of cells that are averaged at the end.", 1, 64});
  visit("gridColumns", o.gridColumns, Says{"Columns of such cells.", 1, 64});
  visit("embeddingSize", o.embeddingSize, Says{"Numbers in an embedding.", 2, 2048});
  visit("mapChannels", o.mapChannels,
        Says{"Channels of the map for local comparison; 0 for none.", 0, 2048});
  visit("isPseudoSiamese", o.isPseudoSiamese,
        Says{"Two branches with weights of their own, for scans and for pen data."});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, BatchOptions>
void describe(Options& o, Visit&& visit) {
  visit("layout", o.layout,
        Says{"How the images of a batch belong together.",
             0,
             0,
             {"subjects", "alignedPairs", "pairs", "triplets"}});
  visit("subjects", o.subjects, Says{"People in a batch.", 2, kMostInBatch});
  visit("genuine", o.genuine, Says{"Genuine signatures of each.", 1, kMostInBatch});
  visit("forgeries", o.forgeries, Says{"Forgeries of each.", 0, kMostInBatch});
  visit("pseudoWriters", o.pseudoWriters,
        Says{"Warped signatures of each, which stand for an imitator's.", 0, kMostInBatch});
  visit("ratio", o.ratio, Says{"For pairs: non-mated pairs for each mated one.", 1, 100});
  visit("skilledShare", o.skilledShare,
        Says{"For pairs and triplets: share of forgeries among the negatives.", 0, 1});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, PseudoWriterOptions>
void describe(Options& o, Visit&& visit) {
  visit("amplitude", o.amplitude, Says{"How far strokes are moved, in pixels.", 0, 50});
  visit("length", o.length, Says{"Distance over which that changes, in pixels.", 4, 500});
  visit("variants", o.variants, Says{"Different imitators of each person.", 1, 1000});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, VirtualWriterOptions>
void describe(Options& o, Visit&& visit) {
  visit("share", o.share,
        Says{"Share of people whose images are all changed alike, as if they were others.", 0, 1});
  visit("isMirrored", o.isMirrored, Says{"Whether they may be mirrored and turned upside down."});
  visit("rotation", o.rotation, Says{"Their largest turn, in degrees.", 0, 90});
  visit("scale", o.scale, Says{"Their largest change of size, as a share.", 0, 1});
  visit("shear", o.shear, Says{"Their largest slant, as displacement per height.", 0, 1});
  visit("elasticAmplitude", o.elasticAmplitude,
        Says{"How far their strokes are bent, in pixels.", 0, 50});
  visit("elasticLength", o.elasticLength,
        Says{"Distance over which that changes, in pixels.", 4, 500});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, InventedOptions>
void describe(Options& o, Visit&& visit) {
  visit("signers", o.signers, Says{"People whom the program invents and trains on.", 0, 100'000});
  visit("genuine", o.genuine, Says{"Genuine signatures of each.", 2, 100});
  visit("forgeries", o.forgeries, Says{"Forgeries of each.", 0, 100});
  visit("share", o.share, Says{"Share of them among the people of a batch.", 0, 1});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, LossSpec>
void describe(Options& o, Visit&& visit) {
  visit("kind", o.kind, Says{"What is paid for wrong similarities.", 0, 0, lossKinds()});
  visit("weight", o.weight, Says{"Factor of this loss in the sum.", 0, 1000});
  visit("margin", o.margin, Says{"By how much the wrong one must be farther away.", kTiny, 2});
  visit("temperature", o.temperature,
        Says{"supervisedContrastive: the smaller, the more the closest count.", kTiny, 100});
  visit("miner", o.miner, Says{"Which triplets count.", 0, 0, minerKinds()});
  visit("hardestShare", o.hardestShare,
        Says{"pairwiseLogistic: share of the pairs of different people that count.", kTiny, 1});
  visit("innerMargin", o.innerMargin,
        Says{"contrastive: distance within which a mated pair costs nothing.", 0, 2});
  visit("form", o.form,
        Says{"tripletNetwork: which distances are weighed against each other.",
             0,
             0,
             {"anchorPositiveNegative", "twoPositives", "twoNegatives"}});
  visit("negative", o.negative,
        Says{"batchCost: which negative is the closest.", 0, 0, {"closest", "closestBelowMate"}});
  visit("scale", o.scale, Says{"cosFace, arcFace: factor of the cosines.", kTiny, 1000});
  visit("positiveScale", o.positiveScale,
        Says{"multiSimilarity: sharpness for mated pairs.", kTiny, 1000});
  visit("negativeScale", o.negativeScale,
        Says{"multiSimilarity: sharpness for non-mated pairs.", kTiny, 1000});
  visit("base", o.base, Says{"multiSimilarity: similarity about which it turns.", -1, 1});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, AugmentationOptions>
void describe(Options& o, Visit&& visit) {
  visit("rotation", o.rotation, Says{"Largest turn, in degrees.", 0, 90});
  visit("scale", o.scale, Says{"Largest change of size, as a share.", 0, 1});
  visit("shear", o.shear, Says{"Largest slant, as displacement per height.", 0, 1});
  visit("shift", o.shift, Says{"Largest shift, as a share of the canvas.", 0, 0.5});
  visit("elasticAmplitude", o.elasticAmplitude,
        Says{"How far strokes are bent, in pixels.", 0, 50});
  visit("elasticLength", o.elasticLength,
        Says{"Distance over which that changes, in pixels.", 4, 500});
  visit("strokeChance", o.strokeChance, Says{"Chance of thicker or thinner strokes.", 0, 1});
  visit("fadeChance", o.fadeChance, Says{"Chance of ink that fades in places.", 0, 1});
  visit("leastInk", o.leastInk, Says{"What is left of faded ink, as a share.", 0, 1});
  visit("occlusionChance", o.occlusionChance, Says{"Chance of a hidden part.", 0, 1});
  visit("occlusionSize", o.occlusionSize,
        Says{"Largest hidden part, as a share of width and height.", 0, 1});
  visit("lineChance", o.lineChance, Says{"Chance of ruled lines.", 0, 1});
  visit("mirrorChance", o.mirrorChance, Says{"Faces: chance of a mirror image.", 0, 1});
  visit("lightChange", o.lightChange,
        Says{"Faces: largest change of brightness and contrast, as a share.", 0, 1});
}

template <typename Options, typename Visit>
requires std::is_same_v<std::remove_const_t<Options>, TrainingOptions>
void describe(Options& o, Visit&& visit) {
  visit("steps", o.steps, Says{"Batches until the end.", 1, kMost});
  visit("stepsPerEpoch", o.stepsPerEpoch,
        Says{"Batches between two looks at the development people.", 1, kMost});
  visit("patience", o.patience,
        Says{"Looks without progress after which training stops; 0 for never.", 0, kMost});
  visit("batch", o.batch, Says{"What a batch consists of."});
  visit("pseudoWriters", o.pseudoWriters, Says{"How imitators are made of genuine signatures."});
  visit("virtualWriters", o.virtualWriters,
        Says{"How people are made who do not exist, out of those who do."});
  visit("invented", o.invented, Says{"Invented people that are mixed in."});
  visit("losses", o.losses, Says{"Terms of the training loss, added up."});
  visit("augmentation", o.augmentation,
        Says{"How far an image may be changed and still be the same person's."});
  visit("learningRate", o.learningRate, Says{"Largest step size.", kTiny, 10});
  visit("weightDecay", o.weightDecay, Says{"Pull of the weights towards zero.", 0, 10});
  visit("warmUp", o.warmUp, Says{"Share of the batches in which the step size rises.", 0, 1});
  visit("gradientNorm", o.gradientNorm, Says{"Longest gradient that is followed.", kTiny, 1e6});
  visit("averageDecay", o.averageDecay,
        Says{"How slowly the averaged weights follow; 0 for no average.", 0, 1 - kTiny});
  visit("seed", o.seed, Says{"Another number, another draw of chance.", 0, 9e15});
  visit("threads", o.threads, Says{"Processor cores that compute.", 1, 1024});
  visit("isHalfPrecision", o.isHalfPrecision, Says{"Half the file, the same scores to 0.001."});
  visit("name", o.name, Says{"The network's name."});
  visit("data", o.data, Says{"Where the images come from, and on what terms."});
  visit("architecture", o.architecture,
        Says{"Shape of the network; fine-tuning keeps that of the network it starts from."});
  visit("score", o.score,
        Says{"How embeddings are compared.",
             0,
             0,
             {"cosine", "euclidean", "manhattan", "expManhattan", "learnedHead"}});
  visit("referenceCopies", o.referenceCopies,
        Says{"Changed copies with which a reference is embedded when it is enrolled.", 0,
             kMostReferenceCopies});
  visit("usualCopyScore", o.usualCopyScore,
        Says{"Score of a usual reference with its copies, to even out unusual ones; 0 for never.",
             0, 1});
  visit("frozenBlocks", o.frozenBlocks,
        Says{"Blocks that keep their weights when a network is fine-tuned.", 0, 64});
}

template <typename T>
concept Described = requires(T& value) {
  describe(value, [](const char*, auto&, const Says&) {});
};

template <typename T>
Json toJson(const T& value) {
  if constexpr (Described<const T>) {
    Json json = Json::object();
    describe(value, [&](const char* name, const auto& member, const Says&) {
      json[name] = toJson(member);
    });
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
    describe(value, [&](const char* name, auto& member, const Says&) {
      if (left.erase(name) > 0) fromJson(json.at(name), member);
    });
    if (!left.empty()) throw std::invalid_argument("\"" + *left.begin() + "\" is not an option");
  } else {
    json.get_to(value);
  }
}

/// Walks over the options that are no structs: `visit(full name, member, says)`.
template <typename T, typename Visit>
void forEachOption(const T& options, const std::string& prefix, const Visit& visit) {
  describe(options, [&](const char* name, const auto& member, const Says& says) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const auto full = prefix + name;
    if constexpr (Described<const Member>) {
      forEachOption(member, full + ".", visit);
    } else if constexpr (std::is_same_v<Member, std::vector<LossSpec>>) {
      for (std::size_t i = 0; i < member.size(); ++i)
        forEachOption(member[i], full + "." + std::to_string(i) + ".", visit);
    } else {
      visit(full, member, says);
    }
  });
}

template <typename T>
constexpr bool kIsNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

template <typename T>
OptionKind kindOf(const Says& says) {
  if (!says.choices.empty()) return OptionKind::Choice;
  if constexpr (std::is_same_v<T, bool>) return OptionKind::Switch;
  if constexpr (std::is_same_v<T, std::string>) return OptionKind::Text;
  if constexpr (std::is_integral_v<T>) return OptionKind::Integer;
  if constexpr (std::is_floating_point_v<T>) return OptionKind::Number;
  return OptionKind::List;
}

std::string numberText(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.10g", number);
  return text;
}

/// The first number that lies outside its range, or nothing.
Status checkRanges(const TrainingOptions& options) {
  std::string sentence;
  forEachOption(options, {}, [&](const std::string& name, const auto& member, const Says& says) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (kIsNumber<Member>) {
      const auto value = static_cast<double>(member);
      if (!sentence.empty() || (value >= says.lowest && value <= says.highest)) return;
      sentence.append("The option ").append(name).append(" must lie between ");
      sentence.append(numberText(says.lowest)).append(" and ").append(numberText(says.highest));
      sentence.append(".");
    }
  });
  if (sentence.empty()) return ok();
  return Error{ErrorCode::OptionOutOfRange, sentence, ""};
}

bool isWithin(double value, double low, double high) { return value >= low && value <= high; }

Error outOfRange(const char* what) { return {ErrorCode::OptionOutOfRange, what, ""}; }

/// Fine-tuning of a network that has learned faces from very many people: little may change.
TrainingOptions forFaces(TrainingOptions options) {
  options.name = "face";
  options.isHalfPrecision = false;
  options.batch.forgeries = 0;
  options.batch.pseudoWriters = 0;
  options.losses = {{.kind = "supervisedContrastive", .temperature = 0.1}};
  options.augmentation = {.rotation = 3,
                          .scale = 0.05,
                          .shear = 0,
                          .shift = 0.02,
                          .elasticAmplitude = 0,
                          .strokeChance = 0,
                          .occlusionChance = 0.1,
                          .mirrorChance = 0.5,
                          .lightChange = 0.2};
  options.learningRate = 1e-4;
  options.weightDecay = 1e-4;
  constexpr int kEarlyBlocks = 6;
  options.frozenBlocks = kEarlyBlocks;
  return options;
}

}  // namespace

Status InventedOptions::check() const {
  if (isWithin(signers, 0, 100'000) && isWithin(genuine, 2, 100) && isWithin(forgeries, 0, 100) &&
      isWithin(share, 0, 1))
    return ok();
  return outOfRange("An option of the invented people is out of its range.");
}

Status TrainingOptions::check() const {
  if (auto status = checkRanges(*this); !status) return status;
  if (auto status = batch.check(); !status) return status;
  if (auto status = pseudoWriters.check(); !status) return status;
  if (auto status = virtualWriters.check(); !status) return status;
  if (auto status = invented.check(); !status) return status;
  if (architecture.mapChannels > 0 && score != ScoreKind::Cosine)
    return outOfRange("Local comparison needs the score cosine.");
  if (architecture.kind != "residual" &&
      (batch.pseudoWriters > 0 || virtualWriters.share > 0 || invented.signers > 0))
    return outOfRange(
        "Pseudo-writers, virtual writers and invented people are images of signatures; leave them "
        "out for pen data and faces.");
  if (!isWithin(referenceCopies, 0, architecture.kind == "gru" ? 0 : kMostReferenceCopies))
    return outOfRange("A reference that is an image may be copied up to 32 times, pen data never.");
  if (!isWithin(usualCopyScore, 0, referenceCopies > 0 && score == ScoreKind::Cosine ? 1 : 0))
    return outOfRange("Scores are evened out by copies of references, and for the cosine alone.");
  if (!isWithin(frozenBlocks, 0, architecture.blocks()))
    return outOfRange("There are not that many blocks to freeze.");
  if (losses.empty()) return outOfRange("Training needs at least one loss.");
  for (const auto& loss : losses) {
    if (auto status = loss.check(); !status) return status;
    if (auto status = loss.checkFit(batch.layout, score); !status) return status;
    if (virtualWriters.share > 0 && (loss.kind == "cosFace" || loss.kind == "arcFace"))
      return outOfRange("A virtual writer is not of the class of the person it is made of.");
  }
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

std::vector<OptionField> optionFields(const TrainingOptions& options) {
  std::vector<OptionField> fields;
  forEachOption(options, {}, [&](const std::string& name, const auto& member, const Says& says) {
    using Member = std::remove_cvref_t<decltype(member)>;
    fields.push_back({name, says.sentence, kindOf<Member>(says), says.lowest, says.highest,
                      says.choices, toJson(member).dump()});
  });
  return fields;
}

Result<TrainingOptions> withOptions(const TrainingOptions& options,
                                    const std::vector<OptionChange>& changes) {
  Json json = toJson(options);
  for (const auto& [name, value] : changes) {
    std::string pointer = "/" + name;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    const auto refusal = [&, &name = name, &value = value](const std::string& detail) {
      std::string sentence = "The option ";
      sentence.append(name).append(" cannot be set to ").append(value).append(".");
      return Error{ErrorCode::OptionOutOfRange, sentence, detail};
    };
    try {
      auto& place = json.at(Json::json_pointer(pointer));
      auto parsed = Json::parse(value, nullptr, false);
      if (parsed.is_discarded() && !place.is_string()) return refusal("");
      place = parsed.is_discarded() ? Json(value) : parsed;
    } catch (const Json::exception& e) { return refusal(e.what()); }
  }
  return parseTrainingOptions(json.dump());
}

TrainingOptions suggestedOptions(const CorpusManifest& manifest, const NetworkCard* startFrom) {
  std::map<std::string, int> genuine;
  int images = 0;
  bool hasForgeries = false;
  for (const auto& sample : manifest.samples) {
    if (sample.split != Split::Train) continue;
    ++images;
    if (sample.label == SampleLabel::Genuine)
      ++genuine[sample.subject];
    else
      hasForgeries = true;
  }
  const auto people = static_cast<int>(std::count_if(
      genuine.begin(), genuine.end(), [](const auto& person) { return person.second > 1; }));
  TrainingOptions options;
  options.batch = {.subjects = std::clamp(people, 2, 10),
                   .genuine = 4,
                   .forgeries = hasForgeries ? 2 : 0,
                   .pseudoWriters = 2};
  options.losses = {{.kind = "pairwiseLogistic", .hardestShare = 0.05},
                    {.kind = "supervisedContrastive", .weight = 0.3, .temperature = 0.1}};
  const int passes = startFrom != nullptr ? 15 : 80;
  const auto batch = static_cast<int>(options.batch.size());
  options.steps = std::clamp(images * passes / batch, 40, 6000);
  constexpr int kEpochs = 12;
  options.stepsPerEpoch = std::max(5, options.steps / kEpochs);
  options.averageDecay = std::clamp(1 - 10.0 / options.steps, 0.9, 0.998);
  options.architecture.mapChannels = 24;
  if (startFrom == nullptr) return options;
  options.architecture = startFrom->architecture;
  options.score = startFrom->score;
  if (startFrom->modality == Modality::Face) return forFaces(options);
  options.learningRate = 3e-4;
  options.frozenBlocks = 1;
  return options;
}

}  // namespace countersign
