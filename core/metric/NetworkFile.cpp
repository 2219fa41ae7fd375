// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/NetworkFile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/File.h"
#include "core/base/Sha256.h"

namespace countersign {

namespace {

constexpr std::string_view kWeightPrefix = "branch.";
constexpr std::string_view kEvidencePrefix = "evidence.";
constexpr std::string_view kDetectorPrefix = "detector.";

/// The parts of a detector with their names; `Files` is FaceDetectorFiles, const or not.
template <typename Files>
auto partsOf(Files& files) {
  return std::array{std::pair{"near", &files.near}, std::pair{"far", &files.far},
                    std::pair{"landmarks", &files.landmarks}};
}

Error unexpected(const std::string& name) {
  return {ErrorCode::NetworkIncompatible,
          "The network file holds \"" + name + "\", which this program does not expect.", ""};
}

/// Stores one of the three tensors of a trial list.
Status readEvidence(const std::string& name, const RawTensor& tensor, NetworkFile& network) {
  const auto rest = std::string_view(name).substr(kEvidencePrefix.size());
  const auto dot = rest.rfind('.');
  if (dot == std::string_view::npos || tensor.shape.size() != 1) return unexpected(name);
  auto& list = network.evidence[std::string(rest.substr(0, dot))];
  const auto part = rest.substr(dot + 1);
  const auto copy = [&]<typename T>(std::vector<T>& to, ElementType type) -> Status {
    if (tensor.type != type) return unexpected(name);
    const auto values = tensor.as<T>();
    to.assign(values.begin(), values.end());
    return ok();
  };
  if (part == "scores") return copy(list.scores, ElementType::F32);
  if (part == "groups") return copy(list.groups, ElementType::U8);
  if (part == "subjects") return copy(list.subjects, ElementType::I32);
  return unexpected(name);
}

/// Stores one of the three networks of a detector.
Status readDetector(const std::string& name, const RawTensor& tensor, NetworkFile& network) {
  if (!network.detector) network.detector.emplace();
  const auto part = std::string_view(name).substr(kDetectorPrefix.size());
  for (const auto& [known, bytes] : partsOf(*network.detector)) {
    if (part != known || tensor.type != ElementType::U8) continue;
    const auto values = tensor.as<std::uint8_t>();
    bytes->assign(values.begin(), values.end());
    return ok();
  }
  return unexpected(name);
}

/// Before a branch of the claimed size is built, the file must hold that many numbers.
Status checkSize(const NetworkFile& network) {
  std::int64_t elements = 0;
  for (const auto& [name, tensor] : network.weights) elements += tensor.elementCount();
  const auto& card = network.card;
  const auto head =
      card.score == ScoreKind::LearnedHead ? std::int64_t{card.architecture.embeddingSize} + 1 : 0;
  if (elements == card.architecture.tensorElements() + head) return ok();
  return Error{ErrorCode::NetworkIncompatible,
               "The network's weights do not fit its architecture: there are too few or too many.",
               ""};
}

Status checkEvidence(const NetworkFile& network) {
  for (const auto& [name, list] : network.evidence) {
    const bool isKnown = std::all_of(
        list.groups.begin(), list.groups.end(),
        [](std::uint8_t group) { return group <= static_cast<std::uint8_t>(TrialKind::Random); });
    const bool areScores = std::none_of(list.scores.begin(), list.scores.end(), [](float score) {
      return std::isnan(score) || score == std::numeric_limits<float>::infinity();
    });
    const auto most = static_cast<std::int64_t>(list.subjects.size());
    const bool areSubjects =
        std::all_of(list.subjects.begin(), list.subjects.end(),
                    [&](std::int32_t subject) { return subject >= 0 && subject < most; });
    if (!isKnown || !areScores || !areSubjects || list.groups.size() != list.scores.size() ||
        list.subjects.size() != list.scores.size())
      return Error{ErrorCode::NetworkIncompatible,
                   "The score distribution \"" + name + "\" of the network file is not complete.",
                   ""};
  }
  return ok();
}

}  // namespace

std::string NetworkFile::identity() const {
  Sha256 hash;
  hash.add(canonicalArchitecture(card.architecture)).add("\n");
  hash.add(card.normaliserVersion).add("\n").add(scoreKindName(card.score)).add("\n");
  // Templates differ by it, but those of networks without it keep their identity.
  if (card.referenceCopies > 0)
    hash.add("copies ").add(std::to_string(card.referenceCopies)).add("\n");
  if (card.usualCopyScore > 0)
    hash.add("usual ").add(std::to_string(card.usualCopyScore)).add("\n");
  if (card.isMirrorAveraged) hash.add("mirror\n");
  if (detector) {
    for (const auto& [name, bytes] : partsOf(*detector))
      hash.add(name).add("\n").add(std::as_bytes(std::span(*bytes)));
  }
  for (const auto& [name, tensor] : weights) {
    hash.add(name).add(" ").add(elementTypeName(tensor.type));
    for (const auto extent : tensor.shape) hash.add(" ").add(std::to_string(extent));
    hash.add("\n").add(tensor.bytes);
  }
  return hash.finish();
}

Result<NetworkFile> networkFileOf(SafetensorsFile file) {
  const auto text = file.metadata.find("card");
  if (text == file.metadata.end())
    return Error{ErrorCode::NetworkIncompatible,
                 "The file is not a Countersign network: it has no card.", ""};
  auto card = parseCard(text->second);
  if (!card) return card.error();
  if (auto status = card->architecture.check(); !status) return status.error();
  NetworkFile network{*std::move(card), {}, {}, {}};
  for (auto& [name, tensor] : file.tensors) {
    if (name.starts_with(kWeightPrefix)) {
      network.weights[name.substr(kWeightPrefix.size())] = std::move(tensor);
    } else if (name.starts_with(kEvidencePrefix)) {
      if (auto status = readEvidence(name, tensor, network); !status) return status.error();
    } else if (name.starts_with(kDetectorPrefix)) {
      if (auto status = readDetector(name, tensor, network); !status) return status.error();
    } else {
      return unexpected(name);
    }
  }
  if (auto status = checkSize(network); !status) return status.error();
  if (auto status = checkEvidence(network); !status) return status.error();
  return network;
}

Result<NetworkFile> readNetworkFile(const std::filesystem::path& path) {
  auto file = readSafetensors(path);
  if (!file) return file.error();
  auto network = networkFileOf(*std::move(file));
  if (!network)
    return Error{network.error().code, quoted(path) + ": " + network.error().message,
                 network.error().detail};
  return network;
}

Status writeNetworkFile(const std::filesystem::path& path, const NetworkFile& network) {
  SafetensorsFile file;
  file.metadata["card"] = writeCard(network.card);
  for (const auto& [name, tensor] : network.weights)
    file.tensors[std::string(kWeightPrefix) + name] = tensor;
  for (const auto& [name, list] : network.evidence) {
    const auto key = std::string(kEvidencePrefix) + name;
    const std::vector shape{static_cast<std::int64_t>(list.scores.size())};
    file.tensors[key + ".scores"] = RawTensor::of<float>(ElementType::F32, shape, list.scores);
    file.tensors[key + ".groups"] =
        RawTensor::of<std::uint8_t>(ElementType::U8, shape, list.groups);
    file.tensors[key + ".subjects"] =
        RawTensor::of<std::int32_t>(ElementType::I32, shape, list.subjects);
  }
  if (network.detector) {
    for (const auto& [name, bytes] : partsOf(*network.detector))
      file.tensors[std::string(kDetectorPrefix) + name] = RawTensor::of<std::uint8_t>(
          ElementType::U8, {static_cast<std::int64_t>(bytes->size())}, *bytes);
  }
  return writeSafetensors(path, file);
}

}  // namespace countersign
