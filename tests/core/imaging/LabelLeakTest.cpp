// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "core/training/CorpusAudit.h"
#include "tests/support/RealData.h"

namespace countersign::test {
namespace {

TEST(LabelLeak, CriesOutOnGreyCedarAndIsSilentOnNormalisedImages) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto root = *realData() / "signatures";
  auto manifest = readManifest(root / "manifest.csv");
  ASSERT_TRUE(manifest);
  std::erase_if(manifest->samples, [](const auto& s) { return !s.subject.starts_with("cedar"); });
  ASSERT_EQ(manifest->samples.size(), 1920U);
  const auto audit = auditCorpus(*manifest, root, *makeSignatureReader({}), 2, {});
  ASSERT_TRUE(audit) << audit.error().message;
  EXPECT_EQ(audit->people, 40);
  for (const auto& finding : audit->leaks) std::printf("%s\n", finding.sentence().c_str());
  const auto* background = audit->leak(LeakTrait::Background);
  const auto* ink = audit->leak(LeakTrait::InkGrey);
  const auto* normalised = audit->leak(LeakTrait::NormalisedTone);
  ASSERT_TRUE(background != nullptr && ink != nullptr && normalised != nullptr);
  EXPECT_GT(background->accuracy.value, 0.97);
  EXPECT_GT(ink->accuracy.value, 0.90);
  EXPECT_TRUE(background->isLeak() && ink->isLeak());
  EXPECT_LT(normalised->accuracy.value, 0.60);
  EXPECT_FALSE(normalised->isLeak());
}

}  // namespace
}  // namespace countersign::test
