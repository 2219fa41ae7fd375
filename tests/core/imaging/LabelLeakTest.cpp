// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/corpus/CorpusManifest.h"
#include "core/imaging/ImageFile.h"
#include "core/imaging/SignatureNormaliser.h"
#include "tests/support/LinearClassifier.h"
#include "tests/support/RealData.h"

namespace countersign::test {
namespace {

constexpr int kFolds = 10;

/// Ink values of a picture: how dark it is, how that is spread, and how many levels there are.
void addTones(const cv::Mat& grey, std::vector<double>& features) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(grey, mean, deviation, grey > 0);
  features.insert(features.end(), {mean[0], deviation[0]});
  cv::Mat histogram;
  const int bins = 8;
  const float range[] = {1, 256};
  cv::calcHist(std::vector{grey}, {0}, {}, histogram, {bins}, {range[0], range[1]});
  const double total = std::max(1.0, cv::sum(histogram)[0]);
  for (int i = 0; i < bins; ++i) features.push_back(histogram.at<float>(i) / total);
}

struct Corpus {
  std::vector<FeatureRow> normalised;
  std::vector<FeatureRow>
      usualRecipe;  ///< Grey ink after removing the paper with Otsu's threshold.
};

Corpus readCedar() {
  const auto root = *realData() / "signatures";
  const auto manifest = readManifest(root / "manifest.csv");
  Corpus corpus;
  for (const auto& sample : manifest->samples) {
    if (!sample.subject.starts_with("cedar")) continue;
    const auto image = readImage(root / sample.path);
    const auto signature = normaliseSignature(image->pixels);
    const bool isGenuine = sample.label == SampleLabel::Genuine;

    FeatureRow row{{}, isGenuine, sample.subject};
    addTones(signature->canvas, row.features);
    const cv::Rect ink = cv::boundingRect(signature->canvas);
    row.features.insert(row.features.end(),
                        {cv::mean(signature->canvas)[0], static_cast<double>(ink.width),
                         static_cast<double>(ink.height), cv::mean(signature->canvas(ink))[0],
                         static_cast<double>(ink.width) / ink.height,
                         static_cast<double>(cv::countNonZero(signature->canvas))});
    corpus.normalised.push_back(std::move(row));

    cv::Mat dark = 255 - image->pixels;
    cv::Mat ground;
    cv::threshold(dark, ground, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    cv::bitwise_and(dark, ground, dark);
    FeatureRow usual{{}, isGenuine, sample.subject};
    addTones(dark, usual.features);
    corpus.usualRecipe.push_back(std::move(usual));
  }
  return corpus;
}

TEST(LabelLeak, NothingButShapeTellsGenuineFromForgedCedar) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto corpus = readCedar();
  ASSERT_EQ(corpus.normalised.size(), 1920U);
  const double normalised = writerDisjointAccuracy(corpus.normalised, kFolds);
  const double usual = writerDisjointAccuracy(corpus.usualRecipe, kFolds);
  RecordProperty("normalised", std::to_string(normalised));
  std::printf("balanced accuracy without references: normalised %.3f, grey ink %.3f\n", normalised,
              usual);
  EXPECT_LT(normalised, 0.60);
  // The same classifier does find the leak where there is one, so that its silence means something.
  EXPECT_GT(usual, 0.85);
}

}  // namespace
}  // namespace countersign::test
