// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Sha256.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-4, examples
  EXPECT_EQ(Sha256().finish(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256().add("abc").finish(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, DoesNotCareHowTheTextIsCut) {
  EXPECT_EQ(Sha256().add("a").add("bc").finish(), Sha256().add("abc").finish());
}

}  // namespace
}  // namespace countersign
