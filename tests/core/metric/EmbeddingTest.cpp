// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/Embedding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/Random.h"

namespace countersign {
namespace {

EmbeddedSample sampleWithMap(std::uint64_t seed) {
  Random random{seed};
  EmbeddedSample sample;
  for (int i = 0; i < 5; ++i) sample.embedding.push_back(static_cast<float>(random.normal()));
  sample.mapShape = {3, 2, 4};
  for (int i = 0; i < 24; ++i) sample.map.push_back(static_cast<float>(random.normal()));
  sample.localShare = 0.4F;
  return sample;
}

TEST(Embedding, ScoresAreWhatHandsCompute) {
  EXPECT_DOUBLE_EQ(cosineSimilarity({1, 0}, {0, 1}), 0);
  EXPECT_DOUBLE_EQ(cosineSimilarity({1, 0}, {-2, 0}), -1);
  EXPECT_NEAR(cosineSimilarity({1, 1}, {1, 0}), std::sqrt(0.5), 1e-7);
  EXPECT_DOUBLE_EQ(cosineSimilarity({0, 0}, {1, 0}), 0);
  EXPECT_DOUBLE_EQ(euclideanScore({0, 0}, {3, 4}), -5);
  EXPECT_DOUBLE_EQ(manhattanScore({0, 0}, {3, -4}), -7);
  const EmbeddedSample a{.embedding = {0, 0}, .score = ScoreKind::ExpManhattan};
  const EmbeddedSample b{.embedding = {0.5, -0.5}, .score = ScoreKind::ExpManhattan};
  EXPECT_DOUBLE_EQ(sampleScore(a, b), std::exp(-1));
}

TEST(Embedding, LocalAgreementIsAConvexCombinationOfCosines) {
  const auto a = sampleWithMap(1);
  const auto b = sampleWithMap(2);
  const auto agreement = localAgreement(a, b);
  EXPECT_EQ(agreement.rows, 2);
  EXPECT_EQ(agreement.columns, 4);
  double sum = 0;
  for (const float weight : agreement.weight) {
    EXPECT_GE(weight, 0);
    sum += weight;
  }
  EXPECT_NEAR(sum, 1, 1e-6);
  for (const float cosine : agreement.similarity) EXPECT_LE(std::abs(cosine), 1);
  EXPECT_NEAR(localAgreement(a, a).mean(), 1, 1e-6);
  EXPECT_NEAR(sampleScore(a, b),
              0.6 * cosineSimilarity(a.embedding, b.embedding) +
                  0.2 * (agreement.mean() + localAgreement(b, a).mean()),
              1e-6);
  EXPECT_NEAR(sampleScore(a, b), sampleScore(b, a), 1e-12);
}

TEST(Embedding, AnEmptyMapAgreesWithNothing) {
  auto empty = sampleWithMap(3);
  std::fill(empty.map.begin(), empty.map.end(), 0.0F);
  EXPECT_EQ(localAgreement(empty, empty).mean(), 0);
  EXPECT_TRUE(std::isfinite(sampleScore(empty, sampleWithMap(4))));
}

TEST(Embedding, SurvivesTheStore) {
  const EmbeddedSample plain{.embedding = {1, 2, 3}};
  EXPECT_EQ(embeddingBytes(plain).size(), 12U) << "as stores of earlier versions hold it";
  const auto back = embeddingFrom(embeddingBytes(plain));
  ASSERT_TRUE(back);
  EXPECT_TRUE(areComparable(plain, *back));
  EXPECT_EQ(back->embedding, plain.embedding);

  const auto full = sampleWithMap(5);
  const auto stored = embeddingBytes(full);
  const auto again = embeddingFrom(stored);
  ASSERT_TRUE(again);
  EXPECT_TRUE(areComparable(full, *again));
  EXPECT_EQ(again->embedding, full.embedding);
  EXPECT_EQ(again->map, full.map);
  EXPECT_EQ(sampleScore(full, *again), sampleScore(full, full));

  for (auto sample : {plain, full}) {
    sample.scoreOffset = -0.125F;
    const auto normalised = embeddingFrom(embeddingBytes(sample));
    ASSERT_TRUE(normalised);
    EXPECT_EQ(normalised->scoreOffset, sample.scoreOffset);
    EXPECT_EQ(normalised->embedding, sample.embedding);
    EXPECT_EQ(normalised->map, sample.map);
  }
}

TEST(Embedding, ScoresOfNormalisedReferencesAreRaisedAndStayInTheirRange) {
  const auto probe = sampleWithMap(5);
  auto reference = sampleWithMap(6);
  const double plain = sampleScore(probe, reference);
  const double coarse = coarseScore(probe, reference);
  reference.scoreOffset = 0.0625F;
  EXPECT_TRUE(areComparable(probe, reference));
  EXPECT_NEAR(sampleScore(probe, reference), plain + 0.0625, 1e-9);
  EXPECT_NEAR(coarseScore(probe, reference), coarse + 0.0625, 1e-9);
  EXPECT_EQ(sampleScore(probe, reference), sampleScore(reference, probe));
  reference.scoreOffset = 2;
  EXPECT_EQ(sampleScore(probe, reference), 1);
  reference.scoreOffset = -2;
  EXPECT_EQ(sampleScore(probe, reference), -1);
}

TEST(Embedding, DamagedBytesAreRefused) {
  auto normalised = sampleWithMap(6);
  normalised.scoreOffset = 0.5F;
  auto evened = embeddingBytes(normalised);
  for (std::size_t length = 0; length < evened.size(); ++length)
    EXPECT_FALSE(
        embeddingFrom(Bytes(evened.begin(), evened.begin() + static_cast<std::ptrdiff_t>(length))))
        << length;
  evened[31] = 0x7f;  // the offset's exponent
  EXPECT_FALSE(embeddingFrom(evened));
  const auto good = embeddingBytes(sampleWithMap(6));
  for (std::size_t length = 0; length < good.size(); ++length) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_FALSE(embeddingFrom(cut)) << length;
  }
  // The last four bytes are the share: of those, only the highest decides its sign and size.
  for (const std::size_t place : {4U, 7U, 8U, 11U, 12U, 15U, 16U, 19U, 20U, 23U, 27U}) {
    auto bad = good;
    bad[place] = 0xff;
    EXPECT_FALSE(embeddingFrom(bad)) << place;
  }
  EXPECT_FALSE(embeddingFrom({}));
}

TEST(Embedding, SamplesOfOtherNetworksAreNotComparable) {
  const auto a = sampleWithMap(1);
  auto b = sampleWithMap(2);
  EXPECT_TRUE(areComparable(a, b));
  b.localShare = 0.5F;
  EXPECT_FALSE(areComparable(a, b));
  b = sampleWithMap(2);
  b.score = ScoreKind::Euclidean;
  EXPECT_FALSE(areComparable(a, b));
  EXPECT_FALSE(areComparable(a, {.embedding = a.embedding}));
}

}  // namespace
}  // namespace countersign
