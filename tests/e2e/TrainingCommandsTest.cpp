// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/corpus/SyntheticCorpus.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign::test {
namespace {

class TrainingCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    corpus = std::make_unique<TemporaryFolder>();
    ASSERT_TRUE(
        writeSyntheticCorpus(corpus->path(), {.signers = 18, .genuine = 4, .forgeries = 3}));
    // As a user's folder would be: images alone.
    std::filesystem::remove(corpus->path() / "manifest.csv");
  }
  static void TearDownTestSuite() { corpus.reset(); }
  static std::string images() { return (corpus->path() / "images").string(); }
  std::string path(const std::string& name) const { return (m_folder.path() / name).string(); }

  static inline std::unique_ptr<TemporaryFolder> corpus;
  const TemporaryFolder m_folder;
};

TEST_F(TrainingCommands, LeadFromAFolderToANetworkInService) {
  const auto before = writeRandomNetwork(m_folder.path(), "before").string();
  const auto trained = runCli({"train", "--root", images(), "--start-from", before, "--output",
                               path("mine.safetensors"), "--set", "steps=6", "--set",
                               "stepsPerEpoch=3", "--set", "batch.subjects=3", "--set",
                               "name=our office", "--run", path("runs/first"), "--json"});
  ASSERT_EQ(trained.exitCode, 0) << trained.errors;
  const auto identity = nlohmann::json::parse(trained.output).at("networkIdentity");

  const auto runs = runCli({"runs", "--folder", path("runs"), "--json"});
  ASSERT_EQ(runs.exitCode, 0) << runs.errors;
  const auto kept = nlohmann::json::parse(runs.output);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].at("state"), "finished");
  EXPECT_EQ(kept[0].at("curves").size(), 6U);
  EXPECT_EQ(kept[0].at("result").at("networkIdentity"), identity);
  EXPECT_EQ(kept[0].at("options").at("name"), "our office");

  const auto compared = runCli({"compare-networks", path("mine.safetensors"), "--before", before,
                                "--corpus", images(), "--json"});
  ASSERT_EQ(compared.exitCode, 0) << compared.errors;
  const auto lists = nlohmann::json::parse(compared.output).at("lists");
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(lists[0].at("trials"), "held-out people");
  for (const auto& group : lists[0].at("groups")) {
    const auto& difference = group.at("difference");
    EXPECT_LE(difference[1], difference[0]);
    EXPECT_GE(difference[2], difference[0]);
  }

  const auto used = runCli(
      {"network", "use", path("mine.safetensors"), "--store", storeIn(path("store")).string()});
  ASSERT_EQ(used.exitCode, 0) << used.errors;
  EXPECT_NE(used.output.find("invented people"), std::string::npos) << "the comparison comes first";
  EXPECT_NE(used.output.find("our office"), std::string::npos);
  EXPECT_NE(used.output.find("serves"), std::string::npos);
}

TEST_F(TrainingCommands, AdjustHowANetworkUsesReferences) {
  const auto plain = writeRandomNetwork(m_folder.path(), "plain").string();
  const auto copying = path("copying.safetensors");
  const auto adjusted =
      runCli({"adjust-network", plain, "--output", copying, "--reference-copies", "8", "--json"});
  ASSERT_EQ(adjusted.exitCode, 0) << adjusted.errors;
  const auto info = runCli({"info", "--network", copying, "--json"});
  ASSERT_EQ(info.exitCode, 0) << info.errors;
  const auto card = nlohmann::json::parse(info.output);
  EXPECT_EQ(card.at("referenceCopies"), 8);
  EXPECT_EQ(card.at("identity"), nlohmann::json::parse(adjusted.output).at("networkIdentity"));
  std::vector<std::string> people;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(images())) {
    if (entry.is_regular_file()) people.push_back(entry.path().string());
  }
  std::sort(people.begin(), people.end());
  const auto score = [&](const std::string& network, const std::string& reference) {
    const auto compared =
        runCli({"compare", "--json", "--network", network, "--probe", people[0], reference});
    return nlohmann::json::parse(compared.output).at("score").get<double>();
  };
  EXPECT_NEAR(score(plain, people[0]), 1, 1e-6);
  EXPECT_LT(score(copying, people[0]), 1 - 1e-6) << "the reference stands for more than itself";
  EXPECT_NE(score(copying, people[1]), score(plain, people[1]));
  const auto inFolder = [](const std::string& file) {
    return std::filesystem::relative(file, images()).string();
  };
  const auto trials = path("trials.csv");
  std::ofstream(trials) << "references,probe,label,group,subject\n"
                        << inFolder(people[0]) << '|' << inFolder(people[1]) << ','
                        << inFolder(people[2]) << ",mated,genuine,a\n";
  const auto evened = runCli({"adjust-network", copying, "--output", path("evened.safetensors"),
                              "--even-out", trials, "--root", images(), "--json"});
  ASSERT_EQ(evened.exitCode, 0) << evened.errors;
  const auto usual = nlohmann::json::parse(evened.output).at("usualCopyScore").get<double>();
  EXPECT_GT(usual, 0.1);
  EXPECT_LT(usual, 1);
  const auto fused = runCli({"adjust-network", path("evened.safetensors"), "--output",
                             path("fused.safetensors"), "--fused-references", "2", "--json"});
  ASSERT_EQ(fused.exitCode, 0) << fused.errors;
  EXPECT_EQ(nlohmann::json::parse(fused.output).at("usualCopyScore").get<double>(), usual)
      << "what was not asked for stays";
  EXPECT_NE(score(path("evened.safetensors"), people[1]), score(copying, people[1]));
  const auto rule = runCli({"adjust-network", copying, "--output", path("rule.safetensors"),
                            "--threshold-from", trials, "--root", images(), "--json"});
  ASSERT_EQ(rule.exitCode, 2) << "one mated trial has no equal error";
  std::ofstream(trials, std::ios::app)
      << inFolder(people[0]) << ',' << inFolder(people.back()) << ",nonMated,random,a\n";
  const auto ruled = runCli({"adjust-network", copying, "--output", path("rule.safetensors"),
                             "--threshold-from", trials, "--root", images(), "--json"});
  ASSERT_EQ(ruled.exitCode, 0) << ruled.errors;
  const auto chosen = nlohmann::json::parse(ruled.output);
  EXPECT_EQ(chosen.at("networkIdentity"), card.at("identity")) << "τ decides no score";
  EXPECT_NE(chosen.at("threshold"), card.at("defaultThreshold"));
  EXPECT_EQ(runCli({"adjust-network", plain, "--output", path("x"), "--even-out", trials, "--root",
                    images()})
                .exitCode,
            2)
      << "without copies there is nothing to measure";
  EXPECT_EQ(
      runCli({"adjust-network", plain, "--output", path("x"), "--reference-copies", "33"}).exitCode,
      2);
}

TEST_F(TrainingCommands, ExplainEveryOptionAndRefuseWrongOnes) {
  const auto explained = runCli({"train", "--explain", "--set", "batch.subjects=7", "--json"});
  ASSERT_EQ(explained.exitCode, 0) << explained.errors;
  bool isSeen = false;
  for (const auto& option : nlohmann::json::parse(explained.output)) {
    EXPECT_FALSE(option.at("sentence").get<std::string>().empty());
    if (option.at("name") != "batch.subjects") continue;
    isSeen = true;
    EXPECT_EQ(option.at("value"), 7);
    EXPECT_EQ(option.at("range"), (nlohmann::json{2.0, 4096.0}));
  }
  EXPECT_TRUE(isSeen);
  for (const auto* change : {"stepz=3", "steps", "steps=", "steps=0", "=", "batch=3"}) {
    const auto refused = runCli({"train", "--explain", "--set", change});
    EXPECT_EQ(refused.exitCode, 2) << change;
    EXPECT_EQ(std::count(refused.errors.begin(), refused.errors.end(), '\n'), 1) << refused.errors;
  }
  const auto missing = runCli({"train", "--root", images()});
  EXPECT_EQ(missing.exitCode, 2);
  EXPECT_NE(missing.errors.find("--output"), std::string::npos);
}

TEST_F(TrainingCommands, NeedLessThan3GiBAtBatch84) {
  const auto trained =
      runCli({"train", "--root", images(), "--output", path("large.safetensors"), "--set",
              "steps=2", "--set", "batch.subjects=12", "--set", "batch.genuine=4", "--set",
              "batch.forgeries=3", "--set", "batch.pseudoWriters=0"});
  ASSERT_EQ(trained.exitCode, 0) << trained.errors;
  constexpr long kLimit = 3L << 20;
  EXPECT_LT(trained.peakKilobytes, kLimit);
  RecordProperty("peakMiB", static_cast<int>(trained.peakKilobytes / 1024));
  std::printf("training at batch 84: %ld MiB\n", trained.peakKilobytes / 1024);
}

}  // namespace
}  // namespace countersign::test
