// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingRun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/File.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

using testing::ElementsAre;

CurvePoint pointAt(std::int64_t step, double loss) {
  return {.step = step, .loss = loss, .terms = {loss / 2, loss / 2}, .imagesPerSecond = 40};
}

TEST(TrainingRun, IsPlannedInAFolderOfItsOwnAndReadBack) {
  const test::TemporaryFolder folder;
  TrainingOptions options;
  options.steps = 7;
  const TrainingFiles files{
      .root = "/corpus", .startFrom = "/net.safetensors", .command = "by hand"};
  const auto first = planRun(folder.path() / "runs", options, files, {1'000'000});
  const auto second = planRun(folder.path() / "runs", options, files, {1'000'000});
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(first->files.runFolder, second->files.runFolder) << "both began in the same second";
  const auto read = readRunRecord(first->files.runFolder);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->created, "1970-01-01T00:00:01Z");
  EXPECT_EQ(read->files.root, "/corpus");
  EXPECT_EQ(read->files.startFrom, "/net.safetensors");
  EXPECT_EQ(read->files.command, "by hand");
  EXPECT_EQ(read->options.steps, 7);
  EXPECT_EQ(read->state, RunState::Unfinished);
  EXPECT_FALSE(read->result.has_value());
  EXPECT_EQ(keptRuns(folder.path() / "runs").size(), 2U);
}

TEST(TrainingRun, RefusesARecordThatIsBroken) {
  const test::TemporaryFolder folder;
  const auto run = planRun(folder.path(), {}, {}, {});
  ASSERT_TRUE(run);
  ASSERT_TRUE(writeFileAtomically(run->files.runFolder / "run.json", R"({"state": "asleep"})"));
  const auto read = readRunRecord(run->files.runFolder);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::FileMalformed);
  EXPECT_TRUE(keptRuns(folder.path()).empty());
  EXPECT_FALSE(readRunRecord(folder.path() / "nothing"));
}

TEST(TrainingRun, KeepsItsCurvesThroughARewind) {
  const test::TemporaryFolder folder;
  const CurveFile curves(folder.path(), {"contrastive", "triplet"});
  ASSERT_TRUE(curves.rewindTo(0));
  for (const auto step : {10, 20, 30}) ASSERT_TRUE(curves.append(pointAt(step, 100.0 / step)));
  auto judged = pointAt(40, 2);
  judged.developmentEer = 0.125;
  judged.easyTriplets = 0.5;
  ASSERT_TRUE(curves.append(judged));
  auto read = readCurves(folder.path());
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(read[1].step, 20);
  EXPECT_THAT(read[1].terms, ElementsAre(2.5, 2.5));
  EXPECT_FALSE(read[1].developmentEer.has_value());
  EXPECT_EQ(read[3].developmentEer, 0.125);
  EXPECT_EQ(read[3].easyTriplets, 0.5);

  ASSERT_TRUE(curves.rewindTo(20)) << "it goes on from a checkpoint at step 20";
  ASSERT_TRUE(curves.append(pointAt(30, 9)));
  read = readCurves(folder.path());
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[2].loss, 9);
}

TEST(TrainingRun, LeavesOutALineThatACrashCutOff) {
  const test::TemporaryFolder folder;
  const CurveFile curves(folder.path(), {"contrastive", "triplet"});
  ASSERT_TRUE(curves.rewindTo(0));
  ASSERT_TRUE(curves.append(pointAt(10, 1)));
  auto text = *readTextFile(folder.path() / "curves.csv", 1 << 20);
  ASSERT_TRUE(writeFileAtomically(folder.path() / "curves.csv", text + "20,0.5,40"));
  EXPECT_EQ(readCurves(folder.path()).size(), 1U);
  ASSERT_TRUE(curves.rewindTo(10));
  ASSERT_TRUE(curves.append(pointAt(20, 0.5)));
  EXPECT_EQ(readCurves(folder.path()).size(), 2U);
}

TEST(TrainingRun, LosesItsNetworkOnlyWhenItIsDiscarded) {
  const test::TemporaryFolder folder;
  const auto run = planRun(folder.path(), {}, {}, {});
  ASSERT_TRUE(run);
  const auto& files = run->files;
  ASSERT_TRUE(writeFileAtomically(files.output, "weights"));
  ASSERT_TRUE(writeFileAtomically(files.runFolder / "checkpoint-a.safetensors", "state"));
  ASSERT_TRUE(CurveFile(files.runFolder, {"contrastive", "triplet"}).rewindTo(0));
  ASSERT_TRUE(settleRun(files.runFolder, RunState::InService));
  EXPECT_TRUE(std::filesystem::exists(files.output));
  EXPECT_FALSE(std::filesystem::exists(files.runFolder / "checkpoint-a.safetensors"));
  ASSERT_TRUE(settleRun(files.runFolder, RunState::Discarded));
  EXPECT_FALSE(std::filesystem::exists(files.output));
  EXPECT_TRUE(std::filesystem::exists(files.runFolder / "curves.csv"));
  EXPECT_EQ(readRunRecord(files.runFolder)->state, RunState::Discarded);
}

TEST(TrainingRun, MayBeCopiedAndDeletesNothingElse) {
  const test::TemporaryFolder folder;
  const auto run = planRun(folder.path() / "a", {}, {}, {});
  ASSERT_TRUE(run);
  ASSERT_TRUE(writeFileAtomically(run->files.output, "weights"));
  const auto copy = folder.path() / "b" / run->files.runFolder.filename();
  std::filesystem::create_directories(copy.parent_path());
  std::filesystem::copy(run->files.runFolder, copy);
  const auto read = readRunRecord(copy);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->files.output, copy / "network.safetensors");
  ASSERT_TRUE(settleRun(copy, RunState::Discarded));
  EXPECT_TRUE(std::filesystem::exists(run->files.output)) << "the original's network";

  // A record that names somebody else's file.
  auto hostile = *run;
  hostile.files.output = folder.path() / "precious";
  ASSERT_TRUE(writeFileAtomically(hostile.files.output, "x"));
  ASSERT_TRUE(writeRunRecord(hostile));
  ASSERT_TRUE(settleRun(hostile.files.runFolder, RunState::Discarded));
  EXPECT_TRUE(std::filesystem::exists(hostile.files.output));
}

}  // namespace
}  // namespace countersign
