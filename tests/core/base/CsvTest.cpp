// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Csv.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

using Row = std::vector<std::string>;

TEST(Csv, ReadsPlainAndQuotedCellsAndBothLineEnds) {
  const auto table = parseCsv("a,b\r\n1,\"x, \"\"y\"\"\"\n\n\"two\nlines\",\n");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns, (Row{"a", "b"}));
  ASSERT_EQ(table->rows.size(), 2U);
  EXPECT_EQ(table->rows[0], (Row{"1", "x, \"y\""}));
  EXPECT_EQ(table->rows[1], (Row{"two\nlines", ""}));
}

TEST(Csv, NamesTheLineOfARowThatIsTooShort) {
  const auto table = parseCsv("a,b\n1,2\n3\n");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, ErrorCode::FileMalformed);
  EXPECT_NE(table.error().message.find("Line 3"), std::string::npos);
}

TEST(Csv, RefusesAnOpenQuoteAndAnEmptyTable) {
  EXPECT_FALSE(parseCsv("a\n\"open"));
  EXPECT_FALSE(parseCsv("a\n\"x\"y\n"));
  EXPECT_FALSE(parseCsv(""));
}

TEST(Csv, CellsThatItWritesReadBackTheSame) {
  for (const std::string cell : {"plain", "a,b", "say \"hi\"", "two\nlines", ""}) {
    const auto table = parseCsv("head,x\n" + csvCell(cell) + ",1\n");
    ASSERT_TRUE(table) << cell;
    EXPECT_EQ(table->rows[0][0], cell);
  }
}

TEST(Csv, SaysWhichColumnIsMissing) {
  const auto table = parseCsv("a,b\n1,2\n");
  EXPECT_EQ(*table->columnIndex("b"), 1U);
  const auto missing = table->columnIndex("c");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("\"c\""), std::string::npos);
}

}  // namespace
}  // namespace countersign
