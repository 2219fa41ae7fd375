// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/CorpusManifest.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

const std::string kHead = "path,subject,label,split\n";

TEST(CorpusManifest, ReadsBackWhatItWrites) {
  const auto manifest = parseManifest(kHead +
                                      "a/1.png,ada,genuine,train\n"
                                      "a/2.png,ada,skilledForgery,train\n"
                                      "b/1.png,bob,genuine,validation\n");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->samples.size(), 3U);
  EXPECT_EQ(manifest->of(Split::Train).size(), 2U);
  EXPECT_EQ(manifest->samples[1].label, SampleLabel::SkilledForgery);
  EXPECT_EQ(writeManifest(*manifest), writeManifest(*parseManifest(writeManifest(*manifest))));
}

TEST(CorpusManifest, RefusesAPersonInTwoSplits) {
  const auto manifest = parseManifest(kHead + "a,ada,genuine,train\nb,ada,genuine,development\n");
  ASSERT_FALSE(manifest);
  EXPECT_NE(manifest.error().message.find("ada"), std::string::npos);
}

TEST(CorpusManifest, RefusesPathsThatLeaveTheRootAndRepeats) {
  EXPECT_FALSE(parseManifest(kHead + "../a,ada,genuine,train\n"));
  EXPECT_FALSE(parseManifest(kHead + "/etc/passwd,ada,genuine,train\n"));
  EXPECT_FALSE(parseManifest(kHead + "a,ada,genuine,train\na,bob,genuine,train\n"));
}

TEST(CorpusManifest, RefusesUnknownWordsAndMissingColumns) {
  EXPECT_FALSE(parseManifest(kHead + "a,ada,forged,train\n"));
  EXPECT_FALSE(parseManifest(kHead + "a,ada,genuine,test\n"));
  EXPECT_FALSE(parseManifest(kHead + "a,,genuine,train\n"));
  EXPECT_FALSE(parseManifest("path,subject,label\na,ada,genuine\n"));
}

}  // namespace
}  // namespace countersign
