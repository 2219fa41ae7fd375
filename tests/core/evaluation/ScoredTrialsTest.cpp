// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/ScoredTrials.h"

#include <gtest/gtest.h>

#include <cmath>

namespace countersign {
namespace {

const std::string kHeader = "references,probe,label,group,subject,score,status\n";

TEST(ScoredTrials, AreReadWithTheirPeople) {
  const auto read = parseScoredTrials(kHeader +
                                      "a/1.png,a/2.png,mated,genuine,a,0.9,ok\n"
                                      "b/1.png,b/9.png,nonMated,skilled,b,0.5,ok\n"
                                      "a/1.png,b/2.png,nonMated,random,a,-inf,no signature\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->evidence.subjects, (std::vector<std::int32_t>{0, 1, 0}));
  const auto skilled = trialsAgainst(read->evidence, TrialKind::Skilled);
  ASSERT_EQ(skilled.mated.size(), 1U);
  ASSERT_EQ(skilled.nonMated.size(), 1U);
  EXPECT_FLOAT_EQ(static_cast<float>(skilled.nonMated[0].score), 0.5F);
  EXPECT_EQ(skilled.people(), 2);
  EXPECT_TRUE(std::isinf(trialsAgainst(read->evidence, TrialKind::Random).nonMated[0].score));
}

TEST(ScoredTrials, OfSeveralListsAreOfDifferentPeople) {
  const ScoreEvidence one{{0.1F, 0.2F}, {0, 1}, {0, 2}};
  const ScoreEvidence two{{0.3F}, {0}, {0}};
  const auto all = pooled({&one, &two});
  EXPECT_EQ(all.scores, (std::vector<float>{0.1F, 0.2F, 0.3F}));
  EXPECT_EQ(all.groups, (std::vector<std::uint8_t>{0, 1, 0}));
  EXPECT_EQ(all.subjects, (std::vector<std::int32_t>{0, 2, 3}));
}

TEST(ScoredTrials, AreChosenByTheirNumberOfReferences) {
  std::map<std::string, ScoreEvidence, std::less<>> evidence;
  for (const auto* name : {"a-1ref", "a-8ref", "b-8ref", "plain"}) evidence[name];
  EXPECT_EQ(listsFor(evidence, 1).names, (std::vector<std::string>{"a-1ref", "plain"}));
  EXPECT_EQ(listsFor(evidence, 5).names, (std::vector<std::string>{"a-8ref", "b-8ref"}));
  EXPECT_EQ(listsFor(evidence, 5).references, 8);
  EXPECT_TRUE(listsFor({}, 1).names.empty());
}

TEST(ScoredTrials, TellHowStrongAScoreIs) {
  ScoreEvidence list;
  for (int i = 0; i < 60; ++i) {
    for (int kind = 0; kind < 3; ++kind) {
      list.scores.push_back(static_cast<float>(0.9 - 0.3 * kind + 0.01 * (i % 30)));
      list.groups.push_back(static_cast<std::uint8_t>(kind));
      list.subjects.push_back(i % 12);
    }
  }
  const EvidenceStrength strength({{"own-3ref", list}}, 3);
  const auto& skilled = strength.against(TrialKind::Skilled);
  const auto& random = strength.against(TrialKind::Random);
  ASSERT_TRUE(skilled && random);
  EXPECT_EQ(skilled->people(), 12);
  EXPECT_GT(random->logLikelihoodRatio(0.95), 0);
  EXPECT_LT(skilled->logLikelihoodRatio(0.65), 0) << "as an imitator scores";
  EXPECT_FALSE(EvidenceStrength({}, 1).against(TrialKind::Random));
}

TEST(ScoredTrials, AreRefusedWhereAScoreIsNoNumber) {
  for (const auto* score : {"", "high", "0.9x", "nan", "inf"}) {
    const auto read =
        parseScoredTrials(kHeader + "a/1.png,a/2.png,mated,genuine,a," + score + ",ok\n");
    ASSERT_FALSE(read) << score;
    EXPECT_NE(read.error().message.find("Trial 1"), std::string::npos);
  }
  EXPECT_FALSE(
      parseScoredTrials("references,probe,label,group,subject\na/1.png,a/2.png,mated,genuine,a\n"));
}

TEST(ScoredTrials, KnowTheirSamplesAndTheirNetwork) {
  const std::string header = "references,probe,label,group,subject,score,network\n";
  const std::string row = "a/1.png|a/3.png,a/2.png,mated,genuine,a,0.9,";
  const auto read =
      parseScoredTrials(header + row + "net\n" + "a/1.png,b/2.png,nonMated,random,a,0.1,net\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->network, "net");
  ASSERT_EQ(read->samples.size(), 3U) << "each file once";
  EXPECT_EQ(read->samples[static_cast<std::size_t>(read->probes[1])].name, "b/2.png");
  EXPECT_EQ(read->shown[0], read->shown[1]);
  EXPECT_FALSE(parseScoredTrials(header + row + "net\n" + row + "other\n"))
      << "scores of two networks cannot be judged together";
}

TEST(ScoredTrials, ShowTheWorstFirst) {
  const ScoreEvidence evidence{{0.9F, 0.2F, 0.4F, 0.8F, 0.6F, -INFINITY}, {0, 0, 0, 1, 1, 0}, {}};
  EXPECT_EQ(worstTrials(evidence, TrialKind::Genuine, -1, 0.5, 10),
            (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(worstTrials(evidence, TrialKind::Skilled, 0.5, 1, 10),
            (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(worstTrials(evidence, TrialKind::Skilled, 0.5, 1, 1), (std::vector<std::size_t>{3}));
}

}  // namespace
}  // namespace countersign
