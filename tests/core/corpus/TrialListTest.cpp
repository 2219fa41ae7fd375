// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/TrialList.h"

#include <gtest/gtest.h>

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
  EXPECT_FALSE(parseTrialList(kHead + "a,b,mated,other,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a|../x,b,mated,genuine,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead + "a||b,c,mated,genuine,ada\n"));
  EXPECT_FALSE(parseTrialList(kHead));
}

}  // namespace
}  // namespace countersign
