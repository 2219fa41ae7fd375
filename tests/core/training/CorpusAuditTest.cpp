// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/CorpusAudit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/core.hpp>

#include "core/corpus/CorpusLayout.h"
#include "core/corpus/SyntheticCorpus.h"
#include "core/imaging/ImageFile.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;

class CorpusAuditOf : public testing::Test {
 protected:
  void write(int signers) {
    ASSERT_TRUE(
        writeSyntheticCorpus(m_folder.path(), {.signers = signers, .genuine = 5, .forgeries = 4}));
  }

  CorpusAudit audited() {
    auto corpus = detectCorpus(m_folder.path());
    EXPECT_TRUE(corpus) << corpus.error().message;
    auto audit = auditCorpus(corpus->manifest, m_folder.path(), *makeSignatureReader({}), 2, {});
    EXPECT_TRUE(audit) << audit.error().message;
    return audit ? *audit : CorpusAudit{};
  }

  fs::path image(int signer, const std::string& name) const {
    auto folders = std::vector<fs::path>(fs::directory_iterator(m_folder.path() / "images"), {});
    std::sort(folders.begin(), folders.end());
    return folders.at(static_cast<std::size_t>(signer)) / name;
  }

  bool has(const CorpusAudit& audit, CorpusProblem::Kind kind, const std::string& part) const {
    return std::any_of(audit.problems.begin(), audit.problems.end(), [&](const auto& problem) {
      return problem.kind == kind && problem.sentence.find(part) != std::string::npos;
    });
  }

  const test::TemporaryFolder m_folder;
};

TEST_F(CorpusAuditOf, CountsWhatCanBeUsed) {
  write(3);
  const auto audit = audited();
  EXPECT_EQ(audit.people, 3);
  EXPECT_EQ(audit.genuine, 15);
  EXPECT_EQ(audit.forgeries, 12);
  EXPECT_TRUE(audit.problems.empty());
  EXPECT_TRUE(audit.leaks.empty()) << "three people are too few to look for leaks";
  EXPECT_EQ(audit.usable.samples.size(), 27U);
}

TEST_F(CorpusAuditOf, SaysWhatIsWrong) {
  write(3);
  test::writeBytes(image(0, "genuine-01.png"), {'n', 'o'});
  fs::copy_file(image(1, "genuine-01.png"), image(1, "genuine-02.png"),
                fs::copy_options::overwrite_existing);
  fs::copy_file(image(1, "genuine-03.png"), image(0, "genuine-02.png"),
                fs::copy_options::overwrite_existing);
  for (const char* name : {"genuine-02.png", "genuine-03.png", "genuine-04.png", "genuine-05.png"})
    test::writeBytes(image(2, name), {});
  const auto audit = audited();
  using Kind = CorpusProblem::Kind;
  EXPECT_TRUE(has(audit, Kind::Unreadable, "genuine-01.png"));
  EXPECT_TRUE(has(audit, Kind::Duplicate, "genuine-02.png"));
  EXPECT_TRUE(has(audit, Kind::SharedByTwo, "genuine-03.png"));
  EXPECT_TRUE(has(audit, Kind::TooFewGenuine, "only one"));
  EXPECT_EQ(audit.people, 2);
  EXPECT_EQ(audit.usable.samples.size(), 27U - 1 - 1 - 1 - 4);
}

TEST_F(CorpusAuditOf, CriesOutWhenThePaperGivesForgeriesAway) {
  write(12);
  const auto clean = audited();
  ASSERT_EQ(clean.leaks.size(), 5U);
  EXPECT_FALSE(clean.leak(LeakTrait::NormalisedTone)->isLeak())
      << clean.leak(LeakTrait::NormalisedTone)->sentence();
  EXPECT_FALSE(clean.leak(LeakTrait::FileTraits)->isLeak());
  // The forgers' sheets were scanned on a brighter machine.
  for (const auto& entry : fs::recursive_directory_iterator(m_folder.path() / "images")) {
    if (!entry.path().filename().string().starts_with("forgery")) continue;
    const auto scan = readImage(entry.path());
    ASSERT_TRUE(scan);
    const cv::Mat brighter = scan->pixels * 0.8 + cv::Scalar::all(51);
    test::writeBytes(entry.path(), encodePng(brighter));
  }
  const auto audit = audited();
  const auto* background = audit.leak(LeakTrait::Background);
  ASSERT_NE(background, nullptr);
  EXPECT_TRUE(background->isLeak()) << background->sentence();
  EXPECT_NE(background->sentence().find("paper"), std::string::npos);
  EXPECT_FALSE(audit.leak(LeakTrait::NormalisedTone)->isLeak())
      << audit.leak(LeakTrait::NormalisedTone)->sentence();
}

TEST(LeakFinding, DoesNotCallSilentWhatItCannotTell) {
  const LeakFinding leak{LeakTrait::InkGrey, {0.9, 0.8, 0.95}};
  const LeakFinding unsure{LeakTrait::InkGrey, {0.75, 0.5, 0.9}};
  const LeakFinding silent{LeakTrait::InkGrey, {0.52, 0.48, 0.56}};
  EXPECT_TRUE(leak.isLeak() && !leak.isUncertain());
  EXPECT_TRUE(!unsure.isLeak() && unsure.isUncertain());
  EXPECT_TRUE(!silent.isLeak() && !silent.isUncertain());
  EXPECT_NE(unsure.sentence().find("cannot be said"), std::string::npos);
  EXPECT_NE(silent.sentence().find("not told apart"), std::string::npos);
}

TEST_F(CorpusAuditOf, CanBeStopped) {
  write(2);
  std::stop_source stop;
  stop.request_stop();
  const auto audit = auditCorpus(detectCorpus(m_folder.path())->manifest, m_folder.path(),
                                 *makeSignatureReader({}), 2, {stop.get_token(), {}});
  ASSERT_FALSE(audit);
  EXPECT_EQ(audit.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace countersign
