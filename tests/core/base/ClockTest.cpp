// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Clock.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(Clock, WritesUniversalTime) {
  EXPECT_EQ(toIso8601({0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(toIso8601({1'767'323'045'999'999}), "2026-01-02T03:04:05Z");
  EXPECT_EQ(toIso8601({-1}), "1969-12-31T23:59:59Z");
}

TEST(Clock, KnowsDaysAndMonths) {
  EXPECT_EQ(dayOf({1'767'323'045'999'999}), "2026-01-02");
  for (const char* day : {"2024-02-29", "1999-12-31"}) EXPECT_TRUE(isDay(day)) << day;
  for (const char* text :
       {"", "2023-02-29", "2026-1-02", "2026/01/02", "2026-01-02 ", "x026-01-02"})
    EXPECT_FALSE(isDay(text)) << text;
  EXPECT_EQ(monthsLater("2026-01-31", 1), "2026-02-28");
  EXPECT_EQ(monthsLater("2026-11-15", 14), "2028-01-15");
  EXPECT_EQ(monthsLater("2026-11-15", 0), "2026-11-15");
}

TEST(Clock, TellsTheTimeOfTheComputer) {
  constexpr std::int64_t kYear2020 = 1'577'836'800'000'000;
  EXPECT_GT(systemTime().microseconds, kYear2020);
}

}  // namespace
}  // namespace countersign
