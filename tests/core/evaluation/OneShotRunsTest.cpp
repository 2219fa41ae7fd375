// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/OneShotRuns.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/corpus/SyntheticSigner.h"
#include "core/imaging/ImageFile.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;

class OneShot : public testing::Test {
 protected:
  void write(const std::string& name, int signer, std::uint64_t index) {
    const SyntheticSigner hand(7, static_cast<std::uint64_t>(signer));
    fs::create_directories((m_folder.path() / name).parent_path());
    test::writeBytes(m_folder.path() / name, encodePng(hand.scan(hand.genuine(index), index)));
  }
  void label(const std::string& run, const std::string& text) {
    fs::create_directories(m_folder.path() / run);
    std::ofstream(m_folder.path() / run / "class_labels.txt") << text;
  }

  const test::TemporaryFolder m_folder;
};

TEST_F(OneShot, AnswersWithTheTrainingImageThatScoresHighest) {
  for (const std::string run : {"run01", "run02"}) {
    std::ostringstream labels;
    const auto name = [&](const char* kind, int number) {
      std::ostringstream text;
      text << run << '/' << kind << number << ".png";
      return text.str();
    };
    for (int i = 0; i < 4; ++i) {
      // The same picture for test and training: any network must find it.
      write(name("training/class", i), i, 0);
      write(name("test/item", i), i, run == "run01" ? 0 : 1);
      labels << name("test/item", i) << ' ' << name("training/class", i) << '\n';
    }
    label(run, labels.str());
  }
  const auto runs = readOneShotRuns(m_folder.path());
  ASSERT_TRUE(runs) << runs.error().message;
  ASSERT_EQ(runs->size(), 2U);
  const auto network = EmbeddingNetwork::of(test::randomNetwork(3));
  ASSERT_TRUE(network);
  int last = 0;
  const auto report =
      answerOneShotRuns(*network, *runs, m_folder.path(),
                        {{}, [&](const EvaluationProgress& progress) { last = progress.done; }});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(last, 16);
  EXPECT_EQ(report->answers, 8);
  EXPECT_EQ(report->byRun.front(), 1);
  EXPECT_GE(report->right, 4);
  EXPECT_NEAR(report->accuracy.value, report->right / 8.0, 1e-12);
  EXPECT_LE(report->accuracy.low, report->accuracy.value);
  EXPECT_GE(report->accuracy.high, report->accuracy.value);
}

TEST_F(OneShot, SaysWhatIsWrongWithARun) {
  EXPECT_EQ(readOneShotRuns(m_folder.path()).error().code, ErrorCode::FileMalformed);
  EXPECT_EQ(readOneShotRuns(m_folder.path() / "none").error().code, ErrorCode::FileNotReadable);
  label("run01", "only-one-word\n");
  EXPECT_EQ(readOneShotRuns(m_folder.path()).error().code, ErrorCode::FileMalformed);
  label("run01", "run01/a.png ../../etc/passwd\n");
  EXPECT_EQ(readOneShotRuns(m_folder.path()).error().code, ErrorCode::FileMalformed);
  label("run01", "run01/a.png run01/b.png\n");
  const auto runs = readOneShotRuns(m_folder.path());
  ASSERT_TRUE(runs);
  const auto network = EmbeddingNetwork::of(test::randomNetwork(3));
  const auto report = answerOneShotRuns(*network, *runs, m_folder.path(), {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::FileNotReadable);
}

TEST_F(OneShot, CanBeStopped) {
  write("run01/a.png", 1, 0);
  label("run01", "run01/a.png run01/a.png\n");
  std::stop_source stop;
  stop.request_stop();
  const auto network = EmbeddingNetwork::of(test::randomNetwork(3));
  const auto report = answerOneShotRuns(*network, *readOneShotRuns(m_folder.path()),
                                        m_folder.path(), {stop.get_token(), {}});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace countersign
