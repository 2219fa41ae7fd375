// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/PeopleSimilarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/office/Office.h"
#include "tests/support/TestNetwork.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

TEST(PeopleSimilarity, IsTheMeanOfAllPairs) {
  const test::TemporaryFolder folder;
  auto office = Office::open({.folder = test::storeIn(folder.path() / "store"),
                              .access = Store::Access::Write,
                              .shippedNetwork = test::writeRandomNetwork(folder.path(), "first", 1),
                              .author = {"ada"},
                              .clock = test::steppingClock()});
  ASSERT_TRUE(office) << office.error().message;
  const auto desk = (*office)->signatureDesk();
  for (const int count : {3, 2, 1}) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    images.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      images.push_back(test::examinedDrawing(*desk, static_cast<std::uint64_t>(count),
                                             static_cast<std::uint64_t>(i)));
    ASSERT_TRUE(desk->enrol(std::to_string(count), "", images));
  }
  int reports = 0;
  const auto found = comparePeople(*desk, {{}, [&](const ComparingProgress& p) {
                                             EXPECT_EQ(p.total, 6);
                                             ++reports;
                                           }});
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(reports, 3);
  const auto everybody = *desk->everybody();
  ASSERT_EQ(everybody.size(), 3U);
  for (std::size_t one = 0; one < 3; ++one) {
    for (std::size_t other = 0; other < 3; ++other) {
      double sum = 0;
      int pairs = 0;
      for (std::size_t i = 0; i < everybody[one].references.size(); ++i)
        for (std::size_t j = 0; j < everybody[other].references.size(); ++j) {
          if (one == other && i == j) continue;
          sum +=
              desk->network().score(everybody[one].references[i], everybody[other].references[j]);
          ++pairs;
        }
      if (pairs == 0) {
        EXPECT_TRUE(std::isnan(found->between(one, other))) << "one reference has nothing to match";
      } else {
        EXPECT_NEAR(double{found->between(one, other)}, sum / pairs, 1e-5);
      }
    }
  }
  const auto alike = found->lookalikes(10);
  ASSERT_EQ(alike.size(), 3U);
  EXPECT_GE(alike[0].mean, alike[2].mean);
  const auto inconsistent = found->inconsistent(10);
  ASSERT_EQ(inconsistent.size(), 2U);
  EXPECT_LE(inconsistent[0].mean, inconsistent[1].mean);
  EXPECT_EQ(found->lookalikes(1).size(), 1U);

  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(comparePeople(*desk, {stop.get_token(), {}}).error().code, ErrorCode::Cancelled);
}

TEST(PeopleSimilarity, CountsTheOffsetOfAReferenceOnce) {
  EmbeddedSample one{.embedding = {1, 0}};
  EmbeddedSample other{.embedding = {0.6F, 0.8F}};
  EXPECT_EQ(excessOffset(one, other), 0);
  one.scoreOffset = 0.1F;
  EXPECT_EQ(excessOffset(one, other), 0) << "a probe has none";
  other.scoreOffset = 0.2F;
  EXPECT_NEAR(sampleScore(one, other) - excessOffset(one, other), 0.6 + 0.15, 1e-6);
}

// Four people; d has a single reference.
PeopleSimilarity fourPeople() {
  const float kNone = std::nanf("");
  PeopleSimilarity all;
  for (const char* name : {"a", "b", "c", "d"}) all.people.push_back({{1}, name, name});
  all.references = {2, 2, 2, 1};
  all.means = {0.9F, 0.3F, 0.1F, 0.0F,  //
               0.3F, 0.8F, 0.2F, 0.1F,  //
               0.1F, 0.2F, 0.4F, 0.2F,  //
               0.0F, 0.1F, 0.2F, kNone};
  return all;
}

TEST(PeopleSimilarity, PutsThoseFirstWhoNeedALook) {
  const auto all = fourPeople();
  EXPECT_EQ(all.lookalikes(2)[0].one, 0U);
  EXPECT_EQ(all.lookalikes(2)[0].other, 1U);
  EXPECT_EQ(all.inconsistent(1)[0].one, 2U);
  EXPECT_TRUE(all.lookalikes(0).empty());
  EXPECT_EQ(all.worstFirst(0.5).front(), 2U) << "only its references do not agree with each other";
  const auto alike = all.worstFirst(0.25);
  EXPECT_EQ(std::max(alike[0], alike[1]), 1U) << "a and b pass for each other";
  EXPECT_EQ(all.worstFirst(0.36).front(), 2U) << "nobody is wrong, and c comes closest to it";
}

TEST(PeopleSimilarity, OrdersPeopleWithNothingToCompare) {
  auto all = fourPeople();
  for (auto& mean : all.means) mean = std::nanf("");
  EXPECT_EQ(all.worstFirst(0.5).size(), 4U);
  EXPECT_TRUE(PeopleSimilarity{}.worstFirst(0.5).empty());
}

}  // namespace
}  // namespace countersign
