// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/Embedding.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>

namespace countersign {

namespace {

static_assert(std::endian::native == std::endian::little, "stores hold little-endian floats");

/// Precedes the floats of samples with a map or another score. No embedding starts like this: as a
/// float, the tag is far beyond the unit sphere.
struct TemplateHeader {
  std::array<char, 4> tag{'C', 'S', 'T', 'M'};
  std::int32_t embeddingSize = 0;
  std::array<std::int32_t, 3> mapShape{};
  std::int32_t score = 0;
  float localShare = 0;
};
static_assert(sizeof(TemplateHeader) == 28);

/// In place of the tag where the sample's score offset stands between header and floats.
constexpr std::array<char, 4> kNormalisedTag{'C', 'S', 'T', 'N'};
constexpr float kLargestOffset = 2;  // the width of a cosine's range

constexpr std::int32_t kLargestExtent = 1 << 20;

/// Descriptors of a map as unit vectors, cell by cell, with their lengths.
struct Cells {
  std::vector<float> unit;     ///< [cells, channels]
  std::vector<double> length;  ///< [cells]
};

Cells cellsOf(const EmbeddedSample& sample) {
  const auto channels = static_cast<std::size_t>(sample.mapShape[0]);
  const auto count =
      static_cast<std::size_t>(sample.mapShape[1]) * static_cast<std::size_t>(sample.mapShape[2]);
  Cells cells{std::vector<float>(sample.map.size()), std::vector<double>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    double squares = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      const double value = sample.map[c * count + i];
      squares += value * value;
    }
    const double length = std::sqrt(squares);
    cells.length[i] = length;
    if (length == 0) continue;
    for (std::size_t c = 0; c < channels; ++c)
      cells.unit[i * channels + c] = static_cast<float>(sample.map[c * count + i] / length);
  }
  return cells;
}

LocalAgreement agreementOf(const Cells& a, const Cells& b, const std::array<int, 3>& shape) {
  const auto [channels, rows, columns] = shape;
  LocalAgreement result{rows, columns, {}, {}};
  double total = 0;
  for (const double length : a.length) total += length;
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const auto cell = static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) +
                        static_cast<std::size_t>(x);
      const std::span own(a.unit.data() + cell * static_cast<std::size_t>(channels),
                          static_cast<std::size_t>(channels));
      float best = -1;
      for (int v = std::max(0, y - 1); v <= std::min(rows - 1, y + 1); ++v) {
        for (int u = std::max(0, x - 1); u <= std::min(columns - 1, x + 1); ++u) {
          const auto* other =
              b.unit.data() + (static_cast<std::size_t>(v) * static_cast<std::size_t>(columns) +
                               static_cast<std::size_t>(u)) *
                                  static_cast<std::size_t>(channels);
          float dot = 0;
          for (std::size_t c = 0; c < own.size(); ++c) dot += own[c] * other[c];
          best = std::max(best, dot);
        }
      }
      result.similarity.push_back(std::clamp(best, -1.0F, 1.0F));
      result.weight.push_back(total > 0 ? static_cast<float>(a.length[cell] / total) : 0);
    }
  }
  return result;
}

double localScore(const EmbeddedSample& a, const EmbeddedSample& b) {
  const auto cellsA = cellsOf(a);
  const auto cellsB = cellsOf(b);
  return 0.5 * (agreementOf(cellsA, cellsB, a.mapShape).mean() +
                agreementOf(cellsB, cellsA, a.mapShape).mean());
}

Error damaged() { return {ErrorCode::FileMalformed, "A stored embedding is damaged.", ""}; }

std::int64_t mapSize(const std::array<std::int32_t, 3>& shape) {
  return std::int64_t{shape[0]} * shape[1] * shape[2];
}

}  // namespace

double cosineSimilarity(const std::vector<float>& a, const std::vector<float>& b) {
  assert(a.size() == b.size());
  double dot = 0;
  double normA = 0;
  double normB = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * b[i];
    normA += double{a[i]} * a[i];
    normB += double{b[i]} * b[i];
  }
  if (normA == 0 || normB == 0) return 0;
  return std::clamp(dot / std::sqrt(normA * normB), -1.0, 1.0);
}

double euclideanScore(const std::vector<float>& a, const std::vector<float>& b) {
  assert(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - b[i], 2);
  return -std::sqrt(sum);
}

double manhattanScore(const std::vector<float>& a, const std::vector<float>& b) {
  assert(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(double{a[i]} - b[i]);
  return -sum;
}

double LocalAgreement::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < similarity.size(); ++i) sum += double{weight[i]} * similarity[i];
  return std::clamp(sum, -1.0, 1.0);
}

LocalAgreement localAgreement(const EmbeddedSample& questioned, const EmbeddedSample& reference) {
  assert(questioned.mapShape == reference.mapShape && !questioned.map.empty());
  return agreementOf(cellsOf(questioned), cellsOf(reference), questioned.mapShape);
}

namespace {

double wholeScore(const EmbeddedSample& a, const EmbeddedSample& b) {
  switch (a.score) {
    case ScoreKind::Euclidean:
    case ScoreKind::LearnedHead:
      return euclideanScore(a.embedding, b.embedding);
    case ScoreKind::Manhattan:
      return manhattanScore(a.embedding, b.embedding);
    case ScoreKind::ExpManhattan:
      return std::exp(manhattanScore(a.embedding, b.embedding));
    case ScoreKind::Cosine:
      break;
  }
  return cosineSimilarity(a.embedding, b.embedding);
}

double normalised(double score, const EmbeddedSample& a, const EmbeddedSample& b) {
  if (a.scoreOffset == 0 && b.scoreOffset == 0) return score;
  return std::clamp(score + a.scoreOffset + b.scoreOffset, -1.0, 1.0);
}

}  // namespace

double excessOffset(const EmbeddedSample& a, const EmbeddedSample& b) {
  if (a.scoreOffset == 0 || b.scoreOffset == 0) return 0;
  return (double{a.scoreOffset} + double{b.scoreOffset}) / 2;
}

double coarseScore(const EmbeddedSample& a, const EmbeddedSample& b) {
  return normalised(wholeScore(a, b), a, b);
}

double sampleScore(const EmbeddedSample& a, const EmbeddedSample& b) {
  assert(areComparable(a, b) && a.score != ScoreKind::LearnedHead);
  const double whole = wholeScore(a, b);
  const bool isLocal = a.localShare > 0 && !a.map.empty();
  const double score =
      isLocal ? (1 - double{a.localShare}) * whole + a.localShare * localScore(a, b) : whole;
  return normalised(score, a, b);
}

bool areComparable(const EmbeddedSample& a, const EmbeddedSample& b) {
  return a.embedding.size() == b.embedding.size() && a.mapShape == b.mapShape &&
         a.map.size() == b.map.size() && a.score == b.score && a.localShare == b.localShare;
}

Bytes embeddingBytes(const EmbeddedSample& sample) {
  Bytes bytes;
  const auto append = [&](const void* data, std::size_t size) {
    if (size == 0) return;
    const auto before = bytes.size();
    bytes.resize(before + size);
    std::memcpy(bytes.data() + before, data, size);
  };
  const bool isNormalised = sample.scoreOffset != 0;
  if (sample.score != ScoreKind::Cosine || !sample.map.empty() || isNormalised) {
    const TemplateHeader header{.tag = isNormalised ? kNormalisedTag : TemplateHeader{}.tag,
                                .embeddingSize = static_cast<std::int32_t>(sample.embedding.size()),
                                .mapShape = sample.mapShape,
                                .score = static_cast<std::int32_t>(sample.score),
                                .localShare = sample.localShare};
    append(&header, sizeof(header));
    if (isNormalised) append(&sample.scoreOffset, sizeof(sample.scoreOffset));
  }
  append(sample.embedding.data(), sample.embedding.size() * sizeof(float));
  append(sample.map.data(), sample.map.size() * sizeof(float));
  return bytes;
}

Result<EmbeddedSample> embeddingFrom(const Bytes& bytes) {
  EmbeddedSample sample;
  TemplateHeader header;
  std::span rest(bytes);
  const auto startsWith = [&](const std::array<char, 4>& tag) {
    return bytes.size() >= tag.size() && std::memcmp(bytes.data(), tag.data(), tag.size()) == 0;
  };
  const bool isNormalised = startsWith(kNormalisedTag);
  const bool isTagged = isNormalised || startsWith(header.tag);
  std::int64_t mapFloats = 0;
  if (isTagged) {
    if (bytes.size() < sizeof(header)) return damaged();
    std::memcpy(&header, bytes.data(), sizeof(header));
    rest = rest.subspan(sizeof(header));
    if (isNormalised) {
      if (rest.size() < sizeof(sample.scoreOffset)) return damaged();
      std::memcpy(&sample.scoreOffset, rest.data(), sizeof(sample.scoreOffset));
      rest = rest.subspan(sizeof(sample.scoreOffset));
      if (!(std::abs(sample.scoreOffset) <= kLargestOffset)) return damaged();
    }
    const bool isShape =
        std::all_of(header.mapShape.begin(), header.mapShape.end(),
                    [](std::int32_t extent) { return extent >= 0 && extent < kLargestExtent; });
    if (!isShape || header.embeddingSize < 0 || header.score < 0 ||
        header.score > static_cast<std::int32_t>(ScoreKind::LearnedHead) ||
        !(header.localShare >= 0 && header.localShare <= 1))
      return damaged();
    mapFloats = mapSize(header.mapShape);
    if ((std::int64_t{header.embeddingSize} + mapFloats) *
            static_cast<std::int64_t>(sizeof(float)) !=
        static_cast<std::int64_t>(rest.size()))
      return damaged();
    sample.mapShape = header.mapShape;
    sample.score = static_cast<ScoreKind>(header.score);
    sample.localShare = header.localShare;
  }
  if (rest.size() % sizeof(float) != 0) return damaged();
  std::vector<float> values(rest.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), rest.data(), rest.size());
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
    return damaged();
  const auto split = values.end() - static_cast<std::ptrdiff_t>(mapFloats);
  sample.map.assign(split, values.end());
  values.erase(split, values.end());
  sample.embedding = std::move(values);
  if (sample.embedding.empty()) return damaged();
  return sample;
}

}  // namespace countersign
