// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Sealing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/base/Secret.h"

namespace countersign {
namespace {

const Bytes kText = {'a', ' ', 'n', 'a', 'm', 'e'};

Bytes fromHex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

TEST(Sealing, GivesBackWhatWasSealedForTheSamePurposeOnly) {
  const auto key = Secret::random(kKeyBytes);
  const auto other = Secret::random(kKeyBytes);
  const KeySpan span(key.part(0, kKeyBytes));
  const auto sealed = seal(span, "person|1", kText);
  EXPECT_EQ(sealed.size(), kText.size() + kSealBytes);
  EXPECT_EQ(unseal(span, "person|1", sealed), kText);
  EXPECT_FALSE(unseal(span, "person|2", sealed));
  EXPECT_FALSE(unseal(KeySpan(other.part(0, kKeyBytes)), "person|1", sealed));
  EXPECT_NE(seal(span, "person|1", kText), sealed) << "a nonce is never used again";
  EXPECT_EQ(unseal(span, "", seal(span, "", {})), Bytes());
}

TEST(Sealing, NoticesEveryFlippedBitAndEveryLostByte) {
  const auto key = Secret::random(kKeyBytes);
  const KeySpan span(key.part(0, kKeyBytes));
  const auto sealed = seal(span, "x", kText);
  for (std::size_t i = 0; i < 8 * sealed.size(); ++i) {
    auto changed = sealed;
    changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1U << (i % 8)));
    EXPECT_FALSE(unseal(span, "x", changed)) << "bit " << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(unseal(span, "x", {sealed.data(), size})) << size << " bytes";
}

// The draft's own example (draft-irtf-cfrg-xchacha-03, A.3.1), so that another program could read
// what this one sealed.
TEST(Sealing, IsXChaCha20Poly1305AsPublished) {
  Bytes key;
  for (int i = 0x80; i <= 0x9f; ++i) key.push_back(static_cast<std::uint8_t>(i));
  const auto associated = fromHex("50515253c0c1c2c3c4c5c6c7");
  const auto sealed = fromHex(
      "404142434445464748494a4b4c4d4e4f5051525354555657"
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4e"
      "da7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2"
      "383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  const auto text = unseal(
      KeySpan(key), {reinterpret_cast<const char*>(associated.data()), associated.size()}, sealed);
  ASSERT_TRUE(text);
  EXPECT_EQ(std::string(text->begin(), text->end()),
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
            "future, sunscreen would be it.");
}

// RFC 4231, test case 2, with the key filled up with zeros as HMAC does.
TEST(Sealing, CodesMessagesByHmacSha256) {
  std::array<std::uint8_t, kKeyBytes> key{'J', 'e', 'f', 'e'};
  const Bytes second = {'f', 'o', 'r', ' ', 'n', 'o', 't', 'h', 'i', 'n', 'g', '?'};
  EXPECT_EQ(messageCode(KeySpan(key), "what do ya want ", second),
            fromHex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

}  // namespace
}  // namespace countersign
