// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/Augmentation.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <set>

#include "core/corpus/SyntheticFace.h"
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

TEST(Augmentation, OptionsAreChecked) {
  EXPECT_TRUE(AugmentationOptions{}.check());
  EXPECT_FALSE((AugmentationOptions{.rotation = 120}).check());
  EXPECT_FALSE((AugmentationOptions{.lineChance = 2}).check());
  EXPECT_TRUE(PseudoWriterOptions{}.check());
  EXPECT_FALSE((PseudoWriterOptions{.length = 1}).check());
  EXPECT_FALSE((PseudoWriterOptions{.variants = 0}).check());
}

double inkOf(const cv::Mat& image) { return cv::sum(image)[0]; }

TEST(Augmentation, FadesAndHidesInkAndRulesLines) {
  AugmentationOptions still{
      .rotation = 0, .scale = 0, .shear = 0, .shift = 0, .elasticAmplitude = 0, .strokeChance = 0};
  const auto changedBy = [&](const AugmentationOptions& options) {
    double ink = 0;
    for (std::uint64_t i = 0; i < 20; ++i) {
      Random random{i};
      ink += inkOf(augmentCanvas(canvas(), options, random));
    }
    return ink / (20 * inkOf(canvas()));
  };
  auto fading = still;
  fading.fadeChance = 1;
  EXPECT_LT(changedBy(fading), 0.98);
  auto hiding = still;
  hiding.occlusionChance = 1;
  hiding.occlusionSize = 0.5;
  EXPECT_LT(changedBy(hiding), 0.98);
  auto ruling = still;
  ruling.lineChance = 1;
  EXPECT_GT(changedBy(ruling), 1.02);
}

TEST(Augmentation, MirrorsAndRelightsFaces) {
  const auto face = SyntheticFace(1, 1).picture({.size = 112}).picture;
  const AugmentationOptions nothing{
      .rotation = 0, .scale = 0, .shear = 0, .shift = 0, .elasticAmplitude = 0};
  const auto changed = [&](const AugmentationOptions& options, std::uint64_t key) {
    Random random{key};
    return augmentCanvas(face, options, random);
  };
  EXPECT_LE(cv::norm(changed(nothing, 1), face, cv::NORM_INF), 1);
  auto mirrored = nothing;
  mirrored.mirrorChance = 1;
  cv::Mat expected;
  cv::flip(face, expected, 1);
  EXPECT_LE(cv::norm(changed(mirrored, 1), expected, cv::NORM_INF), 1);
  auto lit = nothing;
  lit.lightChange = 0.5;
  double most = 0;
  for (std::uint64_t key = 0; key < 10; ++key)
    most = std::max(most, cv::norm(cv::mean(changed(lit, key)) - cv::mean(face)));
  EXPECT_GT(most, 20);
  // No black corners: what lies beyond the edge is what lies at the edge.
  auto turned = nothing;
  turned.rotation = 20;
  const cv::Mat plain(112, 112, CV_8UC3, cv::Scalar(10, 120, 200));
  Random random{3};
  EXPECT_LE(cv::norm(augmentCanvas(plain, turned, random), plain, cv::NORM_INF), 1);
}

TEST(PseudoWriter, WarpsAllImagesOfOneHandAlike) {
  const PseudoWriterOptions options{.amplitude = 6, .length = 40, .variants = 1};
  Random a{5};
  Random b{5};
  Random c{6};
  const auto warped = warpAsPseudoWriter(canvas(), options, a);
  EXPECT_EQ(cv::norm(warped, warpAsPseudoWriter(canvas(), options, b), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(warped, warpAsPseudoWriter(canvas(), options, c), cv::NORM_L1), 0);
  EXPECT_GT(cv::norm(warped, canvas(), cv::NORM_L1), 0.1 * inkOf(canvas()));
  Random d{5};
  EXPECT_EQ(cv::norm(warpAsPseudoWriter(canvas(), {.amplitude = 0}, d), canvas(), cv::NORM_INF), 0);
}

TEST(VirtualWriter, KeepsTheInkAndMayBeMirrored) {
  const auto ink = canvas();
  VirtualWriterOptions options{
      .share = 1, .rotation = 0, .scale = 0, .shear = 0, .elasticAmplitude = 0};
  std::set<double> sides;
  for (std::uint64_t i = 0; i < 24; ++i) {
    Random random{i};
    const auto changed = warpAsVirtualWriter(ink, options, random);
    EXPECT_EQ(cv::sum(changed)[0], cv::sum(ink)[0]);
    sides.insert(cv::sum(changed(cv::Rect(0, 0, 112, 56)))[0]);
  }
  EXPECT_EQ(sides.size(), 4U) << "as it is, mirrored, upside down, both";
  options.isMirrored = false;
  Random random{1};
  EXPECT_EQ(cv::norm(warpAsVirtualWriter(ink, options, random), ink, cv::NORM_INF), 0);
  EXPECT_TRUE(options.check());
  options.share = 1.5;
  EXPECT_FALSE(options.check());
}

}  // namespace
}  // namespace countersign
