// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Secret.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace countersign {
namespace {

TEST(Secret, KeepsWhatItWasGivenAndMovesWithoutACopy) {
  auto secret = Secret::of("correct horse");
  const auto* where = secret.bytes().data();
  const Secret moved = std::move(secret);
  EXPECT_EQ(moved.text(), "correct horse");
  EXPECT_EQ(moved.bytes().data(), where);
  EXPECT_EQ(Secret(4).bytes()[3], 0);
  EXPECT_EQ(Secret::of("").size(), 0U);
}

TEST(Secret, IsRandomWhenAskedTo) {
  const auto one = Secret::random(32);
  const auto other = Secret::random(32);
  EXPECT_NE(one.text(), other.text());
}

TEST(SecretDeathTest, IsNotReadBeyondItsEnd) {
  const auto secret = Secret::of("0123456789abcdef");
  const volatile std::uint8_t* end = secret.bytes().data() + secret.size();
  EXPECT_DEATH(static_cast<void>(*end), "");
}

TEST(Secret, WipesWhatItPassedThrough) {
  std::string text = "a passphrase that is longer than a short string";
  const char* where = text.data();
  const auto size = text.size();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_TRUE(std::all_of(where, where + size, [](char c) { return c == '\0'; }));
}

}  // namespace
}  // namespace countersign
