// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SyntheticCorpus.h"

#include <gtest/gtest.h>

#include <set>

#include "core/base/File.h"
#include "core/corpus/CorpusManifest.h"
#include "core/corpus/PenFile.h"
#include "core/corpus/TrialList.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

constexpr SyntheticCorpusOptions kSmall{.signers = 5, .genuine = 3, .forgeries = 2, .seed = 4};

TEST(SyntheticCorpus, WritesEverythingThatItsManifestsName) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(writeSyntheticCorpus(folder.path(), kSmall));
  const auto images = readManifest(folder.path() / "manifest.csv");
  const auto pens = readManifest(folder.path() / "pen-manifest.csv");
  ASSERT_TRUE(images && pens);
  EXPECT_EQ(images->samples.size(), 25U);
  EXPECT_EQ(images->of(Split::Train).size(), 15U);
  EXPECT_EQ(images->of(Split::Development).size(), 5U);
  for (const auto& s : images->samples)
    EXPECT_TRUE(std::filesystem::exists(folder.path() / s.path));
  for (const auto& s : pens->samples) EXPECT_TRUE(readPenFile(folder.path() / s.path)) << s.path;
  const auto trials = readTrialList(folder.path() / "trials.csv");
  ASSERT_TRUE(trials) << trials.error().message;
  std::set<TrialKind> kinds;
  for (const auto& t : trials->trials) kinds.insert(t.kind);
  EXPECT_EQ(kinds.size(), 3U);
}

TEST(SyntheticCorpus, GivesTheSameBytesAgain) {
  const test::TemporaryFolder one;
  const test::TemporaryFolder two;
  ASSERT_TRUE(writeSyntheticCorpus(one.path(), kSmall));
  ASSERT_TRUE(writeSyntheticCorpus(two.path(), kSmall));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(one.path())) {
    if (!entry.is_regular_file()) continue;
    const auto other = two.path() / std::filesystem::relative(entry.path(), one.path());
    EXPECT_EQ(*readFile(entry.path(), 1U << 24U), *readFile(other, 1U << 24U)) << other;
  }
}

TEST(SyntheticCorpus, StopsWhenAskedAndLeavesNoManifest) {
  const test::TemporaryFolder folder;
  std::stop_source stop;
  const auto status =
      writeSyntheticCorpus(folder.path(), kSmall, {stop.get_token(), [&](const auto& p) {
                                                     if (p.done == 2) stop.request_stop();
                                                   }});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "manifest.csv"));
}

TEST(SyntheticCorpus, SaysWhenItCannotWrite) {
  EXPECT_EQ(writeSyntheticCorpus("/proc/none", kSmall).error().code, ErrorCode::FileNotWritable);
  EXPECT_EQ(writeSyntheticCorpus("/tmp", {.signers = 0}).error().code, ErrorCode::OptionOutOfRange);
}

}  // namespace
}  // namespace countersign
