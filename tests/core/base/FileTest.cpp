// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/File.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

std::size_t filesIn(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

TEST(File, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "Unterschrift \xC3\xA4\xE7\xBD\xB2.bin";
  ASSERT_TRUE(writeFileAtomically(path, std::vector<std::string_view>{"one ", "two"}));
  EXPECT_EQ(*readTextFile(path, 100), "one two");
  EXPECT_EQ(filesIn(folder.path()), 1U) << "a temporary file was left behind";
}

TEST(File, RemovesWhatAProgramLeftThatWasEnded) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "network.safetensors.4711-2.part") << "half";
  std::ofstream(folder.path() / "network.safetensors") << "whole";
  std::ofstream(folder.path() / "of another.part") << "somebody's";
  removeUnfinishedFiles(folder.path());
  EXPECT_EQ(filesIn(folder.path()), 2U);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "network.safetensors"));
  removeUnfinishedFiles(folder.path() / "missing");
}

TEST(File, RefusesWhatIsMissingTooLargeOrNotAFile) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(readFile(folder.path() / "none", 10).error().code, ErrorCode::FileNotReadable);
  EXPECT_EQ(readFile(folder.path(), 10).error().code, ErrorCode::FileNotReadable);
  std::ofstream(folder.path() / "large") << "12345678901";
  EXPECT_EQ(readFile(folder.path() / "large", 10).error().code, ErrorCode::FileNotReadable);
  EXPECT_TRUE(readFile(folder.path() / "large", 11));
  EXPECT_FALSE(readFile("/dev/zero", 10));
}

TEST(File, KeepsTheOldContentWhenTheDiskIsFull) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "file";
  ASSERT_TRUE(writeFileAtomically(path, "old"));
  // A limit on file size fails like a full disk does: in the middle of a write.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tight{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const auto status = writeFileAtomically(path, std::string(100'000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::FileNotWritable);
  EXPECT_EQ(*readTextFile(path, 100), "old");
  EXPECT_EQ(filesIn(folder.path()), 1U);
}

TEST(File, SaysSoWhenTheFolderIsMissing) {
  const auto status = writeFileAtomically("/nonexistent-folder/file", "x");
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("nonexistent-folder"), std::string::npos);
}

TEST(File, FollowsLinksAndRefusesDevices) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "real") << "old";
  std::filesystem::create_symlink(folder.path() / "real", folder.path() / "link");
  ASSERT_TRUE(writeFileAtomically(folder.path() / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(*readTextFile(folder.path() / "real", 100), "new");
  EXPECT_FALSE(writeFileAtomically(folder.path(), "x"));
  EXPECT_FALSE(writeFileAtomically("/dev/null", "x"));
}

TEST(File, SkipsTheByteOrderMark) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "bom") << "\xEF\xBB\xBFtext";
  EXPECT_EQ(*readTextFile(folder.path() / "bom", 100), "text");
}

}  // namespace
}  // namespace countersign
