// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Accounts.h"

#include <gmock/gmock.h>

namespace countersign {
namespace {

using testing::HasSubstr;

TEST(Passphrase, NeedsLengthAndNoKindsOfCharacters) {
  EXPECT_TRUE(checkPassphrase("tomato lantern glacier", "ada"));
  EXPECT_TRUE(checkPassphrase("βουνό θάλασσα κερί", "ada"));
  const auto small = checkPassphrase("Tr0ub4dor&3", "ada");
  ASSERT_FALSE(small);
  EXPECT_THAT(small.error().message, HasSubstr("at least 12 characters"));
  EXPECT_FALSE(checkPassphrase("ηλιοβασιλεύ", "ada")) << "characters count, not bytes";
  EXPECT_FALSE(checkPassphrase(std::string(kMostCharacters + 1, 'x'), "ada"));
}

TEST(Passphrase, IsNotAmongTheFirstThatAreTried) {
  for (const char* text : {"passwordpassword", "123456789012345", "qwertyuiopasdfg",
                           "countersigncountersign", "aaaaaaaaaaaaaaaaaa", "Password1234!"})
    EXPECT_FALSE(checkPassphrase(text, "ada")) << text;
  EXPECT_FALSE(checkPassphrase("margarethe lund", "margarethe lund")) << "the account's name";
}

TEST(KeyCost, TakesAboutAsLongAsAskedAndNeverLessThanTheLeast) {
  const auto cheap = calibratedKeyCost(0);
  EXPECT_EQ(cheap.passes, KeyCost::kFewestPasses);
  EXPECT_EQ(cheap.memory, KeyCost::kLeastMemory);
  const auto dear = calibratedKeyCost(1000);
  EXPECT_EQ(dear.memory, std::size_t{512} << 20U) << "some computers have no more";
}

TEST(Roles, HaveNames) {
  for (const auto role : {Role::Clerk, Role::Supervisor, Role::Administrator, Role::Auditor})
    EXPECT_EQ(roleOf(roleName(role)), role);
  EXPECT_FALSE(roleOf("king"));
}

}  // namespace
}  // namespace countersign
