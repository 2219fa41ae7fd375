// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/NetworkCard.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign {
namespace {

NetworkCard sample() {
  NetworkCard card;
  card.name = "example";
  card.architecture.channels = {4, 8};
  card.architecture.strides = {2};
  card.defaultThreshold = 0.61;
  card.training.data = {"Generated signers: no terms."};
  card.training.seed = 0xFFFFFFFFFFFFFFFFULL;
  card.figures.push_back({"list", "command", 9, 100, Estimate{0.1, 0.05, 0.2}, {0.01, 0, 0.03}});
  card.figures.push_back({"faces", "command", 9, 100, {}, {0.01, 0, 0.03}});
  return card;
}

TEST(NetworkCard, ReadsBackWhatItWrites) {
  const auto card = parseCard(writeCard(sample()));
  ASSERT_TRUE(card) << card.error().detail;
  EXPECT_EQ(writeCard(*card), writeCard(sample()));
  EXPECT_EQ(card->architecture, sample().architecture);
  EXPECT_EQ(card->training.seed, sample().training.seed);
  EXPECT_TRUE(card->figures[0].skilledEer);
  EXPECT_FALSE(card->figures[1].skilledEer) << "nobody forges faces";
}

TEST(NetworkCard, KeepsTheIdentityOfArchitecturesWithoutAMap) {
  auto architecture = sample().architecture;
  EXPECT_EQ(canonicalArchitecture(architecture).find("map"), std::string::npos);
  architecture.mapChannels = 12;
  EXPECT_NE(canonicalArchitecture(architecture), canonicalArchitecture(sample().architecture));
  auto card = sample();
  card.architecture = architecture;
  card.score = ScoreKind::Cosine;
  EXPECT_EQ(parseCard(writeCard(card))->architecture, architecture);
  EXPECT_EQ(Architecture{}.mapExtent(), (std::array{7, 14}));
}

TEST(NetworkCard, KnowsTheRangeOfEveryScore) {
  for (const auto kind : {ScoreKind::Cosine, ScoreKind::Euclidean, ScoreKind::Manhattan,
                          ScoreKind::ExpManhattan, ScoreKind::LearnedHead}) {
    EXPECT_EQ(scoreKindOf(scoreKindName(kind)), kind);
    EXPECT_LT(scoreRange(kind, 256).lowest, scoreRange(kind, 256).highest);
  }
  EXPECT_FALSE(scoreKindOf("luck"));
  EXPECT_DOUBLE_EQ(scoreRange(ScoreKind::Manhattan, 256).lowest, -32);
}

TEST(NetworkCard, RefusesWhatItDoesNotKnow) {
  const auto changed = [](auto&& change) {
    auto json = nlohmann::json::parse(writeCard(sample()));
    change(json);
    return parseCard(json.dump());
  };
  EXPECT_TRUE(changed([](auto&) {}));
  EXPECT_FALSE(changed([](auto& j) { j["news"] = 1; }));
  EXPECT_FALSE(changed([](auto& j) { j["cardVersion"] = 2; }));
  EXPECT_FALSE(changed([](auto& j) { j["score"] = "distance"; }));
  EXPECT_FALSE(changed([](auto& j) { j["modality"] = "gait"; }));
  EXPECT_FALSE(changed([](auto& j) { j.erase("architecture"); }));
  EXPECT_FALSE(changed([](auto& j) { j["defaultThreshold"] = 1.5; }));
  EXPECT_FALSE(changed([](auto& j) { j["defaultBand"] = -0.1; }));
  EXPECT_FALSE(changed([](auto& j) { j["fusedReferences"] = 0; }));
  EXPECT_TRUE(changed([](auto& j) { j["referenceCopies"] = 8; }));
  EXPECT_FALSE(changed([](auto& j) { j["referenceCopies"] = -1; }));
  EXPECT_FALSE(changed([](auto& j) { j["referenceCopies"] = 33; }));
  EXPECT_FALSE(changed([](auto& j) { j["usualCopyScore"] = 0.8; })) << "without copies";
  EXPECT_FALSE(changed([](auto& j) {
    j["referenceCopies"] = 8;
    j["usualCopyScore"] = 1.1;
  }));
  EXPECT_FALSE(changed([](auto& j) { j["architecture"]["channels"] = "many"; }));
  EXPECT_FALSE(parseCard("no json"));
}

TEST(NetworkCard, ChecksArchitecturesBeforeTheyAreBuilt) {
  EXPECT_TRUE(Architecture{}.check());
  const auto bad = [](auto&& change) {
    Architecture a;
    change(a);
    return !a.check();
  };
  EXPECT_TRUE(bad([](auto& a) { a.kind = "magic"; }));
  EXPECT_FALSE(bad([](auto& a) { a.mapChannels = 39; }));
  EXPECT_TRUE(bad([](auto& a) { a.mapChannels = 40; })) << "templates of more than 16 KiB";
  EXPECT_TRUE(bad([](auto& a) { a.mapChannels = -1; }));
  EXPECT_TRUE(bad([](auto& a) { a.channels = {}; }));
  EXPECT_TRUE(bad([](auto& a) { a.channels[1] = 1 << 30; }));
  EXPECT_TRUE(bad([](auto& a) { a.strides.push_back(1); }));
  EXPECT_TRUE(bad([](auto& a) { a.strides[0] = 0; }));
  EXPECT_TRUE(bad([](auto& a) { a.canvas.width = 1 << 20; }));
  EXPECT_TRUE(bad([](auto& a) { a.embeddingSize = 0; }));
}

}  // namespace
}  // namespace countersign
