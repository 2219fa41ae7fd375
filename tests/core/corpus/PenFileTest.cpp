// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/PenFile.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(PenFile, ReadsBothTasksOfSvc2004) {
  const auto four = parsePenFile("2\n10 20 1000 1\n30 40 1010 0\n");
  ASSERT_TRUE(four) << four.error().message;
  EXPECT_EQ((*four)[1].x, 30);
  EXPECT_DOUBLE_EQ((*four)[1].seconds, 0.01);
  EXPECT_TRUE((*four)[0].isDown);
  EXPECT_FALSE((*four)[1].isDown);
  EXPECT_TRUE(parsePenFile("1\r\n10 20 1000 1 1500 600 300\r\n"));
}

TEST(PenFile, ReadsBackWhatItWrites) {
  const PenTrajectory pen{{1, 2, 0, true}, {-3, 400, 0.25, false}};
  const auto read = parsePenFile(writePenFile(pen));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)[1].y, 400);
  EXPECT_DOUBLE_EQ((*read)[1].seconds, 0.25);
}

TEST(PenFile, RefusesDamage) {
  for (const char* text :
       {"", "x", "0\n", "2\n1 2 3 1\n", "1\n1 2 3\n", "1\n1 nan 3 1\n", "9999999999\n"})
    EXPECT_FALSE(parsePenFile(text)) << text;
}

}  // namespace
}  // namespace countersign
