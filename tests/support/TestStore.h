// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace countersign::test {

/// Whether this run keeps its stores on a PostgreSQL server (COUNTERSIGN_TEST_STORES=postgresql):
/// the same tests hold for both.
bool areStoresOnServer();

/// Sees to it that a store that is made in a folder is where this run keeps its stores.
///
/// @return  the folder.
std::filesystem::path placeFor(const std::filesystem::path& folder);

/// Sees to it that there is a store in a folder that opens for everybody; an old one is encrypted
/// when it is opened.
///
/// @return  the folder.
std::filesystem::path storeIn(const std::filesystem::path& folder);

/// What another program does to the rows of a store, and to its keys, with the triggers out of the
/// way that refuse it.
void changeRows(const std::filesystem::path& folder, const std::string& statement);
void changeKeys(const std::filesystem::path& folder, const std::string& statement);

/// Bytes in SQL, of hexadecimal digits.
std::string bytesLiteral(const std::string& digits);

/// The rows of a store that nobody has open, as they are when it is made.
class RowsAsTheyAre {
 public:
  explicit RowsAsTheyAre(std::filesystem::path folder);
  void putBack() const;

 private:
  std::filesystem::path m_folder;
  std::string m_copy;  ///< A file, or a database of the server.
};

}  // namespace countersign::test

/// For what is about files.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): leaves the test that calls it
#define SKIP_ON_SERVER() \
  if (countersign::test::areStoresOnServer()) GTEST_SKIP() << "a matter of files"
