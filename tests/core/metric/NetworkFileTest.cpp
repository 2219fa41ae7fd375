// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/NetworkFile.h"

#include <gtest/gtest.h>

#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

NetworkFile sample() {
  NetworkFile network;
  network.card.name = "example";
  network.card.architecture.channels = {1, 1};
  network.card.architecture.strides = {2};
  // The reader counts the numbers; only the branch itself knows their names.
  const auto count = network.card.architecture.tensorElements();
  const std::vector<float> weights(static_cast<std::size_t>(count), 0.5F);
  network.weights["a.weight"] = RawTensor::of<float>(ElementType::F32, {count / 2, 2}, weights);
  network.evidence["list-1ref"] = {{0.5F, 0.25F}, {0, 2}, {0, 1}};
  return network;
}

TEST(NetworkFile, ReadsBackWhatItWrites) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "n.safetensors";
  ASSERT_TRUE(writeNetworkFile(path, sample()));
  const auto read = readNetworkFile(path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->weights, sample().weights);
  EXPECT_EQ(read->evidence.at("list-1ref").scores, sample().evidence["list-1ref"].scores);
  EXPECT_EQ(read->identity(), sample().identity());
}

TEST(NetworkFile, KeepsTheDetectorThatItsFiguresRestOn) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "n.safetensors";
  auto network = sample();
  network.detector = FaceDetectorFiles{{1, 2, 3}, {4}, {5, 6}};
  EXPECT_NE(network.identity(), sample().identity());
  ASSERT_TRUE(writeNetworkFile(path, network));
  const auto read = readNetworkFile(path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->detector, network.detector);
  EXPECT_EQ(read->identity(), network.identity());
  network.detector->far = {7};
  EXPECT_NE(network.identity(), read->identity());
}

TEST(NetworkFile, IdentityIsOfWhatDecidesAScoreOnly) {
  const auto identity = sample().identity();
  EXPECT_EQ(identity.size(), 64U);
  const auto changed = [](auto&& change) {
    auto network = sample();
    change(network);
    return network.identity();
  };
  EXPECT_EQ(identity, changed([](auto& n) { n.card.name = "other"; }));
  EXPECT_EQ(identity, changed([](auto& n) { n.card.defaultThreshold = 0.9; }));
  EXPECT_EQ(identity, changed([](auto& n) { n.evidence.clear(); }));
  EXPECT_EQ(identity, changed([](auto& n) { n.card.figures.push_back({}); }));
  EXPECT_NE(identity, changed([](auto& n) { n.card.normaliserVersion = "signature-0"; }));
  EXPECT_NE(identity, changed([](auto& n) { n.card.architecture.embeddingSize = 64; }));
  EXPECT_NE(identity, changed([](auto& n) { n.weights["a.weight"].bytes[0] ^= std::byte{1}; }));
  EXPECT_NE(identity, changed([](auto& n) {
              std::swap(n.weights["a.weight"].shape[0], n.weights["a.weight"].shape[1]);
            }));
  EXPECT_NE(identity, changed([](auto& n) { n.weights["b"] = n.weights["a.weight"]; }));
}

TEST(NetworkFile, RefusesWhatItDoesNotExpect) {
  const auto written = [](auto&& change) {
    SafetensorsFile file;
    file.metadata["card"] = writeCard(sample().card);
    file.tensors["branch.a.weight"] = sample().weights["a.weight"];
    change(file);
    return networkFileOf(std::move(file));
  };
  const std::vector<float> one{1};
  const auto tensor = RawTensor::of<float>(ElementType::F32, {1}, one);
  EXPECT_TRUE(written([](auto&) {}));
  EXPECT_FALSE(written([](auto& f) { f.metadata.clear(); }));
  EXPECT_FALSE(written([](auto& f) { f.tensors.erase("branch.a.weight"); })) << "too few numbers";
  EXPECT_FALSE(written([](auto& f) {
    NetworkCard huge = sample().card;
    huge.architecture.channels = std::vector<int>(60, 2000);
    huge.architecture.strides = std::vector<int>(59, 1);
    f.metadata["card"] = writeCard(huge);
  })) << "a card must not make the program allocate what the file does not hold";
  EXPECT_FALSE(written([&](auto& f) { f.tensors["stranger"] = tensor; }));
  EXPECT_FALSE(written([&](auto& f) { f.tensors["evidence.x"] = tensor; }));
  EXPECT_FALSE(written([&](auto& f) { f.tensors["evidence.x.other"] = tensor; }));
  EXPECT_FALSE(written([&](auto& f) { f.tensors["evidence.x.scores"] = tensor; })) << "no groups";
  EXPECT_FALSE(written([&](auto& f) { f.tensors["evidence.x.groups"] = tensor; })) << "wrong type";
}

}  // namespace
}  // namespace countersign
