// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/NpyFile.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/base/File.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

TEST(NpyFile, HasAnAlignedHeaderAndRowsInOrder) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "a.npy";
  ASSERT_TRUE(writeNpy(path, {{1, 2, 3}, {4, 5, 6}}, 3));
  const auto bytes = *readFile(path, 10'000);
  EXPECT_EQ(std::memcmp(bytes.data(), "\x93NUMPY\x01\x00", 8), 0);
  const std::size_t header = bytes[8] + 256U * bytes[9];
  EXPECT_EQ((10 + header) % 64, 0U);
  const std::string text(bytes.begin() + 10, bytes.begin() + 10 + static_cast<long>(header));
  EXPECT_NE(text.find("'descr': '<f4'"), std::string::npos);
  EXPECT_NE(text.find("'shape': (2, 3)"), std::string::npos);
  EXPECT_EQ(text.back(), '\n');
  ASSERT_EQ(bytes.size(), 10 + header + 6 * sizeof(float));
  float last = 0;
  std::memcpy(&last, bytes.data() + bytes.size() - sizeof(float), sizeof(float));
  EXPECT_EQ(last, 6);
}

}  // namespace
}  // namespace countersign
