// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/Augmentation.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/imaging/SignatureNormaliser.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

cv::Mat canvas() { return normaliseSignature(test::signatureDrawing())->canvas; }

TEST(Augmentation, IsAFunctionOfItsRandomNumbers) {
  Random a{1};
  Random b{1};
  Random c{2};
  const auto image = canvas();
  const auto first = augmentCanvas(image, {}, a);
  EXPECT_EQ(cv::norm(first, augmentCanvas(image, {}, b), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(first, augmentCanvas(image, {}, c), cv::NORM_INF), 0);
}

TEST(Augmentation, KeepsAboutTheSameInkAndTheSize) {
  const auto image = canvas();
  const double ink = cv::sum(image)[0];
  for (std::uint64_t i = 0; i < 50; ++i) {
    Random random{i};
    const auto changed = augmentCanvas(image, {}, random);
    ASSERT_EQ(changed.size(), image.size());
    EXPECT_GT(cv::sum(changed)[0] / ink, 0.2);
    EXPECT_LT(cv::sum(changed)[0] / ink, 2.0);
  }
}

TEST(Augmentation, WithoutAnyRangeIsTheIdentity) {
  const AugmentationOptions nothing{.rotation = 0,
                                    .scale = 0,
                                    .shear = 0,
                                    .shift = 0,
                                    .elasticAmplitude = 0,
                                    .elasticLength = 24,
                                    .strokeChance = 0};
  Random random{3};
  EXPECT_LE(cv::norm(augmentCanvas(canvas(), nothing, random), canvas(), cv::NORM_INF), 1);
}

}  // namespace
}  // namespace countersign
