// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/base/Random.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign {
namespace {

SafetensorsFile sample() {
  SafetensorsFile file;
  const std::vector<float> weights{1, 2, 3, 4, 5, 6};
  const std::vector<std::uint8_t> groups{7, 8, 9};
  file.tensors["weights"] = RawTensor::of<float>(ElementType::F32, {2, 3}, weights);
  file.tensors["groups"] = RawTensor::of<std::uint8_t>(ElementType::U8, {3}, groups);
  file.tensors["empty"] = {ElementType::F32, {0, 4}, {}};
  file.metadata["card"] = "{\"name\": \"\xC3\xA4\"}";
  return file;
}

Result<SafetensorsFile> parseText(const std::string& content) {
  return parseSafetensors(std::as_bytes(std::span(content)));
}

std::string withHeader(const std::string& header, std::size_t dataSize) {
  const std::uint64_t length = header.size();
  std::string content(reinterpret_cast<const char*>(&length), sizeof(length));
  return content + header + std::string(dataSize, '\0');
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(writeSafetensors(folder.path() / "x.safetensors", sample()));
  const auto read = readSafetensors(folder.path() / "x.safetensors");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->tensors, sample().tensors);
  EXPECT_EQ(read->metadata, sample().metadata);
  EXPECT_EQ(read->tensors.at("weights").as<float>()[5], 6);
}

TEST(Safetensors, GivesEqualBytesForEqualContent) {
  EXPECT_EQ(serialiseSafetensors(sample()), serialiseSafetensors(sample()));
}

TEST(Safetensors, AlignsItsData) {
  const auto content = serialiseSafetensors(sample());
  std::uint64_t length = 0;
  std::memcpy(&length, content.data(), sizeof(length));
  EXPECT_EQ((8 + length) % 8, 0U);
}

TEST(Safetensors, RefusesEveryTruncation) {
  const auto content = serialiseSafetensors(sample());
  for (std::size_t size = 0; size < content.size(); ++size)
    EXPECT_FALSE(parseText(content.substr(0, size))) << size;
}

TEST(Safetensors, RefusesHeadersThatLie) {
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  EXPECT_TRUE(parseText(withHeader(good, 8)));
  EXPECT_FALSE(parseText(withHeader(good, 7)));
  EXPECT_FALSE(parseText(withHeader(good, 9))) << "bytes that belong to nothing";
  for (
      const std::string bad : {
          R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
          R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4294967296]}})",
          R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
          R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
          R"({"a":{"dtype":"F32","shape":[2]}})",
          R"({"__metadata__":{"card":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
          R"([])",
          R"({"a")",
      }) {
    const auto read = parseText(withHeader(bad, 8));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, ErrorCode::FileMalformed);
  }
}

TEST(Safetensors, SurvivesRandomDamage) {
  const auto content = serialiseSafetensors(sample());
  Random random{77};
  for (int round = 0; round < 3000; ++round) {
    auto damaged = content;
    for (std::size_t flips = 1 + random.below(3); flips > 0; --flips)
      damaged[random.below(damaged.size())] ^= static_cast<char>(1U << random.below(8));
    const auto read = parseText(damaged);
    if (read) { EXPECT_EQ(read->tensors.size(), 3U); }
  }
}

}  // namespace
}  // namespace countersign
