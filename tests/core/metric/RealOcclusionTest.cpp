// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/base/Random.h"
#include "core/biometrics/Verifier.h"
#include "core/corpus/TrialList.h"
#include "core/metric/EmbeddingNetwork.h"
#include "tests/support/RealData.h"

namespace countersign::test {
namespace {

/// Cells of a block of 3 x 3 whose first one this is.
constexpr int kBlock = 3;

double lostIn(const LocalAgreement& agreement, int row, int column) {
  double lost = 0;
  for (int r = row; r < row + kBlock; ++r)
    for (int c = column; c < column + kBlock; ++c) {
      const auto cell = static_cast<std::size_t>(r) * static_cast<std::size_t>(agreement.columns) +
                        static_cast<std::size_t>(c);
      lost += double{agreement.weight[cell]} * (1 - double{agreement.similarity[cell]});
    }
  return lost;
}

/// The block without anything that a network could compare: paper, or grey of a face.
cv::Mat hidden(const cv::Mat& canvas, const LocalAgreement& agreement, int row, int column) {
  cv::Mat covered = canvas.clone();
  const double width = static_cast<double>(canvas.cols) / agreement.columns;
  const double height = static_cast<double>(canvas.rows) / agreement.rows;
  const cv::Rect place(cvRound(column * width), cvRound(row * height), cvRound(kBlock * width),
                       cvRound(kBlock * height));
  constexpr int kGrey = 128;
  covered(place & cv::Rect({0, 0}, canvas.size())) =
      canvas.channels() == 1 ? cv::Scalar(0) : cv::Scalar::all(kGrey);
  return covered;
}

/// What hiding parts of samples of different people does to their scores.
struct Hiding {
  double pointed = 0;    ///< Mean change of the score, of the block that the map points at.
  double elsewhere = 0;  ///< The same of five others with something in them.
  int better = 0;        ///< Trials in which the first is the greater one.
  int count = 0;
};

Hiding hideInTurn(const EmbeddingNetwork& network, const TrialList& list,
                  const std::filesystem::path& root) {
  std::vector<const Trial*> trials;
  for (const auto& trial : list.trials)
    if (!trial.isMated()) trials.push_back(&trial);
  constexpr std::size_t kTrials = 40;
  const Verifier verifier(network);
  Random random{5};
  Hiding hiding;
  for (std::size_t i = 0; i < trials.size();
       i += std::max<std::size_t>(1, trials.size() / kTrials)) {
    const auto probe = verifier.acquire(root / trials[i]->probe);
    const auto reference = verifier.acquire(root / trials[i]->references.front());
    if (!probe || !reference) continue;
    const double before = network.score(probe->embedded, reference->embedded);
    const auto mapped = network.embedWithPlaces(probe->read.canvas);
    const auto mappedReference = network.embedWithPlaces(reference->read.canvas);
    const auto of = localAgreement(*mapped, *mappedReference);
    const auto back = localAgreement(*mappedReference, *mapped);
    const auto without = [&](int row, int column) {
      const auto one = network.embed(hidden(probe->read.canvas, of, row, column));
      const auto other = network.embed(hidden(reference->read.canvas, of, row, column));
      return network.score(*one, *other) - before;
    };
    double most = -1;
    cv::Point worst;
    std::vector<cv::Point> inked;
    for (int row = 0; row + kBlock <= of.rows; ++row)
      for (int column = 0; column + kBlock <= of.columns; ++column) {
        const double lost = lostIn(of, row, column) + lostIn(back, row, column);
        constexpr double kSomeInk = 1e-3;
        if (lost > kSomeInk) inked.emplace_back(column, row);
        if (lost <= most) continue;
        most = lost;
        worst = {column, row};
      }
    const double gain = without(worst.y, worst.x);
    double others = 0;
    constexpr int kOthers = 5;
    for (int other = 0; other < kOthers; ++other) {
      const auto place = inked[random.below(inked.size())];
      others += without(place.y, place.x) / kOthers;
    }
    hiding.pointed += gain;
    hiding.elsewhere += others;
    hiding.better += gain > others ? 1 : 0;
    ++hiding.count;
  }
  return hiding;
}

// What the window paints as the greatest difference is what costs the score most: without it the
// two look more alike, more so than without another part.
void expectToPoint(const Hiding& hiding, const std::string& name) {
  ASSERT_GT(hiding.count, 20);
  std::printf(
      "%s: hiding what the map points at %+.4f, hiding another part %+.4f; better in %d of %d\n",
      name.c_str(), hiding.pointed / hiding.count, hiding.elsewhere / hiding.count, hiding.better,
      hiding.count);
  EXPECT_GT(hiding.pointed, hiding.elsewhere);
  EXPECT_GT(hiding.better, hiding.count * 6 / 10);
}

class HeatMap : public testing::TestWithParam<std::string> {};

TEST_P(HeatMap, PointsAtWhatLowersTheScore) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto root = *realData() / "signatures";
  const auto network =
      EmbeddingNetwork::load(COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors");
  ASSERT_TRUE(network) << network.error().message;
  const auto list = readTrialList(root / (GetParam() + "-validation-1ref.csv"));
  ASSERT_TRUE(list);
  expectToPoint(hideInTurn(*network, *list, root), GetParam());
}

TEST(HeatMapOfFaces, PointsAtWhatLowersTheScore) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto root = *realData() / "faces";
  const auto network =
      EmbeddingNetwork::load(COUNTERSIGN_SOURCE_DIR "/models/face/face.safetensors");
  ASSERT_TRUE(network) << network.error().message;
  const auto list = readTrialList(root / "lfw-view1-test.csv");
  ASSERT_TRUE(list) << list.error().message;
  expectToPoint(hideInTurn(*network, *list, root), "faces");
}

INSTANTIATE_TEST_SUITE_P(All, HeatMap, testing::Values("cedar", "bhsig-bengali", "bhsig-hindi"),
                         [](const auto& param) {
                           return param.param.substr(param.param.rfind('-') + 1);
                         });

}  // namespace
}  // namespace countersign::test
