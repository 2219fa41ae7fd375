// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Checkpoint.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

SafetensorsFile at(int step) {
  SafetensorsFile file;
  file.metadata["step"] = std::to_string(step);
  return file;
}

TEST(Checkpoint, KeepsTheNewestAndTheOneBeforeIt) {
  const test::TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path() / "run");
  EXPECT_FALSE(checkpoints.newest());
  EXPECT_FALSE(checkpoints.hasAny());
  for (int step = 1; step <= 5; ++step) {
    ASSERT_TRUE(checkpoints.write(at(step)));
    EXPECT_EQ(stepOf(*checkpoints.newest()), step);
  }
  // The newest is damaged, as by a crash of the disk: the one before it serves.
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "run")) {
    if (stepOf(*readSafetensors(entry.path())) == 5) std::filesystem::resize_file(entry.path(), 9);
  }
  EXPECT_EQ(stepOf(*checkpoints.newest()), 4);
  // It is the damaged one that is replaced next.
  ASSERT_TRUE(checkpoints.write(at(6)));
  EXPECT_EQ(stepOf(*checkpoints.newest()), 6);
  EXPECT_TRUE(checkpoints.hasAny());
}

TEST(Checkpoint, SaysWhenItCannotWrite) {
  EXPECT_EQ(CheckpointFolder("/proc/none").write(at(1)).error().code, ErrorCode::FileNotWritable);
}

}  // namespace
}  // namespace countersign
