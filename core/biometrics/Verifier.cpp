// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/Verifier.h"

#include <algorithm>
#include <cmath>

#include "core/base/File.h"

namespace countersign {

DecisionRule Verifier::defaultRule() const {
  return {{m_network.card().defaultThreshold}, m_network.card().defaultBand};
}

Result<AcquiredSample> Verifier::acquire(const DecodedImage& image,
                                         const SampleRegion& region) const {
  auto sample = m_network.read(image.pixels, region);
  if (!sample) return sample.error();
  if (!sample->isComparable) return Error{ErrorCode::QualityInsufficient, sample->quality, ""};
  auto embedded = m_network.embed(sample->canvas);
  if (!embedded) return embedded.error();
  return AcquiredSample{*std::move(sample), *std::move(embedded), image.header.dotsPerInch};
}

Result<AcquiredSample> Verifier::acquire(const std::filesystem::path& path,
                                         const SampleRegion& region) const {
  const auto image = readImage(path);
  if (!image) return image.error();
  auto sample = acquire(*image, region);
  if (!sample)
    return Error{sample.error().code, quoted(path) + ": " + sample.error().message,
                 sample.error().detail};
  return sample;
}

Result<AcquiredSample> Verifier::acquireReference(const std::filesystem::path& path,
                                                  const SampleRegion& region) const {
  auto sample = acquire(path, region);
  if (!sample || m_network.card().referenceCopies == 0) return sample;
  auto embedded = m_network.embedReference(sample->read.canvas);
  if (!embedded) return embedded.error();
  sample->embedded = *std::move(embedded);
  return sample;
}

Result<Verification> Verifier::verify(const EmbeddedSample& probe,
                                      const std::vector<EmbeddedSample>& references,
                                      const DecisionRule& rule) const {
  if (references.empty())
    return Error{ErrorCode::OptionOutOfRange, "A comparison needs at least one reference.", ""};
  if (!(rule.band >= 0) || !std::isfinite(rule.band) || !std::isfinite(rule.threshold.value))
    return Error{ErrorCode::OptionOutOfRange,
                 "Threshold and refer band must be numbers, and the band must not be negative.",
                 ""};
  const auto& architecture = m_network.card().architecture;
  const auto [rows, columns] = architecture.mapExtent();
  const auto mapSize = static_cast<std::size_t>(architecture.mapChannels) *
                       static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  const auto isOfThisNetwork = [&](const EmbeddedSample& sample) {
    return sample.embedding.size() == static_cast<std::size_t>(architecture.embeddingSize) &&
           sample.map.size() == mapSize && areComparable(sample, probe);
  };
  if (!isOfThisNetwork(probe) ||
      !std::all_of(references.begin(), references.end(), isOfThisNetwork))
    return Error{ErrorCode::NetworkIncompatible,
                 "The samples were embedded by another network; embed them anew.", ""};
  Verification result;
  for (const auto& reference : references)
    result.scores.push_back({m_network.score(probe, reference)});
  result.fused = fuseScores(result.scores, m_network.card().fusedReferences);
  result.rule = rule;
  result.verdict = decide(result.fused, rule);
  return result;
}

}  // namespace countersign
