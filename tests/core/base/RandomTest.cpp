// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace countersign {
namespace {

TEST(Random, IsAFunctionOfItsKey) {
  Random a{1, 2, 3};
  Random b{1, 2, 3};
  Random other{1, 3, 2};
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto value = a.next();
    EXPECT_EQ(value, b.next());
    differs |= value != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, IsTheSameOnEveryMachine) {
  // A change would silently change every generated corpus and every resumed training.
  Random random{42};
  EXPECT_EQ(random.next(), 0xc5a57e8172f0a9d2ULL);
  EXPECT_EQ(random.next(), 0x61b3e514f002fd8bULL);
  EXPECT_NEAR(Random({7, 8}).normal(), 0.41254180031543286, 1e-12);
}

TEST(Random, HasTheMomentsOfItsDistributions) {
  Random random{5};
  constexpr int kCount = 200'000;
  double sum = 0;
  double squares = 0;
  double uniform = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    uniform += u;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(squares / kCount, 1, 0.02);
  EXPECT_NEAR(uniform / kCount, 0.5, 0.005);
}

TEST(Random, ShufflesWithoutLosingAnything) {
  std::vector<int> values(50);
  std::iota(values.begin(), values.end(), 0);
  auto shuffled = values;
  Random random{9};
  random.shuffle(shuffled);
  EXPECT_NE(shuffled, values);
  std::sort(shuffled.begin(), shuffled.end());
  EXPECT_EQ(shuffled, values);
}

}  // namespace
}  // namespace countersign
