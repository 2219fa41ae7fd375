// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/SignatureNormaliser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/imaging/PenDrawing.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

NormalisedSignature normalised(const cv::Mat& image, const SampleRegion& region = {}) {
  const auto result = normaliseSignature(image, region);
  EXPECT_TRUE(result) << (result ? "" : result.error().detail);
  return *result;
}

/// Share of ink that two canvases have in common, in [0, 1].
double overlap(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat least;
  cv::Mat most;
  cv::min(a, b, least);
  cv::max(a, b, most);
  return cv::sum(least)[0] / cv::sum(most)[0];
}

bool has(const NormalisedSignature& signature, QualityReason reason) {
  const auto& reasons = signature.quality.reasons;
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

cv::Mat colour(const cv::Mat& drawing, const cv::Scalar& ink, const cv::Scalar& paper) {
  return scanOf(drawing, {.ink = ink, .paper = paper, .noise = 2}, 3);
}

class SignatureNormaliser : public testing::Test {
 protected:
  const cv::Mat m_drawing = test::signatureDrawing();
  const NormalisedSignature m_plain = normalised(m_drawing);

  void expectSameShape(const cv::Mat& image, double least = 0.85) {
    const auto signature = normalised(image);
    EXPECT_GT(overlap(signature.canvas, m_plain.canvas), least);
    EXPECT_TRUE(signature.quality.isComparable()) << signature.quality.text();
  }
};

TEST_F(SignatureNormaliser, FillsTheCanvasAndKeepsTheAspect) {
  ASSERT_EQ(m_plain.canvas.size(), cv::Size(224, 112));
  const cv::Rect ink = cv::boundingRect(m_plain.canvas);
  EXPECT_TRUE(ink.width >= 210 || ink.height >= 100);
  EXPECT_NEAR(static_cast<double>(ink.width) / ink.height, m_plain.box.width / m_plain.box.height,
              0.15);
  EXPECT_TRUE(m_plain.quality.reasons.empty()) << m_plain.quality.text();
}

TEST_F(SignatureNormaliser, SeesTheSameShapeInAnyInkAndOnAnyPaper) {
  expectSameShape(colour(m_drawing, {150, 60, 40}, {245, 245, 245}));    // blue ink
  expectSameShape(colour(m_drawing, {60, 50, 200}, {240, 248, 250}));    // red ink
  expectSameShape(colour(m_drawing, {40, 40, 40}, {150, 215, 235}));     // yellow paper
  expectSameShape(colour(m_drawing, {150, 150, 150}, {230, 230, 230}));  // pencil
  expectSameShape(m_drawing > 128);                                      // fax
}

TEST_F(SignatureNormaliser, SeesTheSameShapeInverted) {
  expectSameShape(255 - m_drawing);
  EXPECT_TRUE(normalised(255 - m_drawing).wasInverted);
  expectSameShape(colour(m_drawing, {230, 225, 235}, {40, 20, 25}));  // light ink on dark paper
  EXPECT_FALSE(m_plain.wasInverted);
}

TEST_F(SignatureNormaliser, SeesThroughTheShadowOfAPhoto) {
  cv::Mat photo = colour(m_drawing, {50, 50, 50}, {235, 235, 235});
  for (int y = 0; y < photo.rows; ++y) {
    for (int x = 0; x < photo.cols; ++x) {
      const double light = 1.0 - 0.55 * x / photo.cols - 0.2 * y / photo.rows;
      for (int c = 0; c < 3; ++c)
        photo.at<cv::Vec3b>(y, x)[c] = static_cast<uchar>(photo.at<cv::Vec3b>(y, x)[c] * light);
    }
  }
  expectSameShape(photo, 0.8);
}

TEST_F(SignatureNormaliser, SeesAPaleSignatureOnALargeWhitePage) {
  cv::Mat page(1500, 1500, CV_8UC3, cv::Scalar::all(255));
  cv::Mat small;
  cv::resize(m_drawing, small, {}, 0.5, 0.5, cv::INTER_AREA);
  cv::Mat part = page(cv::Rect(300, 900, small.cols, small.rows));
  scanOf(small, {.ink = {215, 150, 130}, .paper = {255, 255, 255}, .noise = 0}, 1).copyTo(part);
  expectSameShape(page, 0.7);
}

TEST_F(SignatureNormaliser, DoesNotDependOnResolution) {
  cv::Mat large;
  cv::resize(m_drawing, large, {}, 2.5, 2.5, cv::INTER_CUBIC);
  expectSameShape(large, 0.8);
}

TEST_F(SignatureNormaliser, DoesNotDependOnThePen) {
  const auto strokes = [](double width) {
    return normalised(
        drawPen({{0, 0, 0, true}, {300, 120, 1, true}, {600, 0, 2, true}, {500, 200, 3, true}},
                {.strokeWidth = width}));
  };
  const auto thin = strokes(0.006);
  const auto thick = strokes(0.015);
  EXPECT_LT(thin.strokeWidth * 1.7, thick.strokeWidth);
  EXPECT_NEAR(cv::mean(thin.canvas)[0] / cv::mean(thick.canvas)[0], 1, 0.25);
}

TEST_F(SignatureNormaliser, TakesRuledLinesOutAndKeepsTheStrokes) {
  cv::Mat lined;
  cv::copyMakeBorder(m_drawing, lined, 60, 60, 60, 60, cv::BORDER_CONSTANT, cv::Scalar(255));
  for (int y = 25; y < lined.rows; y += 70)
    cv::line(lined, {0, y}, {lined.cols - 1, y + 3}, {120}, 2);
  const auto signature = normalised(lined);
  EXPECT_GE(signature.removedLines, 2);
  EXPECT_GT(overlap(signature.canvas, m_plain.canvas), 0.7);
}

TEST_F(SignatureNormaliser, KeepsAFlourishAcrossTheWholeSignature) {
  cv::Mat flourish = m_drawing.clone();
  const int y = flourish.rows - 20;
  for (int x = 24; x < flourish.cols - 24; ++x) {
    const int bend = static_cast<int>(8 * std::sin(x / 60.0));
    cv::circle(flourish, {x, y + bend}, 3, {0}, cv::FILLED);
  }
  EXPECT_EQ(normalised(flourish).removedLines, 0);
}

TEST_F(SignatureNormaliser, TakesDustOut) {
  cv::Mat dusty;
  cv::copyMakeBorder(m_drawing, dusty, 80, 80, 80, 80, cv::BORDER_CONSTANT, cv::Scalar(255));
  for (int i = 0; i < 40; ++i)
    dusty.at<uchar>(3 + (i * 53) % (dusty.rows - 6), 3 + (i * 97) % (dusty.cols - 6)) = 0;
  const auto signature = normalised(dusty > 128);
  EXPECT_GT(signature.removedSpecks, 10);
  EXPECT_GT(overlap(signature.canvas, m_plain.canvas), 0.8);
}

TEST_F(SignatureNormaliser, DoesAsTheUserSays) {
  cv::Mat page(m_drawing.rows + 400, m_drawing.cols + 700, CV_8UC1, cv::Scalar(255));
  m_drawing.copyTo(page(cv::Rect(650, 350, m_drawing.cols, m_drawing.rows)));
  cv::rectangle(page, {40, 40, 300, 200}, {0}, 5);
  const cv::Rect crop(650, 350, m_drawing.cols, m_drawing.rows);
  EXPECT_GT(overlap(normalised(page, {.crop = crop}).canvas, m_plain.canvas), 0.99);
  EXPECT_EQ(normaliseSignature(page, {.crop = cv::Rect(page.cols - 5, 0, 10, 10)}).error().code,
            ErrorCode::OptionOutOfRange);

  cv::Mat turned;
  cv::rotate(m_drawing, turned, cv::ROTATE_90_CLOCKWISE);
  EXPECT_GT(overlap(normalised(turned, {.crop = {}, .rotation = -90}).canvas, m_plain.canvas), 0.8);
}

TEST_F(SignatureNormaliser, SaysWhatIsWrongWithAnImage) {
  const auto blank = normalised(cv::Mat(200, 400, CV_8UC1, cv::Scalar(240)));
  EXPECT_TRUE(has(blank, QualityReason::Blank));
  EXPECT_FALSE(blank.quality.isComparable());
  EXPECT_FALSE(blank.quality.text().empty());

  cv::Mat noise(200, 400, CV_8UC1);
  cv::theRNG().state = 4;
  cv::randn(noise, 235, 4);
  EXPECT_FALSE(normalised(noise).quality.isComparable()) << "grain of the paper is no signature";

  cv::Mat small(60, 80, CV_8UC1, cv::Scalar(255));
  cv::ellipse(small, {40, 30}, {12, 6}, 20, 0, 300, {0}, 2);
  EXPECT_TRUE(has(normalised(small), QualityReason::TooSmall));

  const auto faint = normalised(colour(m_drawing, {208, 208, 208}, {232, 232, 232}));
  EXPECT_FALSE(faint.quality.isComparable());

  const cv::Rect ink = cv::boundingRect(255 - m_drawing);
  const cv::Rect upper(ink.x, ink.y, ink.width, ink.height - ink.height / 3);
  const auto cut = normalised(m_drawing(upper).clone());
  EXPECT_TRUE(has(cut, QualityReason::TouchesBorder));
  EXPECT_TRUE(cut.quality.isComparable());

  cv::Mat two(m_drawing.rows, m_drawing.cols * 2 + 1800, CV_8UC1, cv::Scalar(255));
  m_drawing.copyTo(two.colRange(0, m_drawing.cols));
  m_drawing.copyTo(two.colRange(two.cols - m_drawing.cols, two.cols));
  EXPECT_TRUE(has(normalised(two), QualityReason::SeveralSignatures));

  cv::Mat page(1400, 1000, CV_8UC1, cv::Scalar(255));
  for (int y = 80; y < 1350; y += 45)
    cv::putText(page, "The quick brown fox jumps over the lazy dog, as ever", {60, y},
                cv::FONT_HERSHEY_COMPLEX, 0.8, {0}, 1);
  EXPECT_TRUE(has(normalised(page), QualityReason::PageOfText));
}

TEST_F(SignatureNormaliser, TakesAnyImageWithoutFailing) {
  for (const auto& size : {cv::Size(1, 1), cv::Size(1, 900), cv::Size(900, 1), cv::Size(3, 3)}) {
    for (const int type : {CV_8UC1, CV_8UC3}) {
      for (const int tone : {0, 128, 255}) {
        const auto result = normaliseSignature(cv::Mat(size, type, cv::Scalar::all(tone)));
        ASSERT_TRUE(result);
        EXPECT_FALSE(result->quality.isComparable());
        EXPECT_EQ(result->canvas.size(), cv::Size(224, 112));
      }
    }
  }
}

}  // namespace
}  // namespace countersign
