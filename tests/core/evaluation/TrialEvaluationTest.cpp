// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/TrialEvaluation.h"

#include <gtest/gtest.h>

#include <limits>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/biometrics/Verifier.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign {
namespace {

class TrialEvaluation : public testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t person = 1; person <= 3; ++person) {
      for (std::uint64_t i = 0; i < 3; ++i)
        test::writeBytes(m_folder.path() / name(person, i),
                         test::encoded(test::signatureDrawing(person, i), ".png"));
    }
    test::writeBytes(m_folder.path() / "broken.png", {1, 2, 3});
  }
  static std::string name(std::uint64_t person, std::uint64_t i) {
    return std::to_string(person) + "-" + std::to_string(i) + ".png";
  }
  static TrialList list() {
    std::string csv = "references,probe,label,group,subject,note\n";
    for (std::uint64_t p = 1; p <= 3; ++p) {
      const auto subject = ",p" + std::to_string(p) + ",\"a, b\"\n";
      csv += name(p, 0) + "|" + name(p, 1) + "," + name(p, 2) + ",mated,genuine" + subject;
      csv += name(p, 0) + "," + name(p % 3 + 1, 2) + ",nonMated,random" + subject;
    }
    csv += "1-0.png,broken.png,mated,genuine,p1,\n";
    return *parseTrialList(csv);
  }

  const test::TemporaryFolder m_folder;
  const EmbeddingNetwork m_network = *EmbeddingNetwork::of(test::randomNetwork());
};

TEST_F(TrialEvaluation, ScoresEveryTrialAndCountsFailuresToAcquire) {
  const auto report = evaluateTrials(m_network, list(), m_folder.path(), {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->outcomes.size(), 7U);
  EXPECT_EQ(report->images, 10);
  EXPECT_EQ(report->failuresToAcquire, 1);
  EXPECT_EQ(report->people, 3);
  EXPECT_TRUE(std::isinf(report->outcomes.back().score));
  EXPECT_NE(report->outcomes.back().status, "ok");
  EXPECT_EQ(report->evidence.scores.size(), 7U);
  EXPECT_EQ(report->group("random")->failuresToAcquire, 1);
  ASSERT_NE(report->group("random"), nullptr);
  EXPECT_EQ(report->group("skilled"), nullptr);
  EXPECT_EQ(report->group("pooled")->matedTrials, 4);
  EXPECT_GE(report->group("pooled")->equalErrorRate.value, 0.25) << "the failure is a miss";
}

TEST_F(TrialEvaluation, ComparesWithReferencesAsTheyAreEnrolled) {
  auto file = test::randomNetwork();
  file.card.referenceCopies = 4;
  const auto network = *EmbeddingNetwork::of(file);
  const auto trials = list();
  const auto report = evaluateTrials(network, trials, m_folder.path(), {});
  ASSERT_TRUE(report);
  const Verifier verifier(network);
  for (const std::size_t at : {1U, 3U}) {  // trials with one reference
    const auto probe = verifier.acquire(m_folder.path() / trials.trials[at].probe);
    const auto reference =
        verifier.acquireReference(m_folder.path() / trials.trials[at].references[0]);
    ASSERT_TRUE(probe && reference);
    EXPECT_NEAR(report->outcomes[at].score, network.score(probe->embedded, reference->embedded),
                1e-6);
  }
}

TEST_F(TrialEvaluation, WritesTheListBackWithScoreAndStatus) {
  const auto trials = list();
  const auto report = evaluateTrials(m_network, trials, m_folder.path(), {});
  const auto table = parseCsv(writeScores(trials, *report));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns.size(), 9U);
  EXPECT_EQ(table->rows[0][8], report->networkIdentity);
  EXPECT_EQ(table->rows[0][5], "a, b");
  EXPECT_EQ(table->rows[0][7], "ok");
  EXPECT_EQ(table->rows[6][6], "-inf");
  EXPECT_NEAR(std::stod(table->rows[0][6]), report->outcomes[0].score, 1e-5);
  const auto json = nlohmann::json::parse(writeReport(*report));
  EXPECT_EQ(json["failuresToAcquire"], 1);
  EXPECT_EQ(json["groups"].size(), 2U);
}

/// Mated and non-mated trials with these scores.
struct ScoredTrials {
  std::vector<Trial> trials;
  std::vector<TrialOutcome> outcomes;

  void add(bool isMated, double score, const std::string& fold = "") {
    trials.push_back({{"a"}, "b", isMated ? TrialKind::Genuine : TrialKind::Random, "ada", fold});
    outcomes.push_back({score, "ok"});
  }
};

TEST(Accuracy, IsBestWhereMostAnswersAreRight) {
  ScoredTrials some;
  for (const double score : {0.4, 0.6, 0.7, 0.9}) some.add(true, score);
  for (const double score : {0.1, 0.2, 0.5}) some.add(false, score);
  const auto best = bestAccuracy(some.trials, some.outcomes);
  EXPECT_NEAR(best.value, 6.0 / 7, 1e-12);
  EXPECT_NEAR(best.threshold, 0.3, 1e-12) << "of two equal ones the first";
  EXPECT_NEAR(accuracyAt(some.trials, some.outcomes, 0.55).value, 6.0 / 7, 1e-12);
  EXPECT_NEAR(accuracyAt(some.trials, some.outcomes, 0.95).value, 3.0 / 7, 1e-12);
  // Equal scores stand and fall together; what was not acquired is no match.
  ScoredTrials equal;
  equal.add(true, -std::numeric_limits<double>::infinity());
  for (int i = 0; i < 3; ++i) equal.add(true, 0.5);
  equal.add(false, 0.5);
  equal.add(false, -std::numeric_limits<double>::infinity());
  const auto level = bestAccuracy(equal.trials, equal.outcomes);
  EXPECT_NEAR(level.value, 4.0 / 6, 1e-12);
  EXPECT_NEAR(accuracyAt(equal.trials, equal.outcomes, level.threshold).value, level.value, 1e-12);
}

TEST(Accuracy, OfAFoldIsThatOfTheOthersThreshold) {
  ScoredTrials two;
  two.add(true, 0.9, "1");
  two.add(false, 0.5, "1");  // fold 1 alone would choose 0.7
  two.add(true, 0.45, "2");
  two.add(false, 0.15, "2");  // fold 2 alone would choose 0.3
  const auto folds = foldAccuracy(two.trials, two.outcomes);
  ASSERT_TRUE(folds);
  EXPECT_EQ(folds->folds, 2);
  EXPECT_NEAR(folds->mean, 0.5, 1e-12) << "at 0.3 fold 1 has one wrong, at 0.7 fold 2 has one";
  EXPECT_NEAR(folds->standardError, 0, 1e-12);
  two.trials[0].fold = "";
  EXPECT_FALSE(foldAccuracy(two.trials, two.outcomes));
}

TEST_F(TrialEvaluation, StopsWhenAsked) {
  std::stop_source stop;
  int seen = 0;
  const auto report =
      evaluateTrials(m_network, list(), m_folder.path(), {stop.get_token(), [&](const auto&) {
                                                            if (++seen == 2) stop.request_stop();
                                                          }});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Cancelled);
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace countersign
