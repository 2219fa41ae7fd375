// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/EmbeddingNetwork.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>
#include <thread>

#include "core/corpus/SyntheticFace.h"
#include "core/imaging/SignatureNormaliser.h"
#include "core/metric/NetworkFile.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign {
namespace {

std::vector<cv::Mat> canvases(std::uint64_t count) {
  std::vector<cv::Mat> all;
  for (std::uint64_t i = 0; i < count; ++i)
    all.push_back(normaliseSignature(test::signatureDrawing(i))->canvas);
  return all;
}

TEST(EmbeddingNetwork, EmbedsOnTheUnitSphereAndScoresSymmetrically) {
  const auto network = EmbeddingNetwork::of(test::randomNetwork());
  ASSERT_TRUE(network) << network.error().message;
  const auto images = canvases(2);
  const auto a = network->embed(images[0]);
  const auto b = network->embed(images[1]);
  ASSERT_TRUE(a && b);
  double squares = 0;
  for (const float x : a->embedding) squares += double{x} * x;
  EXPECT_NEAR(squares, 1, 1e-5);
  EXPECT_NEAR(network->score(*a, *a), 1, 1e-6);
  EXPECT_EQ(network->score(*a, *b), network->score(*b, *a));
  EXPECT_LT(network->score(*a, *b), 1);
}

TEST(EmbeddingNetwork, EmbedsABatchLikeEachByItself) {
  const auto network = EmbeddingNetwork::of(test::randomNetwork());
  const auto images = canvases(5);
  const auto batch = network->embedBatch(images);
  ASSERT_TRUE(batch);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto one = network->embed(images[i]);
    for (std::size_t k = 0; k < one->embedding.size(); ++k)
      EXPECT_NEAR(one->embedding[k], (*batch)[i].embedding[k], 1e-5);
  }
  EXPECT_TRUE(network->embedBatch({})->empty());
}

TEST(EmbeddingNetwork, EmbedsAReferenceWithItsCopiesAndKeepsItsMap) {
  auto file = test::randomNetwork(1, 4);
  const auto plain = EmbeddingNetwork::of(file);
  file.card.referenceCopies = 8;
  const auto copying = EmbeddingNetwork::of(file);
  ASSERT_TRUE(plain && copying);
  EXPECT_NE(plain->identity(), copying->identity()) << "their templates must not be mixed";
  for (const auto& canvas : canvases(3)) {
    const auto probe = copying->embed(canvas);
    EXPECT_EQ(plain->embedReference(canvas)->embedding, plain->embed(canvas)->embedding);
    EXPECT_EQ(probe->embedding, plain->embed(canvas)->embedding) << "probes are not copied";
    const auto reference = copying->embedReference(canvas);
    ASSERT_TRUE(reference);
    EXPECT_NE(reference->embedding, probe->embedding);
    EXPECT_NEAR(cosineSimilarity(reference->embedding, reference->embedding), 1, 1e-6);
    double squares = 0;
    for (const float x : reference->embedding) squares += double{x} * x;
    EXPECT_NEAR(squares, 1, 1e-5);
    EXPECT_GT(cosineSimilarity(reference->embedding, probe->embedding), 0.9);
    EXPECT_EQ(reference->map, probe->map);
    EXPECT_EQ(copying->embedReference(canvas)->embedding, reference->embedding) << "always alike";
  }
}

TEST(EmbeddingNetwork, EvensOutScoresByTheCopiesOfTheReference) {
  auto file = test::randomNetwork(1, 4);
  file.card.referenceCopies = 4;
  const auto copying = EmbeddingNetwork::of(file);
  constexpr double kUsual = 0.7;
  file.card.usualCopyScore = kUsual;
  const auto evening = EmbeddingNetwork::of(file);
  ASSERT_TRUE(copying && evening);
  EXPECT_NE(copying->identity(), evening->identity());
  const auto images = canvases(3);
  const auto probe = evening->embed(images[0]);
  EXPECT_EQ(probe->scoreOffset, 0);
  for (const auto& canvas : images) {
    const auto plain = copying->embedReference(canvas);
    const auto evened = evening->embedReference(canvas);
    const auto own = evening->copyScore(canvas);
    ASSERT_TRUE(plain && evened && own);
    EXPECT_NEAR(evened->scoreOffset, kUsual - *own, 1e-6);
    EXPECT_NEAR(evening->score(*probe, *evened),
                std::clamp(copying->score(*probe, *plain) + kUsual - *own, -1.0, 1.0), 1e-6);
    EXPECT_EQ(evening->score(*probe, *evened), evening->score(*evened, *probe));
  }
  file.card.referenceCopies = 0;
  EXPECT_FALSE(EmbeddingNetwork::of(file)->copyScore(images[0]));
}

TEST(EmbeddingNetwork, MayBeUsedByManyThreadsAtOnce) {
  const auto network = EmbeddingNetwork::of(test::randomNetwork());
  const auto images = canvases(4);
  const auto expected = network->embedBatch(images);
  std::vector<std::jthread> threads;
  threads.reserve(4);
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 8; ++round) {
        for (std::size_t i = 0; i < images.size(); ++i) {
          const auto sample = network->embed(images[i]);
          if (!sample || network->score(*sample, (*expected)[i]) < 0.9999) ++wrong;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(EmbeddingNetwork, RefusesAnotherCanvas) {
  const auto network = EmbeddingNetwork::of(test::randomNetwork());
  EXPECT_EQ(network->embed(cv::Mat(10, 10, CV_8UC1)).error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(network->embed(cv::Mat(112, 224, CV_8UC3)).error().code,
            ErrorCode::NetworkIncompatible);
}

TEST(EmbeddingNetwork, RefusesWeightsAndNormalisersThatDoNotFit) {
  auto other = test::randomNetwork();
  other.card.normaliserVersion = "signature-0";
  EXPECT_EQ(EmbeddingNetwork::of(other).error().code, ErrorCode::NetworkIncompatible);
  auto missing = test::randomNetwork();
  missing.weights.erase(missing.weights.begin());
  EXPECT_EQ(EmbeddingNetwork::of(missing).error().code, ErrorCode::NetworkIncompatible);
  auto larger = test::randomNetwork();
  larger.card.architecture.embeddingSize = 64;
  EXPECT_EQ(EmbeddingNetwork::of(larger).error().code, ErrorCode::NetworkIncompatible);
}

TEST(EmbeddingNetwork, LoadsWhatWasWrittenWithTheSameIdentity) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "n.safetensors";
  const auto file = test::randomNetwork();
  ASSERT_TRUE(writeNetworkFile(path, file));
  const auto network = EmbeddingNetwork::load(path);
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_EQ(network->identity(), file.identity());
  EXPECT_FALSE(EmbeddingNetwork::load(folder.path() / "none"));
}

// An embedding is the direction of (sum of the places + the same vector for everybody): of two
// faces a and b there are lengths so that |a| e(a) - |b| e(b) is the difference of their sums.
TEST(EmbeddingNetworkOfFaces, SaysWhatEachPlaceAdds) {
  auto file = readNetworkFile(test::shippedFaceNetwork());
  ASSERT_TRUE(file);
  file->card.isMirrorAveraged = false;
  const auto network = EmbeddingNetwork::of(*std::move(file));
  ASSERT_TRUE(network) << network.error().message;
  const auto size = network->card().architecture.canvas;
  const auto sampleOf = [&](std::uint64_t number) {
    const auto picture = SyntheticFace(1, number).picture({.size = size.width}).picture;
    const auto sample = network->embedWithPlaces(picture);
    EXPECT_TRUE(sample) << sample.error().message;
    EXPECT_EQ(sample->embedding, network->embed(picture)->embedding);
    EXPECT_EQ(sample->localShare, 0) << "the score is what it is without";
    return *sample;
  };
  const auto one = sampleOf(1);
  const auto other = sampleOf(2);
  const auto length = static_cast<int>(one.embedding.size());
  ASSERT_EQ(one.mapShape[0], length);
  const int cells = one.mapShape[1] * one.mapShape[2];
  const auto sumOf = [&](const EmbeddedSample& sample) {
    const cv::Mat map(length, cells, CV_32F, const_cast<float*>(sample.map.data()));
    cv::Mat sum;
    cv::reduce(map, sum, 1, cv::REDUCE_SUM, CV_64F);
    return sum;
  };
  const cv::Mat expected = sumOf(one) - sumOf(other);
  cv::Mat directions(length, 2, CV_64F);
  for (int i = 0; i < length; ++i) {
    directions.at<double>(i, 0) = one.embedding[static_cast<std::size_t>(i)];
    directions.at<double>(i, 1) = -other.embedding[static_cast<std::size_t>(i)];
  }
  cv::Mat lengths;
  cv::solve(directions, expected, lengths, cv::DECOMP_SVD);
  EXPECT_GT(lengths.at<double>(0), 0);
  EXPECT_GT(lengths.at<double>(1), 0);
  EXPECT_LT(cv::norm(directions * lengths - expected), 1e-3 * cv::norm(expected));

  const auto whole = EmbeddingNetwork::of(test::randomNetwork());
  EXPECT_EQ(whole->embedWithPlaces(canvases(1).front()).error().code,
            ErrorCode::NetworkIncompatible)
      << "compares wholes";
}

}  // namespace
}  // namespace countersign
