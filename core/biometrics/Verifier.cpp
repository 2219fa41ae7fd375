// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/Verifier.h"

#include "core/base/File.h"

namespace countersign {

DecisionRule Verifier::defaultRule() const {
  return {{m_network.card().defaultThreshold}, m_network.card().defaultBand};
}

Result<AcquiredSample> Verifier::acquire(const DecodedImage& image,
                                         const SignatureRegion& region) const {
  auto signature = normaliseSignature(
      image.pixels, region,
      {.canvas = m_network.card().architecture.canvas, .dotsPerInch = image.header.dotsPerInch});
  if (!signature) return signature.error();
  if (!signature->quality.isComparable())
    return Error{ErrorCode::QualityInsufficient, signature->quality.text(), ""};
  auto embedded = m_network.embed(signature->canvas);
  if (!embedded) return embedded.error();
  return AcquiredSample{*std::move(signature), *std::move(embedded)};
}

Result<AcquiredSample> Verifier::acquire(const std::filesystem::path& path,
                                         const SignatureRegion& region) const {
  const auto image = readImage(path);
  if (!image) return image.error();
  auto sample = acquire(*image, region);
  if (!sample)
    return Error{sample.error().code, quoted(path) + ": " + sample.error().message,
                 sample.error().detail};
  return sample;
}

Result<Verification> Verifier::verify(const EmbeddedSample& probe,
                                      const std::vector<EmbeddedSample>& references,
                                      const DecisionRule& rule) const {
  if (references.empty())
    return Error{ErrorCode::OptionOutOfRange, "A comparison needs at least one reference.", ""};
  if (!(rule.band >= 0))
    return Error{ErrorCode::OptionOutOfRange, "The refer band must not be negative.", ""};
  Verification result;
  for (const auto& reference : references)
    result.scores.push_back({m_network.score(probe, reference)});
  result.fused = fuseScores(result.scores, m_network.card().fusedReferences);
  result.rule = rule;
  result.verdict = decide(result.fused, rule);
  return result;
}

}  // namespace countersign
