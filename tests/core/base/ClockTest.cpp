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

TEST(Clock, TellsTheTimeOfTheComputer) {
  constexpr std::int64_t kYear2020 = 1'577'836'800'000'000;
  EXPECT_GT(systemTime().microseconds, kYear2020);
}

}  // namespace
}  // namespace countersign
