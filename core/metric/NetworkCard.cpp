// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/NetworkCard.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/metric/internal/MobileFaceNetStages.h"

namespace countersign {

namespace {

using Json = nlohmann::json;

constexpr int kCardVersion = 1;

/// In the order of ScoreKind.
constexpr std::array<std::string_view, 5> kScoreNames{"cosine", "euclidean", "manhattan",
                                                      "expManhattan", "learnedHead"};

Json toJson(const Architecture& a) {
  Json json = {{"kind", a.kind},
               {"canvasHeight", a.canvas.height},
               {"canvasWidth", a.canvas.width},
               {"channels", a.channels},
               {"strides", a.strides},
               {"gridRows", a.gridRows},
               {"gridColumns", a.gridColumns},
               {"embeddingSize", a.embeddingSize}};
  // What a network does not have is left out, so that the identities of older ones stay.
  if (a.mapChannels > 0) json["mapChannels"] = a.mapChannels;
  if (a.isPseudoSiamese) json["isPseudoSiamese"] = true;
  return json;
}

Json toJson(const Estimate& e) { return {{"value", e.value}, {"low", e.low}, {"high", e.high}}; }

Json toJson(const CardFigure& f) {
  Json json = {{"name", f.name},
               {"command", f.command},
               {"people", f.people},
               {"trials", f.trials},
               {"randomEer", toJson(f.randomEer)}};
  if (f.skilledEer) json["skilledEer"] = toJson(*f.skilledEer);
  return json;
}

/// Weights and biases, and the slopes of what is activated.
std::int64_t mobileFaceNetElements(const Architecture& a) {
  constexpr int kKernel = 9;
  const std::int64_t stem = a.channels.front();
  std::int64_t total = stem * (3 * kKernel + 2) + stem * (kKernel + 2) + stem * (stem + 1);
  std::int64_t in = stem;
  for (std::size_t i = 0; i < kMobileFaceNetStages.size(); ++i) {
    const auto& stage = kMobileFaceNetStages[i];
    const std::int64_t out = a.channels[i + 1];
    for (int j = 0; j < stage.blocks; ++j) {
      const auto wide = in * stage.expansion;
      total += wide * (in + 2) + wide * (kKernel + 2) + out * (wide + 1);
      in = out;
    }
  }
  const std::int64_t wide = a.channels.back();
  return total + wide * (in + 2) + wide * (std::int64_t{a.gridRows} * a.gridRows + 1) +
         wide * (wide + 1) + std::int64_t{a.embeddingSize} * (wide + 1);
}

/// Reads members one by one and refuses what is left over; throws Json's exceptions on wrong types.
class Members {
 public:
  explicit Members(const Json& object) : m_object(object) {
    for (const auto& [key, value] : object.items()) m_left.insert(key);
  }
  template <typename T>
  Members& read(const char* key, T& value) {
    m_object.at(key).get_to(value);
    m_left.erase(key);
    return *this;
  }
  template <typename T>
  Members& readIfThere(const char* key, T& value) {
    return m_object.contains(key) ? read(key, value) : *this;
  }
  const Json& child(const char* key) {
    m_left.erase(key);
    return m_object.at(key);
  }
  void finish() const {
    if (!m_left.empty()) throw std::invalid_argument("unknown key \"" + *m_left.begin() + "\"");
  }

 private:
  const Json& m_object;
  std::set<std::string> m_left;
};

Architecture architectureFrom(const Json& json) {
  Architecture a;
  Members(json)
      .read("kind", a.kind)
      .read("canvasHeight", a.canvas.height)
      .read("canvasWidth", a.canvas.width)
      .read("channels", a.channels)
      .read("strides", a.strides)
      .read("gridRows", a.gridRows)
      .read("gridColumns", a.gridColumns)
      .read("embeddingSize", a.embeddingSize)
      .readIfThere("mapChannels", a.mapChannels)
      .readIfThere("isPseudoSiamese", a.isPseudoSiamese)
      .finish();
  return a;
}

Estimate estimateFrom(const Json& json) {
  Estimate e;
  Members(json).read("value", e.value).read("low", e.low).read("high", e.high).finish();
  return e;
}

CardFigure figureFrom(const Json& json) {
  CardFigure f;
  Members members(json);
  members.read("name", f.name).read("command", f.command).read("people", f.people);
  members.read("trials", f.trials);
  if (json.contains("skilledEer")) f.skilledEer = estimateFrom(members.child("skilledEer"));
  f.randomEer = estimateFrom(members.child("randomEer"));
  members.finish();
  return f;
}

TrainingProvenance provenanceFrom(const Json& json) {
  TrainingProvenance t;
  Members(json)
      .read("command", t.command)
      .read("data", t.data)
      .read("seed", t.seed)
      .read("date", t.date)
      .read("libraries", t.libraries)
      .read("options", t.options)
      .read("images", t.images)
      .finish();
  return t;
}

NetworkCard cardFrom(const Json& json) {
  NetworkCard card;
  Members members(json);
  int version = 0;
  std::string modality;
  std::string score;
  members.read("cardVersion", version).read("name", card.name).read("modality", modality);
  members.read("normaliserVersion", card.normaliserVersion).read("score", score);
  members.read("fusedReferences", card.fusedReferences);
  members.readIfThere("referenceCopies", card.referenceCopies);
  members.readIfThere("usualCopyScore", card.usualCopyScore);
  members.readIfThere("isMirrorAveraged", card.isMirrorAveraged);
  members.read("defaultThreshold", card.defaultThreshold).read("defaultBand", card.defaultBand);
  card.architecture = architectureFrom(members.child("architecture"));
  card.training = provenanceFrom(members.child("training"));
  for (const auto& figure : members.child("figures")) card.figures.push_back(figureFrom(figure));
  members.finish();
  if (version != kCardVersion) throw std::invalid_argument("card version");
  const auto known = modalityOf(modality);
  if (!known || (*known == Modality::Face) != (card.architecture.inputChannels() == 3))
    throw std::invalid_argument("modality");
  card.modality = *known;
  const auto kind = scoreKindOf(score);
  if (!kind) throw std::invalid_argument("score");
  card.score = *kind;
  const auto range = scoreRange(card.score, card.architecture.embeddingSize);
  if (card.fusedReferences < 1 || card.defaultBand < 0 || card.defaultThreshold < range.lowest ||
      card.defaultThreshold > range.highest)
    throw std::invalid_argument("threshold, band or number of fused references");
  if (card.referenceCopies < 0 || card.referenceCopies > kMostReferenceCopies ||
      (card.referenceCopies > 0 && card.modality != Modality::Signature))
    throw std::invalid_argument("number of copies of a reference");
  const bool isNormalised = card.usualCopyScore != 0;
  if (!(card.usualCopyScore >= 0 && card.usualCopyScore <= 1) ||
      (isNormalised && (card.referenceCopies == 0 || card.score != ScoreKind::Cosine)))
    throw std::invalid_argument("usual score of a reference with its copies");
  return card;
}

bool areWithin(const std::vector<int>& values, int low, int high) {
  return std::all_of(values.begin(), values.end(), [&](int v) { return v >= low && v <= high; });
}

}  // namespace

std::string_view scoreKindName(ScoreKind kind) {
  return kScoreNames.at(static_cast<std::size_t>(kind));
}

std::optional<ScoreKind> scoreKindOf(std::string_view name) {
  const auto* at = std::find(kScoreNames.begin(), kScoreNames.end(), name);
  if (at == kScoreNames.end()) return std::nullopt;
  return static_cast<ScoreKind>(at - kScoreNames.begin());
}

ScoreRange scoreRange(ScoreKind kind, int embeddingSize) {
  switch (kind) {
    case ScoreKind::Cosine:
      return {-1, 1};
    case ScoreKind::Euclidean:
      return {-2, 0};
    case ScoreKind::Manhattan:
      return {-2 * std::sqrt(static_cast<double>(embeddingSize)), 0};
    case ScoreKind::ExpManhattan:
    case ScoreKind::LearnedHead:
      return {0, 1};
  }
  return {-1, 1};
}

int Architecture::blocks() const {
  if (kind == "gru") return 0;
  if (kind != "mobileFaceNet") return static_cast<int>(strides.size());
  int count = 0;
  for (const auto& stage : kMobileFaceNetStages) count += stage.blocks;
  return count;
}

std::array<int, 2> Architecture::mapExtent() const {
  const auto halved = [](int extent) { return (extent + 1) / 2; };
  std::array extent{halved(canvas.height), halved(canvas.width)};
  for (const int stride : strides) {
    if (stride == 2) extent = {halved(extent[0]), halved(extent[1])};
  }
  return extent;
}

Status Architecture::check() const {
  constexpr int kMostChannels = 2048;
  constexpr int kMostBlocks = 64;
  constexpr int kLargestCanvas = 1024;
  constexpr int kSmallestCanvas = 16;
  const bool isShape = areWithin({canvas.height, canvas.width}, kSmallestCanvas, kLargestCanvas) &&
                       areWithin({gridRows, gridColumns}, 1, 64) &&
                       areWithin({embeddingSize}, 2, kMostChannels) &&
                       areWithin({mapChannels}, 0, kMostChannels);
  const bool isStack = channels.size() >= 2 && channels.size() <= kMostBlocks &&
                       strides.size() + 1 == channels.size() &&
                       areWithin(channels, 1, kMostChannels) && areWithin(strides, 1, 2);
  constexpr std::int64_t kMostElements = 64'000'000;
  constexpr std::int64_t kMostActivations = 128'000'000;  // floats
  // Every map is at most as large as the stem's, which has a quarter of the canvas's pixels.
  const auto widest = channels.empty() ? 0 : *std::max_element(channels.begin(), channels.end());
  const auto activations = std::int64_t{canvas.height} * canvas.width / 4 * widest;
  constexpr std::int64_t kMostTemplateBytes = 16 * 1024 - 32;  // without the header
  const auto [mapRows, mapColumns] = mapExtent();
  const auto templateBytes =
      std::int64_t{4} * (embeddingSize + std::int64_t{mapChannels} * mapRows * mapColumns);
  const bool isSmallEnough = mapChannels == 0 || templateBytes <= kMostTemplateBytes;
  const bool isResidual = kind == "residual" && isStack && activations <= kMostActivations &&
                          isSmallEnough && !(isPseudoSiamese && mapChannels > 0);
  const bool isRecurrent = kind == "gru" && channels.size() == 2 && strides.empty() &&
                           areWithin(channels, 1, kMostChannels) && mapChannels == 0 &&
                           !isPseudoSiamese;
  const int pooled = gridRows * kMobileFaceNetShrinkage;
  const bool isMobile = kind == "mobileFaceNet" &&
                        channels.size() == kMobileFaceNetStages.size() + 2 && strides.empty() &&
                        areWithin(channels, 1, kMostChannels) && gridRows == gridColumns &&
                        canvas == CanvasSize{pooled, pooled} && mapChannels == 0 &&
                        !isPseudoSiamese && 4 * activations <= kMostActivations;
  if (isShape && (isResidual || isRecurrent || isMobile) && tensorElements() <= kMostElements)
    return ok();
  return Error{ErrorCode::NetworkIncompatible,
               "The network's architecture is not one that this program can build.", kind};
}

std::int64_t Architecture::tensorElements() const {
  if (isPseudoSiamese) {
    auto one = *this;
    one.isPseudoSiamese = false;
    return 2 * one.tensorElements();
  }
  if (kind == "gru") {
    const std::int64_t features = channels.front();
    const std::int64_t state = channels.back();
    return 3 * state * (features + state + 2) + (state + 1) * embeddingSize;
  }
  if (kind == "mobileFaceNet") return mobileFaceNetElements(*this);
  // Convolution without bias, and four vectors of its normalisation.
  const auto convolution = [](std::int64_t in, std::int64_t out, int kernel) {
    return in * out * kernel * kernel + 4 * out;
  };
  std::int64_t total = convolution(1, channels.front(), 3);
  for (std::size_t i = 0; i + 1 < channels.size(); ++i) {
    const auto in = channels[i];
    const auto out = channels[i + 1];
    total += convolution(in, out, 3) + convolution(out, out, 3) + convolution(in, out, 1);
  }
  const auto pooled = std::int64_t{channels.back()} * gridRows * gridColumns;
  // The map's convolution has a bias, and the mix of whole and local score is one number.
  const auto map = mapChannels == 0 ? 0 : (std::int64_t{channels.back()} + 1) * mapChannels + 1;
  return total + (pooled + 1) * embeddingSize + map;
}

std::string writeCard(const NetworkCard& card) {
  Json figures = Json::array();
  for (const auto& figure : card.figures) figures.push_back(toJson(figure));
  const auto& t = card.training;
  Json json = {{"cardVersion", kCardVersion},
               {"name", card.name},
               {"modality", modalityName(card.modality)},
               {"architecture", toJson(card.architecture)},
               {"normaliserVersion", card.normaliserVersion},
               {"score", scoreKindName(card.score)},
               {"fusedReferences", card.fusedReferences},
               {"defaultThreshold", card.defaultThreshold},
               {"defaultBand", card.defaultBand},
               {"training",
                {{"command", t.command},
                 {"data", t.data},
                 {"seed", t.seed},
                 {"date", t.date},
                 {"libraries", t.libraries},
                 {"options", t.options},
                 {"images", t.images}}},
               {"figures", figures}};
  if (card.referenceCopies > 0) json["referenceCopies"] = card.referenceCopies;
  if (card.usualCopyScore > 0) json["usualCopyScore"] = card.usualCopyScore;
  if (card.isMirrorAveraged) json["isMirrorAveraged"] = true;
  return json.dump();
}

Result<NetworkCard> parseCard(std::string_view text) try {
  return cardFrom(Json::parse(text));
} catch (const std::exception& e) {
  return Error{ErrorCode::NetworkIncompatible,
               "The network's card is not one that this program can read.", e.what()};
}

std::string canonicalArchitecture(const Architecture& architecture) {
  return toJson(architecture).dump();  // nlohmann sorts the keys
}

}  // namespace countersign
