// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/TrialList.h"

#include <gtest/gtest.h>

#include <map>

namespace countersign {
namespace {

const std::string kHead = "references,probe,label,group,subject\n";

TEST(TrialList, ReadsSeveralReferences) {
  const auto list = parseTrialList(kHead + "a|b|c,d,mated,genuine,ada\na,e,nonMated,skilled,ada\n");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->trials[0].references.size(), 3U);
  EXPECT_TRUE(list->trials[0].isMated());
  EXPECT_EQ(list->trials[1].kind, TrialKind::Skilled);
  EXPECT_FALSE(list->trials[1].isMated());
}

TEST(TrialList, RefusesContradictionsAndEscapes) {
  EXPECT_FALSE(parseTrialList(kHead + "a,b,mated,skilled,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a,b,nonMated,genuine,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a,b,mated,genuine,ada\na,c,mated,other,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a,b,other,genuine,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a,b,mated,nonMated,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a,b,mated,,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a|../x,b,mated,genuine,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a||b,c,mated,genuine,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead));
}

TEST(TrialList, ReadsFoldsAndPlainLabels) {
  const auto folds = parseTrialList(kHead + "a,b,mated,1,ada\na,c,nonMated,2,ada\n");
  ASSERT_TRUE(folds) << folds.error().message;
  EXPECT_EQ(folds->trials[0].fold, "1");
  EXPECT_EQ(folds->trials[0].kind, TrialKind::Genuine);
  EXPECT_EQ(folds->trials[1].kind, TrialKind::Random) << "nobody forges a face";
  const auto plain = parseTrialList(kHead + "a,b,mated,mated,ada\na,c,nonMated,nonMated,ada\n");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->trials[1].fold, "");
}

TEST(TrialList, IsMadeOfACorpusWithoutAnybodyAgainstThemselves) {
  std::vector<SampleRecord> samples;
  for (const auto* subject : {"a", "b", "c"}) {
    for (int i = 0; i < 12; ++i)
      samples.push_back({std::string(subject) + "/g" + std::to_string(i), subject,
                         SampleLabel::Genuine, Split::Validation});
    samples.push_back(
        {std::string(subject) + "/f", subject, SampleLabel::SkilledForgery, Split::Validation});
  }
  samples.push_back({"d/g", "d", SampleLabel::Genuine, Split::Validation});
  const auto list = trialsOf(samples);
  std::map<TrialKind, int> count;
  for (const auto& trial : list.trials) {
    ++count[trial.kind];
    ASSERT_EQ(trial.references.size(), 1U);
    EXPECT_NE(trial.references[0], trial.probe);
    const auto owner = trial.probe.begin()->string();
    EXPECT_EQ(owner == trial.subject, trial.kind != TrialKind::Random);
    EXPECT_EQ(trial.references[0].begin()->string(), trial.subject);
    EXPECT_NE(trial.subject, "d") << "one genuine sample makes no mated pair";
  }
  EXPECT_EQ(count[TrialKind::Genuine], 3 * 30) << "an even choice of 66";
  EXPECT_EQ(count[TrialKind::Skilled], 3 * 12);
  EXPECT_EQ(count[TrialKind::Random], 3 * 2);
  // It is a trial list like any other.
  std::string csv = "references,probe,label,group,subject\n";
  for (const auto& row : list.table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) csv += (i > 0 ? "," : "") + row[i];
    csv += '\n';
  }
  const auto read = parseTrialList(csv);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->trials.size(), list.trials.size());
  EXPECT_TRUE(trialsOf({}).trials.empty());
}

}  // namespace
}  // namespace countersign
