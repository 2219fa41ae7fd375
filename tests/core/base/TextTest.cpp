// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Text.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(Utf8, IsRecognised) {
  for (const auto* text : {"", "Ana", "M\xC3\xBCller", "\xE0\xA6\x95", "\xF0\x9F\x96\x8B",
                           "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(isUtf8(text)) << text;
}

TEST(Utf8, IsRefusedWhereItIsBroken) {
  for (const auto* text : {"M\xFCller", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x80", "a\xE0\xA6", "\xFF"})
    EXPECT_FALSE(isUtf8(text));
}

}  // namespace
}  // namespace countersign
