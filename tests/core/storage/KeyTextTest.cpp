// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/KeyText.h"

#include <gmock/gmock.h>

namespace countersign {
namespace {

TEST(KeyText, IsReadAsPeopleWriteIt) {
  for (int i = 0; i < 100; ++i) {
    const auto key = Secret::random(kWrittenKeyBytes);
    auto text = keyText(key);
    EXPECT_THAT(text, testing::MatchesRegex("([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}"));
    const auto read = keyFromText(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->text(), key.text());
    for (char& c : text) {
      if (c == '-') c = ' ';
      if (c == '0') c = 'o';
      if (c == '1') c = 'l';
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const auto again = keyFromText("\n" + text + "  ");
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(again->text(), key.text());
  }
}

TEST(KeyText, NoticesEveryMistypedCharacter) {
  const auto text = keyText(Secret::random(kWrittenKeyBytes));
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    auto wrong = text;
    wrong[i] = wrong[i] == '7' ? '8' : '7';
    EXPECT_FALSE(keyFromText(wrong)) << wrong;
  }
  EXPECT_FALSE(keyFromText(""));
  EXPECT_FALSE(keyFromText(text + "A"));
  EXPECT_FALSE(keyFromText(text.substr(1)));
  EXPECT_FALSE(keyFromText("U" + text.substr(1))) << "no such digit";
}

}  // namespace
}  // namespace countersign
