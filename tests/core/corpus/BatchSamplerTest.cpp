// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/BatchSampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace countersign {
namespace {

std::vector<SampleRecord> corpus(int subjects, int genuine, int forgeries) {
  std::vector<SampleRecord> samples;
  for (int s = 0; s < subjects; ++s) {
    for (int i = 0; i < genuine + forgeries; ++i)
      samples.push_back({std::to_string(s) + "/" + std::to_string(i), "p" + std::to_string(s),
                         i < genuine ? SampleLabel::Genuine : SampleLabel::SkilledForgery});
  }
  return samples;
}

std::vector<std::size_t> indices(const std::vector<BatchItem>& items) {
  std::vector<std::size_t> result;
  result.reserve(items.size());
  for (const auto& item : items) result.push_back(item.sample);
  return result;
}

TEST(BatchSampler, DrawsWhatWasAskedForWithoutRepeats) {
  const auto samples = corpus(9, 10, 10);
  const auto sampler = makeBatchSampler(samples, {.subjects = 4, .genuine = 3, .forgeries = 2}, 7);
  for (std::uint64_t step = 0; step < 50; ++step) {
    const auto batch = indices(sampler->batch(step));
    ASSERT_EQ(batch.size(), 20U);
    EXPECT_EQ(std::set(batch.begin(), batch.end()).size(), 20U);
    std::map<std::string, int> genuine;
    for (const auto i : batch)
      genuine[samples[i].subject] += samples[i].label == SampleLabel::Genuine ? 1 : 0;
    EXPECT_EQ(genuine.size(), 4U);
    for (const auto& [subject, count] : genuine) EXPECT_EQ(count, 3);
  }
}

TEST(BatchSampler, IsAFunctionOfSeedAndStep) {
  const auto samples = corpus(9, 4, 4);
  for (const auto layout : {BatchLayout::Subjects, BatchLayout::AlignedPairs, BatchLayout::Pairs,
                            BatchLayout::Triplets}) {
    const auto a = makeBatchSampler(samples, {.layout = layout}, 1);
    const auto b = makeBatchSampler(samples, {.layout = layout}, 1);
    const auto c = makeBatchSampler(samples, {.layout = layout}, 2);
    EXPECT_EQ(a->batch(12), b->batch(12)) << batchLayoutName(layout);
    EXPECT_NE(a->batch(12), c->batch(12)) << batchLayoutName(layout);
    EXPECT_NE(a->batch(12), a->batch(13)) << batchLayoutName(layout);
  }
}

TEST(BatchSampler, ShowsEverybodyEquallyOften) {
  const auto samples = corpus(12, 4, 0);
  const auto sampler = makeBatchSampler(samples, {.subjects = 4, .genuine = 2, .forgeries = 0}, 3);
  std::map<std::string, int> seen;
  for (std::uint64_t step = 0; step < 30; ++step) {
    for (const auto i : indices(sampler->batch(step))) ++seen[samples[i].subject];
  }
  for (const auto& [subject, count] : seen) EXPECT_EQ(count, 20) << subject;
}

TEST(BatchSampler, LetsGenuineOnesStandInForMissingForgeries) {
  const auto samples = corpus(3, 10, 1);
  const auto sampler = makeBatchSampler(samples, {.subjects = 2, .genuine = 3, .forgeries = 3}, 3);
  EXPECT_EQ(sampler->batch(0).size(), 12U);
}

TEST(BatchSampler, LeavesOutPeopleWithOneGenuineSample) {
  auto samples = corpus(3, 4, 2);
  samples.push_back({"x", "lonely"});
  EXPECT_EQ(makeBatchSampler(samples, {.subjects = 10}, 3)->subjectCount(), 3U);
  EXPECT_TRUE(makeBatchSampler({}, {}, 1)->batch(0).empty());
}

TEST(BatchSampler, PseudoWritersAreGenuineSamplesToBeWarped) {
  const auto samples = corpus(4, 8, 4);
  const BatchOptions options{.subjects = 3, .genuine = 2, .forgeries = 1, .pseudoWriters = 2};
  const auto batch = makeBatchSampler(samples, options, 1)->batch(5);
  ASSERT_EQ(static_cast<std::int64_t>(batch.size()), options.size());
  int pseudo = 0;
  for (const auto& item : batch) {
    if (!item.isPseudoWriter) continue;
    ++pseudo;
    EXPECT_EQ(samples[item.sample].label, SampleLabel::Genuine);
  }
  EXPECT_EQ(pseudo, 6);
}

TEST(BatchSampler, AlignedHalvesHoldMatesAndEverybodyOnce) {
  const auto samples = corpus(8, 5, 3);
  const auto sampler =
      makeBatchSampler(samples, {.layout = BatchLayout::AlignedPairs, .subjects = 6}, 4);
  for (std::uint64_t step = 0; step < 20; ++step) {
    const auto batch = indices(sampler->batch(step));
    ASSERT_EQ(batch.size(), 12U);
    std::set<std::string> people;
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_EQ(samples[batch[i]].subject, samples[batch[i + 6]].subject);
      EXPECT_NE(batch[i], batch[i + 6]);
      EXPECT_EQ(samples[batch[i]].label, SampleLabel::Genuine);
      people.insert(samples[batch[i]].subject);
    }
    EXPECT_EQ(people.size(), 6U);
  }
}

TEST(BatchSampler, PairsKeepTheRatioOfNonMatedToMated) {
  const auto samples = corpus(8, 5, 3);
  const BatchOptions options{
      .layout = BatchLayout::Pairs, .subjects = 4, .genuine = 2, .ratio = 4, .skilledShare = 0.5};
  const auto sampler = makeBatchSampler(samples, options, 4);
  int mated = 0;
  int skilled = 0;
  int random = 0;
  for (std::uint64_t step = 0; step < 50; ++step) {
    const auto batch = indices(sampler->batch(step));
    ASSERT_EQ(static_cast<std::int64_t>(batch.size()), options.size());
    for (std::size_t i = 0; i < batch.size(); i += 2) {
      const auto& a = samples[batch[i]];
      const auto& b = samples[batch[i + 1]];
      ASSERT_EQ(a.label, SampleLabel::Genuine);
      if (a.subject != b.subject)
        ++random;
      else if (b.label == SampleLabel::SkilledForgery)
        ++skilled;
      else
        ++mated;
    }
  }
  EXPECT_EQ(skilled + random, 4 * mated);
  EXPECT_NEAR(static_cast<double>(skilled) / (skilled + random), 0.5, 0.05);
}

TEST(BatchSampler, TripletsAreAnchorPositiveAndNegative) {
  const auto samples = corpus(5, 4, 3);
  const auto sampler =
      makeBatchSampler(samples, {.layout = BatchLayout::Triplets, .subjects = 3, .genuine = 2}, 4);
  const auto batch = indices(sampler->batch(3));
  ASSERT_EQ(batch.size(), 18U);
  for (std::size_t i = 0; i < batch.size(); i += 3) {
    const auto& anchor = samples[batch[i]];
    const auto& positive = samples[batch[i + 1]];
    const auto& negative = samples[batch[i + 2]];
    EXPECT_EQ(anchor.subject, positive.subject);
    EXPECT_NE(batch[i], batch[i + 1]);
    EXPECT_EQ(positive.label, SampleLabel::Genuine);
    EXPECT_TRUE(negative.subject != anchor.subject ||
                negative.label == SampleLabel::SkilledForgery);
  }
}

TEST(BatchSampler, OptionsAreChecked) {
  EXPECT_TRUE(BatchOptions{}.check());
  EXPECT_FALSE(batchLayoutOf("heap"));
  EXPECT_EQ(batchLayoutOf("alignedPairs"), BatchLayout::AlignedPairs);
  EXPECT_FALSE((BatchOptions{.subjects = 1}).check());
  EXPECT_FALSE((BatchOptions{.genuine = 1}).check());
  EXPECT_TRUE((BatchOptions{.layout = BatchLayout::Triplets, .genuine = 1}).check());
  EXPECT_FALSE((BatchOptions{.ratio = 0}).check());
  EXPECT_FALSE((BatchOptions{.skilledShare = 1.5}).check());
  EXPECT_FALSE((BatchOptions{.subjects = 4096, .genuine = 4096}).check());
}

}  // namespace
}  // namespace countersign
