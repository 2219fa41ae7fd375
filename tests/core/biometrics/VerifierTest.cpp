// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/Verifier.h"

#include <gtest/gtest.h>

#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign {
namespace {

class VerifierOnARandomNetwork : public testing::Test {
 protected:
  const EmbeddingNetwork m_network = *EmbeddingNetwork::of(test::randomNetwork());
  const Verifier m_verifier{m_network};

  EmbeddedSample sample(std::uint64_t number) const {
    return m_verifier.acquire(DecodedImage{test::signatureDrawing(number), {}})->embedded;
  }
};

TEST_F(VerifierOnARandomNetwork, FusesAsTheCardSaysAndKeepsEachScore) {
  const std::vector references{sample(1), sample(2), sample(3), sample(4)};
  const auto result = m_verifier.verify(sample(1), references, {{0.2}, 0});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->scores.size(), 4U);
  EXPECT_NEAR(result->scores[0].value, 1, 1e-6);
  EXPECT_EQ(result->fused, fuseScores(result->scores, m_network.card().fusedReferences));
  EXPECT_EQ(result->verdict, decide(result->fused, {{0.2}, 0}));
}

TEST_F(VerifierOnARandomNetwork, RefusesNoReferenceAndANegativeBand) {
  EXPECT_FALSE(m_verifier.verify(sample(1), {}, {}));
  EXPECT_FALSE(m_verifier.verify(sample(1), {sample(2)}, {{0.5}, -0.1}));
}

TEST_F(VerifierOnARandomNetwork, CannotJudgeWhatHoldsNoSignature) {
  const auto blank =
      m_verifier.acquire(DecodedImage{cv::Mat(99, 200, CV_8UC1, cv::Scalar(250)), {}});
  ASSERT_FALSE(blank);
  EXPECT_EQ(blank.error().code, ErrorCode::QualityInsufficient);
  const test::TemporaryFolder folder;
  EXPECT_EQ(m_verifier.acquire(folder.path() / "none.png").error().code,
            ErrorCode::FileNotReadable);
}

TEST_F(VerifierOnARandomNetwork, TakesItsDefaultsFromTheCard) {
  EXPECT_EQ(m_verifier.defaultRule().threshold.value, m_network.card().defaultThreshold);
  EXPECT_EQ(m_verifier.defaultRule().band, m_network.card().defaultBand);
}

}  // namespace
}  // namespace countersign
