// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "core/corpus/CorpusManifest.h"
#include "core/imaging/ImageFile.h"
#include "core/imaging/SignatureNormaliser.h"
#include "tests/support/RealData.h"

namespace countersign::test {
namespace {

TEST(RealSignatures, AreNearlyAllComparable) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto root = *realData() / "signatures";
  const auto manifest = readManifest(root / "manifest.csv");
  ASSERT_TRUE(manifest);
  int seen = 0;
  int refused = 0;
  for (std::size_t i = 0; i < manifest->samples.size(); i += 7, ++seen) {
    const auto image = readImage(root / manifest->samples[i].path);
    ASSERT_TRUE(image) << image.error().message;
    refused += normaliseSignature(image->pixels)->quality.isComparable() ? 0 : 1;
  }
  EXPECT_GT(seen, 1000);
  EXPECT_LE(refused, seen / 200);
}

TEST(RealSignatures, LettersAreSeenToBePages) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  int seen = 0;
  int comparable = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*realData() / "pages")) {
    if (entry.path().extension() != ".png") continue;
    const auto image = readImage(entry.path());
    ASSERT_TRUE(image) << image.error().message;
    comparable += normaliseSignature(image->pixels)->quality.isComparable() ? 1 : 0;
    ++seen;
  }
  EXPECT_EQ(seen, 120);
  EXPECT_LE(comparable, 3);
}

}  // namespace
}  // namespace countersign::test
