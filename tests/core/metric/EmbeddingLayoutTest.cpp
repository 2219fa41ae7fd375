// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metric/EmbeddingLayout.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>

#include "core/base/Random.h"

namespace countersign {
namespace {

/// Groups of points around random directions of the sphere.
std::vector<std::vector<float>> groups(int count, int each, double spread, int size = 16) {
  Random random{11};
  std::vector<std::vector<float>> points;
  for (int group = 0; group < count; ++group) {
    std::vector<double> centre;
    centre.reserve(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) centre.push_back(random.normal());
    for (int point = 0; point < each; ++point) {
      std::vector<float> embedding;
      double norm = 0;
      for (const double c : centre) {
        embedding.push_back(static_cast<float>(random.normal(c, spread)));
        norm += double{embedding.back()} * double{embedding.back()};
      }
      for (auto& value : embedding) value /= static_cast<float>(std::sqrt(norm));
      points.push_back(std::move(embedding));
    }
  }
  return points;
}

/// Share of points whose nearest neighbour on the map is of their own group.
double keptTogether(const std::vector<MapPoint>& map, int each) {
  int kept = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    float nearest = 1e9F;
    std::size_t who = 0;
    for (std::size_t j = 0; j < map.size(); ++j) {
      const float distance = std::hypot(map[i].x - map[j].x, map[i].y - map[j].y);
      if (i == j || distance >= nearest) continue;
      nearest = distance;
      who = j;
    }
    kept += who / static_cast<std::size_t>(each) == i / static_cast<std::size_t>(each) ? 1 : 0;
  }
  return static_cast<double>(kept) / static_cast<double>(map.size());
}

TEST(PrincipalPlane, HasTheGreatestSpreadFirst) {
  Random random{2};
  std::vector<std::vector<float>> points;
  points.reserve(200);
  for (int i = 0; i < 200; ++i)
    points.push_back({static_cast<float>(random.normal(0, 0.1)),
                      static_cast<float>(random.normal(5, 3)),
                      static_cast<float>(random.normal(0, 1))});
  const auto map = principalPlane(points);
  float right = 0;
  float top = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    right = std::max(right, std::abs(map[i].x));
    top = std::max(top, std::abs(map[i].y));
    for (std::size_t j = 0; j < i; ++j)
      if (points[i][1] > points[j][1] + 1) {
        EXPECT_GT(map[i].x, map[j].x) << "along the axis of greatest spread";
      }
  }
  EXPECT_NEAR(right, 1, 1e-5);
  EXPECT_LT(top, 0.7F);
}

TEST(PrincipalPlane, HasRoomForFewPoints) {
  EXPECT_TRUE(principalPlane({}).empty());
  EXPECT_EQ(principalPlane({{1, 2, 3}})[0].x, 0);
  const auto two = principalPlane({{1, 0}, {0, 1}});
  EXPECT_NEAR(std::abs(two[0].x - two[1].x), 2, 1e-5);
  for (const auto& point : principalPlane({{1, 0}, {1, 0}, {1, 0}})) EXPECT_EQ(point.x, 0);
}

TEST(NeighbourLayout, PartsGroupsThatThePlaneMixes) {
  constexpr int kEach = 15;
  const auto points = groups(20, kEach, 0.25);
  auto layout = NeighbourLayout::prepare(points, {.perplexity = 10, .steps = 400}, {});
  ASSERT_TRUE(layout);
  for (int i = 0; i < 150; ++i) layout->step();
  const double before = layout->divergence();
  while (layout->step()) {}
  EXPECT_LT(layout->divergence(), before);
  EXPECT_GT(keptTogether(layout->layout(), kEach), 0.98);
  EXPECT_LT(keptTogether(principalPlane(points), kEach), 0.8);
  for (const auto& point : layout->layout()) {
    EXPECT_LE(std::abs(point.x), 1.0F + 1e-5F);
    EXPECT_LE(std::abs(point.y), 1.0F + 1e-5F);
  }
}

TEST(NeighbourLayout, IsTheSameEachTimeAndCloseToTheExactOne) {
  const auto points = groups(6, 12, 0.3);
  const auto run = [&](double openness) {
    auto layout =
        NeighbourLayout::prepare(points, {.perplexity = 8, .steps = 300, .openness = openness}, {});
    while (layout->step()) {}
    return *std::move(layout);
  };
  const auto one = run(0.5).layout();
  const auto other = run(0.5).layout();
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].x, other[i].x);
  EXPECT_NEAR(run(0.5).divergence(), run(0).divergence(), 0.1);
}

TEST(NeighbourLayout, BearsFewPointsAndEqualOnes) {
  for (const auto& points : {std::vector<std::vector<float>>{},
                             {{1, 0}},
                             {{1, 0}, {0, 1}},
                             {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}}}) {
    auto layout = NeighbourLayout::prepare(points, {.steps = 30}, {});
    ASSERT_TRUE(layout);
    while (layout->step()) {}
    for (const auto& point : layout->layout()) EXPECT_TRUE(std::isfinite(point.x + point.y));
  }
}

TEST(NeighbourLayout, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  const auto layout = NeighbourLayout::prepare(groups(3, 5, 0.2), {}, {stop.get_token(), {}});
  EXPECT_EQ(layout.error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace countersign
