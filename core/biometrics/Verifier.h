// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "core/base/Result.h"
#include "core/biometrics/ComparisonScore.h"
#include "core/imaging/ImageFile.h"
#include "core/metric/EmbeddingNetwork.h"

namespace countersign {

/// A sample that was acquired: read, normalised, found good enough, and embedded.
struct AcquiredSample {
  ReadSample read;
  EmbeddedSample embedded;
  std::optional<double> dotsPerInch;  ///< As the file said, if it did.
};

/// The outcome of a verification, with what it rests on.
struct Verification {
  std::vector<SimilarityScore> scores;  ///< One a reference, in the order given.
  SimilarityScore fused;
  DecisionRule rule;
  Verdict verdict = Verdict::NonMatch;
};

/// Verifies in one shot: nothing is trained for a new person.
///
/// Thread-safe. The network must outlive the verifier.
class Verifier {
 public:
  explicit Verifier(const EmbeddingNetwork& network) : m_network(network) {}

  /// τ and band of the network's card.
  DecisionRule defaultRule() const;

  /// @return  QualityInsufficient when the image holds nothing that can be compared; its sentence
  ///          says why. Otherwise the errors of decoding and normalising.
  Result<AcquiredSample> acquire(const DecodedImage& image, const SampleRegion& region = {}) const;
  Result<AcquiredSample> acquire(const std::filesystem::path& path,
                                 const SampleRegion& region = {}) const;

  /// The same for a sample that others will be compared with (EmbeddingNetwork::embedReference()).
  Result<AcquiredSample> acquireReference(const std::filesystem::path& path,
                                          const SampleRegion& region = {}) const;

  /// @param references  at least one; OptionOutOfRange otherwise, and when the band is negative.
  Result<Verification> verify(const EmbeddedSample& probe,
                              const std::vector<EmbeddedSample>& references,
                              const DecisionRule& rule) const;

 private:
  const EmbeddingNetwork& m_network;
};

}  // namespace countersign
