// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingCorpus.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/corpus/SyntheticCorpus.h"
#include "core/training/internal/CanvasFile.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;

class TrainingCorpusOf : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        writeSyntheticCorpus(m_folder.path(), {.signers = 5, .genuine = 3, .forgeries = 1}));
    auto manifest = readManifest(m_folder.path() / "manifest.csv");
    ASSERT_TRUE(manifest);
    m_manifest = *manifest;
  }
  Result<TrainingCorpus> read(const CanvasStorage& storage) const {
    const auto reader = makeSignatureReader({56, 112});
    return readTrainingCorpus(m_manifest, m_folder.path(), *reader, 2, storage, {});
  }

  const test::TemporaryFolder m_folder;
  const test::TemporaryFolder m_run;
  CorpusManifest m_manifest;
};

TEST_F(TrainingCorpusOf, IsTheSameFromMemoryAndFromAFile) {
  const auto held = read({m_run.path()});
  const auto streamed = read({m_run.path(), 1000});
  ASSERT_TRUE(held && streamed) << streamed.error().message;
  EXPECT_EQ(held->training.storage, nullptr);
  EXPECT_NE(streamed->training.storage, nullptr);
  EXPECT_EQ(held->fingerprint(), streamed->fingerprint());
  EXPECT_GT(held->training.records.size(), 8U);
  EXPECT_FALSE(held->development.records.empty());
}

TEST_F(TrainingCorpusOf, LeavesNoImageBehind) {
  {
    const auto streamed = read({m_run.path() / "new", 0});
    ASSERT_TRUE(streamed);
    EXPECT_TRUE(fs::is_empty(m_run.path() / "new")) << "the file has no name even while in use";
  }
  EXPECT_TRUE(fs::is_empty(m_run.path() / "new"));
}

TEST_F(TrainingCorpusOf, SaysWhatWasLeftOut) {
  test::writeBytes(m_folder.path() / m_manifest.samples.front().path, {'n', 'o'});
  const auto corpus = read({m_run.path()});
  ASSERT_TRUE(corpus);
  ASSERT_EQ(corpus->leftOut.size(), 1U);
  EXPECT_EQ(corpus->leftOut.front().path, m_manifest.samples.front().path);
}

TEST_F(TrainingCorpusOf, SaysWhenThereIsNoRoom) {
  const auto nowhere = read({"/proc/nowhere", 0});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::FileNotWritable);
  constexpr std::size_t kExabyte = std::size_t{1} << 60U;
  const auto huge = CanvasFile::make(m_run.path(), {.size = {1, 1}}, kExabyte);
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::FileNotWritable);
  EXPECT_NE(huge.error().message.find("no room"), std::string::npos);
}

}  // namespace
}  // namespace countersign
