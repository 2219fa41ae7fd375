// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"
#include "core/base/Safetensors.h"
#include "core/imaging/FaceDetector.h"
#include "core/metric/NetworkCard.h"
#include "core/metric/ScoreEvidence.h"

namespace countersign {

/// A network as one safetensors file: weights ("branch." + name), score distributions
/// ("evidence." + list + ".scores" / ".groups" / ".subjects"), the networks that find faces for it
/// ("detector.near" / ".far" / ".landmarks"), and the card as one JSON string in the metadata
/// ("card").
struct NetworkFile {
  NetworkCard card;
  std::map<std::string, RawTensor, std::less<>> weights;
  std::map<std::string, ScoreEvidence, std::less<>> evidence;
  /// What finds the faces that a face network was measured with: a decision can be worked out again
  /// only with the same landmarks, so they stay together.
  std::optional<FaceDetectorFiles> detector;

  /// SHA-256 over weights, architecture, score, normaliser version and detector: what decides a
  /// score.
  /// Figures, evidence, name and τ are not part of it.
  std::string identity() const;
};

/// @return  FileNotReadable, FileMalformed, or NetworkIncompatible with one sentence.
Result<NetworkFile> readNetworkFile(const std::filesystem::path& path);
Result<NetworkFile> networkFileOf(SafetensorsFile file);
Status writeNetworkFile(const std::filesystem::path& path, const NetworkFile& network);

}  // namespace countersign
