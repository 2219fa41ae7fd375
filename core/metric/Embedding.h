// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/base/File.h"
#include "core/base/Result.h"

namespace countersign {

/// How two embeddings become one number; higher is always more alike.
enum class ScoreKind {
  Cosine,        ///< Cosine of the angle, in [-1, 1].
  Euclidean,     ///< −L2 distance; of unit vectors in [-2, 0].
  Manhattan,     ///< −L1 distance, in [-2 √size, 0].
  ExpManhattan,  ///< exp(−L1), in (0, 1] (Mueller & Thyagarajan, 2016).
  LearnedHead,   ///< sigmoid(Σ w |a − b| + c), in (0, 1) (Koch et al., 2015).
};

/// A sample as the network sees it: all that a comparison needs, but for a learned head's weights.
struct EmbeddedSample {
  /// Point on the unit sphere.
  std::vector<float> embedding;
  /// Dense descriptors of a branch that has them, [channels, rows, columns]; empty otherwise. The
  /// direction of a cell's descriptor says what is there, its length how much the cell counts.
  std::vector<float> map;
  std::array<int, 3> mapShape{};
  ScoreKind score = ScoreKind::Cosine;
  /// Share of the local comparison in the score, in [0, 1]; 0 without a map.
  float localShare = 0;
  /// What every score with this sample is raised by; not 0 for normalised references alone
  /// (NetworkCard::usualCopyScore).
  float scoreOffset = 0;
};

/// Cosine of the angle between two vectors of one length, in [-1, 1]; 0 if one of them is zero.
double cosineSimilarity(const std::vector<float>& a, const std::vector<float>& b);

/// −L2 and −L1 distance of two vectors of one length.
double euclideanScore(const std::vector<float>& a, const std::vector<float>& b);
double manhattanScore(const std::vector<float>& a, const std::vector<float>& b);

/// How well each cell of the questioned map is found in the reference's, at its own place or in one
/// of the eight around it.
struct LocalAgreement {
  int rows = 0;
  int columns = 0;
  std::vector<float> similarity;  ///< Best cosine of each cell, in [-1, 1], row by row.
  std::vector<float> weight;      ///< What the cell counts; >= 0, adds up to 1 (or all are 0).

  /// Mean of the similarities by weight, in [-1, 1].
  double mean() const;
};

/// Both maps must have the same shape and at least one cell.
LocalAgreement localAgreement(const EmbeddedSample& questioned, const EmbeddedSample& reference);

/// Score of two samples of one network by the formula that they carry: their cosine (or another
/// kind), of which `localShare` is taken by the mean local agreement of both directions; a cosine
/// is raised by both offsets and kept within its range. Symmetric.
/// Samples of ScoreKind::LearnedHead need EmbeddingNetwork::score().
double sampleScore(const EmbeddedSample& a, const EmbeddedSample& b);

/// The score without its local part, for shortlists; the same for all pairs that it orders.
double coarseScore(const EmbeddedSample& a, const EmbeddedSample& b);

/// The part of a score that belongs to nobody's likeness: two references that both have an offset
/// have it twice, while a probe has none, so that τ is about scores with one.
double excessOffset(const EmbeddedSample& a, const EmbeddedSample& b);

/// Whether two samples can be compared: made by networks of one shape and one score.
bool areComparable(const EmbeddedSample& a, const EmbeddedSample& b);

/// A sample as stores keep it, and back: little-endian 32-bit floats, after a header of 28 or 32
/// bytes when there is more than the embedding of a cosine network.
///
/// @return  FileMalformed when the length is not that of its parts, or a float is not finite.
Bytes embeddingBytes(const EmbeddedSample& sample);
Result<EmbeddedSample> embeddingFrom(const Bytes& bytes);

}  // namespace countersign
