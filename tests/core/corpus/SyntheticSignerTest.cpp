// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SyntheticSigner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include "core/evaluation/ErrorRates.h"
#include "core/evaluation/TraitClassifier.h"
#include "core/imaging/SignatureNormaliser.h"

namespace countersign {
namespace {

TEST(SyntheticSigner, TracesAStraightStrokeOfTheLengthThatItWasGiven) {
  // The integral of a lognormal density is 1, so a stroke is D long, in its direction.
  const double direction = 0.6;
  const auto pen = trace({{.length = 2,
                           .onset = 0.1,
                           .mu = -1.6,
                           .sigma = 0.3,
                           .thetaStart = direction,
                           .thetaEnd = direction}});
  const auto& end = pen.back();
  EXPECT_NEAR(std::hypot(end.x, end.y), 2 * 400, 8);
  EXPECT_NEAR(std::atan2(end.y, end.x), direction, 1e-3);
}

TEST(SyntheticSigner, TurnsThroughTheAngleThatItWasGiven) {
  const auto pen = trace({{.length = 3,
                           .onset = 0,
                           .mu = -1.6,
                           .sigma = 0.3,
                           .thetaStart = 0,
                           .thetaEnd = std::numbers::pi / 2}});
  const auto heading = [&](std::size_t i) {
    return std::atan2(pen[i + 1].y - pen[i].y, pen[i + 1].x - pen[i].x);
  };
  EXPECT_NEAR(heading(7), 0, 0.15);
  EXPECT_NEAR(heading(pen.size() - 2), std::numbers::pi / 2, 0.1);
}

TEST(SyntheticSigner, SignsTheSameFromTheSameSeed) {
  const SyntheticSigner a(5, 3);
  const SyntheticSigner b(5, 3);
  EXPECT_EQ(a.genuine(2).size(), b.genuine(2).size());
  EXPECT_EQ(a.genuine(2).back().x, b.genuine(2).back().x);
  EXPECT_NE(a.genuine(2).back().x, a.genuine(1).back().x);
  EXPECT_NE(a.genuine(2).back().x, SyntheticSigner(6, 3).genuine(2).back().x);
  EXPECT_EQ(cv::norm(a.scan(a.genuine(0), 0), b.scan(b.genuine(0), 0), cv::NORM_INF), 0);
}

TEST(SyntheticSigner, ForgesMoreSlowlyThanItSigns) {
  double genuine = 0;
  double forged = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const SyntheticSigner signer(1, i);
    genuine += signer.genuine(0).back().seconds;
    forged += signer.forgery(0).back().seconds;
  }
  EXPECT_GT(forged, 1.25 * genuine);
}

/// Orientation histograms of a canvas: the floor that a twin network has to beat.
std::vector<float> hog(const cv::Mat& canvas) {
  const cv::HOGDescriptor descriptor({224, 112}, {32, 32}, {16, 16}, {16, 16}, 9);
  std::vector<float> values;
  descriptor.compute(canvas, values);
  return values;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  const cv::Mat x(a);
  const cv::Mat y(b);
  return x.dot(y) / (cv::norm(x) * cv::norm(y));
}

TEST(SyntheticSigner, IsAsHardToVerifyAsPeopleAreAndLeaksNothing) {
  LabelledScores scores;
  std::vector<TraitRow> rows;
  for (std::uint64_t number = 0; number < 30; ++number) {
    const SyntheticSigner signer(21, number);
    std::vector<std::vector<float>> genuine;
    for (std::uint64_t i = 0; i < 12; ++i) {
      const bool isGenuine = i < 6;
      const auto pen = isGenuine ? signer.genuine(i) : signer.forgery(i);
      const auto signature = normaliseSignature(signer.scan(pen, i));
      ASSERT_TRUE(signature->quality.isComparable()) << signature->quality.text();
      const auto features = hog(signature->canvas);
      const cv::Rect ink = cv::boundingRect(signature->canvas);
      rows.push_back({{cv::mean(signature->canvas)[0], static_cast<double>(ink.width),
                       static_cast<double>(ink.height), signature->inkShare, signature->strokeWidth,
                       signature->contrast},
                      isGenuine,
                      std::to_string(number)});
      for (const auto& reference : genuine) {
        auto& list = isGenuine ? scores.mated : scores.nonMated;
        list.push_back(cosine(features, reference));
      }
      if (isGenuine) genuine.push_back(features);
    }
  }
  const double floor = equalError(scores).rate;
  std::printf("HOG and cosine on generated signers: EER %.1f %%\n", 100 * floor);
  EXPECT_GT(floor, 0.15);
  EXPECT_LT(floor, 0.40);
  EXPECT_LT(traitAccuracy(rows, 5)->value, 0.62);
}

}  // namespace
}  // namespace countersign
