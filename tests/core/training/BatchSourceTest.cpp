// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/internal/BatchSource.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <set>

namespace countersign {
namespace {

TrainingOptions smallOptions() {
  TrainingOptions options;
  options.batch = {.subjects = 4, .genuine = 2, .forgeries = 1, .pseudoWriters = 2};
  options.architecture.canvas = {56, 112};
  options.invented = {.signers = 6, .genuine = 3, .forgeries = 2, .share = 0.5};
  return options;
}

/// Two real people (drawn by another seed, but that is not seen), then invented ones.
CanvasSet smallSet(const TrainingOptions& options) {
  CanvasSet set;
  EXPECT_TRUE(addInvented(set, {.signers = 2, .genuine = 3, .forgeries = 1}, 99,
                          options.architecture.canvas, 1, {}));
  for (auto& record : set.records) record.subject = "real-" + record.subject;
  EXPECT_TRUE(addInvented(set, options.invented, options.seed, options.architecture.canvas, 1, {}));
  return set;
}

bool areSame(const ImageBatch& a, const ImageBatch& b) {
  return a.subjects == b.subjects && a.victims == b.victims &&
         std::equal(
             a.canvases.begin(), a.canvases.end(), b.canvases.begin(), b.canvases.end(),
             [](const cv::Mat& x, const cv::Mat& y) { return cv::norm(x, y, cv::NORM_INF) == 0; });
}

TEST(BatchSource, IsAFunctionOfSeedAndStep) {
  const auto options = smallOptions();
  const auto set = smallSet(options);
  const BatchSource a(set, options);
  const BatchSource b(set, options);
  EXPECT_TRUE(areSame(a.make(3), b.make(3)));
  EXPECT_FALSE(areSame(a.make(3), a.make(4)));
}

TEST(BatchSource, MakesSharesThatAreTheWholeTogether) {
  const auto options = smallOptions();
  const auto set = smallSet(options);
  const BatchSource source(set, options);
  const auto whole = source.make(5);
  for (const int count : {2, 3, 7}) {
    ImageBatch joined;
    for (int index = 0; index < count; ++index) {
      auto part = source.make(5, {index, count});
      EXPECT_EQ(part.subjects, whole.subjects) << "labels are the whole batch's";
      EXPECT_LT(part.canvases.size(), whole.canvases.size());
      joined.canvases.insert(joined.canvases.end(), part.canvases.begin(), part.canvases.end());
      joined.kinds.insert(joined.kinds.end(), part.kinds.begin(), part.kinds.end());
      joined.subjects = part.subjects;
      joined.victims = part.victims;
    }
    EXPECT_TRUE(areSame(joined, whole));
    EXPECT_EQ(joined.kinds, whole.kinds);
  }
}

TEST(BatchSource, MixesInventedPeopleInAtTheirShare) {
  const auto options = smallOptions();
  const auto set = smallSet(options);
  const BatchSource source(set, options);
  EXPECT_EQ(source.subjectCount(), 8U);
  EXPECT_EQ(source.people(), 8);
  const auto batch = source.make(0);
  // Numbers follow the order of names: /invented-0 … come before real-….
  std::set<std::int64_t> invented;
  std::set<std::int64_t> real;
  for (std::size_t i = 0; i < batch.subjects.size(); ++i) {
    const auto person = batch.victims[i] >= 0 ? batch.victims[i] : batch.subjects[i];
    const auto at = std::find_if(set.records.begin(), set.records.end(), [&](const auto& record) {
      return record.subject.starts_with("real") == (person >= 2);
    });
    ASSERT_NE(at, set.records.end());
    (person < 2 ? real : invented).insert(person);
  }
  EXPECT_EQ(real.size(), 2U);
  EXPECT_EQ(invented.size(), 2U);
}

TEST(BatchSource, NumbersPeopleForgeriesAndPseudoWriters) {
  const auto options = smallOptions();
  const auto set = smallSet(options);
  const BatchSource source(set, options);
  const auto batch = source.make(1);
  ASSERT_EQ(batch.canvases.size(), 20U);
  int genuine = 0;
  int forged = 0;
  int pseudo = 0;
  for (std::size_t i = 0; i < batch.subjects.size(); ++i) {
    if (batch.victims[i] < 0) {
      ++genuine;
      EXPECT_LT(batch.subjects[i], source.people());
    } else if (batch.subjects[i] < 0) {
      ++forged;
    } else {
      ++pseudo;
      EXPECT_EQ(batch.subjects[i], source.people() + batch.victims[i]);
    }
    EXPECT_EQ(batch.canvases[i].size(), cv::Size(112, 56));
  }
  EXPECT_EQ(genuine, 8);
  EXPECT_EQ(forged, 4);
  EXPECT_EQ(pseudo, 8);
}

TEST(BatchSource, ChangesAllImagesOfAVirtualWriterAlikeAndAnewInEveryBatch) {
  auto options = smallOptions();
  options.invented.signers = 0;
  options.batch.pseudoWriters = 0;
  options.batch.subjects = 2;
  // Nothing but the virtual writer changes an image.
  options.augmentation = {
      .rotation = 0, .scale = 0, .shear = 0, .shift = 0, .elasticAmplitude = 0, .strokeChance = 0};
  CanvasSet set = smallSet(options);
  // All images of a person are the same, so what differs is how they were changed.
  for (std::size_t i = 0; i < set.canvases.size(); ++i)
    set.canvases[i] =
        set.canvases[set.records[i].subject == set.records[0].subject ? 0
                                                                      : set.canvases.size() - 1];
  auto changed = options;
  changed.virtualWriters.share = 1;
  const BatchSource plain(set, options);
  const BatchSource source(set, changed);
  const auto differ = [](const cv::Mat& a, const cv::Mat& b) {
    return cv::norm(a, b, cv::NORM_INF) > 0;
  };
  const auto batch = source.make(5);
  const auto before = plain.make(5);
  const auto next = source.make(6);
  ASSERT_EQ(batch.canvases.size(), 6U);
  EXPECT_EQ(batch.subjects, before.subjects) << "who is whose mate stays";
  EXPECT_EQ(batch.victims, before.victims);
  for (const std::size_t first : {0U, 3U}) {
    EXPECT_TRUE(differ(batch.canvases[first], before.canvases[first]));
    EXPECT_FALSE(differ(batch.canvases[first], batch.canvases[first + 1]));
    EXPECT_FALSE(differ(batch.canvases[first], batch.canvases[first + 2])) << "the forgery, too";
  }
  EXPECT_TRUE(differ(batch.canvases[0], next.canvases[0]) ||
              differ(batch.canvases[3], next.canvases[3]));
  EXPECT_TRUE(areSame(batch, source.make(5)));
}

TEST(BatchSource, TrainsOnInventedPeopleAlone) {
  const auto options = smallOptions();
  CanvasSet set;
  ASSERT_TRUE(addInvented(set, options.invented, 1, options.architecture.canvas, 1, {}));
  const BatchSource source(set, options);
  EXPECT_EQ(source.subjectCount(), 6U);
  EXPECT_EQ(source.make(0).canvases.size(), 20U);
}

TEST(BatchSource, AlignedHalvesStayAlignedWhenMixed) {
  auto options = smallOptions();
  options.batch = {.layout = BatchLayout::AlignedPairs, .subjects = 4};
  const auto set = smallSet(options);
  const auto batch = BatchSource(set, options).make(2);
  ASSERT_EQ(batch.subjects.size(), 8U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(batch.subjects[i], batch.subjects[i + 4]);
}

TEST(BatchSource, InventingPeopleCanBeStoppedAndGivesTheSameOnAnyNumberOfThreads) {
  const auto options = smallOptions();
  CanvasSet one;
  CanvasSet two;
  ASSERT_TRUE(addInvented(one, options.invented, 1, options.architecture.canvas, 1, {}));
  ASSERT_TRUE(addInvented(two, options.invented, 1, options.architecture.canvas, 2, {}));
  ASSERT_EQ(one.records.size(), two.records.size());
  for (std::size_t i = 0; i < one.canvases.size(); ++i)
    EXPECT_EQ(cv::norm(one.canvases[i], two.canvases[i], cv::NORM_INF), 0);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped =
      addInvented(one, options.invented, 1, options.architecture.canvas, 1, {stop.get_token(), {}});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace countersign
