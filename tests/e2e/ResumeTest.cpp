// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "core/corpus/SyntheticCorpus.h"
#include "core/metric/NetworkFile.h"
#include "core/training/Checkpoint.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign::test {
namespace {

constexpr const char* kOptions = R"({"steps": 120, "stepsPerEpoch": 40,
  "batch": {"subjects": 3, "genuine": 3, "forgeries": 2},
  "architecture": {"channels": [8, 16, 16], "strides": [2, 2], "gridRows": 2, "gridColumns": 4,
                   "embeddingSize": 64}})";

class Resume : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        writeSyntheticCorpus(m_folder.path(), {.signers = 10, .genuine = 4, .forgeries = 2}));
    std::ofstream(path("options.json")) << kOptions;
  }
  std::string path(const std::string& name) const { return (m_folder.path() / name).string(); }
  std::vector<std::string> training(const std::string& name, bool isResumed) const {
    std::vector<std::string> arguments{
        "train",   "--corpus",  path("manifest.csv"),        "--root",
        path(""),  "--options", path("options.json"),        "--checkpoint-every",
        "3",       "--output",  path(name + ".safetensors"), "--run",
        path(name)};
    if (isResumed) arguments.push_back("--resume");
    return arguments;
  }
  /// Waits until a run has checkpointed `step`; false when it takes too long.
  bool waitForStep(const std::string& name, std::int64_t step) const {
    for (int i = 0; i < 3000; ++i) {
      const auto newest = CheckpointFolder(path(name)).newest();
      if (newest && stepOf(*newest) >= step) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  const TemporaryFolder m_folder;
};

TEST_F(Resume, AfterSigkillGivesTheWeightsOfAnUnbrokenRun) {
  const auto unbroken = runCli(training("unbroken", false));
  ASSERT_EQ(unbroken.exitCode, 0) << unbroken.errors;
  // Killed twice, without any warning.
  auto process = startCli(training("killed", false));
  ASSERT_TRUE(waitForStep("killed", 9));
  EXPECT_EQ(endProcess(process, SIGKILL), -1);
  EXPECT_FALSE(std::filesystem::exists(path("killed.safetensors")));
  process = startCli(training("killed", true));
  ASSERT_TRUE(waitForStep("killed", 45));
  EXPECT_EQ(endProcess(process, SIGKILL), -1);
  const auto resumed = runCli(training("killed", true));
  ASSERT_EQ(resumed.exitCode, 0) << resumed.errors;
  const auto a = readNetworkFile(path("unbroken.safetensors"));
  const auto b = readNetworkFile(path("killed.safetensors"));
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->weights, b->weights);
  EXPECT_EQ(a->identity(), b->identity());
  const auto end = CheckpointFolder(path("unbroken")).newest();
  const auto resumedEnd = CheckpointFolder(path("killed")).newest();
  ASSERT_TRUE(end && resumedEnd);
  EXPECT_EQ(stepOf(*end), 120);
  EXPECT_TRUE(end->tensors == resumedEnd->tensors) << "weights, averages and optimiser state";
}

TEST_F(Resume, AfterCtrlCLosesNothing) {
  const auto process = startCli(training("stopped", false));
  ASSERT_TRUE(waitForStep("stopped", 6));
  EXPECT_EQ(endProcess(process, SIGINT), 2);
  const auto checkpoint = CheckpointFolder(path("stopped")).newest();
  ASSERT_TRUE(checkpoint);
  EXPECT_GE(stepOf(*checkpoint), 6);
  EXPECT_FALSE(std::filesystem::exists(path("stopped.safetensors")));
}

}  // namespace
}  // namespace countersign::test
