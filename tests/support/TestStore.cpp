// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestStore.h"

#include <gtest/gtest.h>

#include "core/storage/Accounts.h"

namespace countersign::test {

std::filesystem::path storeIn(const std::filesystem::path& folder) {
  if (!hasKeys(folder)) {
    const auto made = protectOpenly(folder, "ada");
    EXPECT_TRUE(made) << made.error().message;
  }
  return folder;
}

}  // namespace countersign::test
