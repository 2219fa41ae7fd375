// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SubjectBatchSampler.h"

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

TEST(SubjectBatchSampler, DrawsWhatWasAskedForWithoutRepeats) {
  const auto samples = corpus(9, 10, 10);
  const SubjectBatchSampler sampler(samples, {.subjects = 4, .genuine = 3, .forgeries = 2}, 7);
  for (std::uint64_t step = 0; step < 50; ++step) {
    const auto batch = sampler.batch(step);
    ASSERT_EQ(batch.size(), 20U);
    EXPECT_EQ(std::set(batch.begin(), batch.end()).size(), 20U);
    std::map<std::string, int> genuine;
    for (const auto i : batch)
      genuine[samples[i].subject] += samples[i].label == SampleLabel::Genuine ? 1 : 0;
    EXPECT_EQ(genuine.size(), 4U);
    for (const auto& [subject, count] : genuine) EXPECT_EQ(count, 3);
  }
}

TEST(SubjectBatchSampler, IsAFunctionOfSeedAndStep) {
  const auto samples = corpus(9, 4, 4);
  const SubjectBatchSampler a(samples, {}, 1);
  const SubjectBatchSampler b(samples, {}, 1);
  const SubjectBatchSampler c(samples, {}, 2);
  EXPECT_EQ(a.batch(12), b.batch(12));
  EXPECT_NE(a.batch(12), c.batch(12));
  EXPECT_NE(a.batch(12), a.batch(13));
}

TEST(SubjectBatchSampler, ShowsEverybodyEquallyOften) {
  const auto samples = corpus(12, 4, 0);
  const SubjectBatchSampler sampler(samples, {.subjects = 4, .genuine = 2, .forgeries = 0}, 3);
  std::map<std::string, int> seen;
  for (std::uint64_t step = 0; step < 30; ++step) {
    for (const auto i : sampler.batch(step)) ++seen[samples[i].subject];
  }
  for (const auto& [subject, count] : seen) EXPECT_EQ(count, 20) << subject;
}

TEST(SubjectBatchSampler, LetsGenuineOnesStandInForMissingForgeries) {
  const auto samples = corpus(3, 10, 1);
  const SubjectBatchSampler sampler(samples, {.subjects = 2, .genuine = 3, .forgeries = 3}, 3);
  EXPECT_EQ(sampler.batch(0).size(), 12U);
}

TEST(SubjectBatchSampler, LeavesOutPeopleWithOneGenuineSample) {
  auto samples = corpus(3, 4, 2);
  samples.push_back({"x", "lonely"});
  const SubjectBatchSampler sampler(samples, {.subjects = 10}, 3);
  EXPECT_EQ(sampler.subjectCount(), 3U);
  EXPECT_TRUE(SubjectBatchSampler({}, {}, 1).batch(0).empty());
}

}  // namespace
}  // namespace countersign
