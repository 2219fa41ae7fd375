// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/imaging/Modality.h"
#include "core/imaging/SignatureNormaliser.h"
#include "core/metric/Embedding.h"

namespace countersign {

std::string_view scoreKindName(ScoreKind kind);
/// Nothing when there is no such score.
std::optional<ScoreKind> scoreKindOf(std::string_view name);

/// The range of a score, from nothing alike to identical.
struct ScoreRange {
  double lowest;
  double highest;
};
/// @param embeddingSize  decides the lower end of ScoreKind::Manhattan alone.
ScoreRange scoreRange(ScoreKind kind, int embeddingSize);

/// Shape of the shared branch: everything that is needed to build it before its weights are read.
struct Architecture {
  /// Family of networks. "residual": a stem of stride 2, then one residual block (He et al., 2016)
  /// per further number of channels, at the strides below; average pooling to a grid; one linear
  /// layer to the embedding, which has unit length. "gru": a gated recurrent unit over sequences of
  /// PenFeatures, channels = {features, size of the state}, no strides; canvas and grid are not
  /// used. "mobileFaceNet": Chen et al., 2018, for face chips in colour: seven channels (stem, five
  /// stages, before pooling), no strides, a square grid that is a sixteenth of the canvas.
  std::string kind = "residual";
  CanvasSize canvas;
  /// Channels of the stem and of each block.
  std::vector<int> channels{32, 48, 96, 160, 224};
  /// Stride of each block.
  std::vector<int> strides{2, 2, 2, 1};
  /// Cells into which the last feature map is averaged, rows and columns.
  int gridRows = 3;
  int gridColumns = 6;
  /// Length of the embedding.
  int embeddingSize = 256;
  /// Channels of the dense descriptor map that a 1 × 1 convolution takes from the last feature map;
  /// 0: no map, and no local comparison.
  int mapChannels = 0;
  /// Two branches with weights of their own (Bromley's twin has one): one for scanned paper, one
  /// for signatures drawn from pen data. Without a map.
  bool isPseudoSiamese = false;

  /// Channels of the images that it looks at: ink alone, or colour.
  int inputChannels() const { return kind == "mobileFaceNet" ? 3 : 1; }

  /// What its images are of.
  Modality modality() const {
    return kind == "mobileFaceNet" ? Modality::Face : Modality::Signature;
  }

  /// Blocks after the stem: what Branch::freeze() counts.
  int blocks() const;

  /// Rows and columns of the map: the canvas, halved (rounded up) by the stem and by every stride.
  std::array<int, 2> mapExtent() const;

  /// The first thing that no network can have, or nothing. What passes takes at most 64 million
  /// weights and 512 MB of activations an image, and makes templates of at most 16 KiB.
  Status check() const;

  /// Weights and normalisation statistics of the branch, for comparing with a file before building.
  std::int64_t tensorElements() const;
  friend bool operator==(const Architecture&, const Architecture&) = default;
};

/// A rate with the evidence behind it.
struct Estimate {
  double value = 0;
  double low = 0;   ///< Lower end of the 95 % interval.
  double high = 0;  ///< Upper end of the 95 % interval.
};

/// Error rates on one trial list, as `countersign-cli evaluate` measured them.
struct CardFigure {
  std::string name;     ///< For example "cedar-validation-1ref".
  std::string command;  ///< The command that makes the figure again.
  int people = 0;
  int trials = 0;
  /// Equal error rate against skilled forgeries, in [0, 1]; nothing where there are none.
  std::optional<Estimate> skilledEer = std::nullopt;
  Estimate randomEer;  ///< Equal error rate against other people's samples, in [0, 1].
};

/// Where the weights come from.
struct TrainingProvenance {
  std::string command;
  std::vector<std::string> data;  ///< Corpora with their terms, one sentence each.
  std::uint64_t seed = 0;
  std::string date;  ///< ISO 8601, UTC.
  std::string libraries;
  std::string options;  ///< JSON text of the training options.
  int images = 0;       ///< Training images shown, augmentations counted.
};

/// Copies beyond these would make enrolling slow and change nothing any more.
inline constexpr int kMostReferenceCopies = 32;

/// What a network file says about itself.
struct NetworkCard {
  std::string name;
  Modality modality = Modality::Signature;
  Architecture architecture;
  std::string normaliserVersion{kSignatureNormaliserVersion};
  ScoreKind score = ScoreKind::Cosine;
  /// Several references are fused by the mean of the best `fusedReferences` scores.
  int fusedReferences = 3;
  /// A reference is embedded together with so many slightly changed copies of itself, and their
  /// mean direction kept: one signature says little about what its writer's hand varies by. 0
  /// to 32.
  int referenceCopies = 0;
  /// Scores with a reference are raised by what its mean score with its copies falls short of this,
  /// so that one threshold suits references that are easy and hard to resemble; 0: scores are as
  /// they are. For cosines, in [0, 1].
  double usualCopyScore = 0;
  /// The embedding is the mean direction of the image's and its mirror image's: for faces.
  bool isMirrorAveraged = false;
  /// τ with which a user starts: the equal-error threshold on the development trials.
  double defaultThreshold = 0.5;
  /// Half width of the band around τ in which the verdict is "refer".
  double defaultBand = 0;
  TrainingProvenance training;
  std::vector<CardFigure> figures;
};

/// JSON text of a card, and back. Unknown keys are refused, since a newer card may mean something
/// that this program does not know of.
std::string writeCard(const NetworkCard& card);
Result<NetworkCard> parseCard(std::string_view json);

/// The architecture alone, in a form that is equal for equal architectures.
std::string canonicalArchitecture(const Architecture& architecture);

}  // namespace countersign
