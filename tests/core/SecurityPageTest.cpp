// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include <filesystem>
#include <regex>

#include "core/base/File.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargest = std::uintmax_t{4} << 20U;

// What SECURITY.md promises is worth no more than the tests that it names.
TEST(SecurityPage, NamesTestsThatExist) {
  std::string tests;
  for (const auto& entry : fs::recursive_directory_iterator(COUNTERSIGN_SOURCE_DIR "/tests"))
    if (entry.path().extension() == ".cpp") tests += *readTextFile(entry.path(), kLargest);
  const auto page = readTextFile(COUNTERSIGN_SOURCE_DIR "/SECURITY.md", kLargest);
  ASSERT_TRUE(page) << page.error().message;
  const std::regex name("`([A-Z][A-Za-z]+)\\.([A-Z][A-Za-z]+)`");
  int count = 0;
  for (std::sregex_iterator at(page->begin(), page->end(), name), end; at != end; ++at, ++count)
    // Not a matcher, which would print all tests.
    EXPECT_NE(tests.find("(" + (*at)[1].str() + ", " + (*at)[2].str() + ")"), std::string::npos)
        << at->str();
  EXPECT_GT(count, 10);
  // Each line of the table names one.
  const std::regex row("\\n\\| [^-W][^\\n]*");
  for (std::sregex_iterator at(page->begin(), page->end(), row), end; at != end; ++at)
    EXPECT_TRUE(std::regex_search(at->str(), name)) << at->str();
}

}  // namespace
}  // namespace countersign
