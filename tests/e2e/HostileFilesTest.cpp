// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <opencv2/core.hpp>

#include "core/base/Random.h"
#include "core/imaging/ImageFile.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"

namespace countersign::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSlowdown = 10;
#else
constexpr double kSlowdown = 1;
#endif

struct Hostile {
  std::string name;
  Bytes bytes;
};

Bytes damaged(Bytes bytes, std::size_t size) {
  bytes.resize(std::min(bytes.size(), size));
  return bytes;
}

/// A file of the right format whose header claims a size that nothing behind it has.
std::vector<Hostile> bombs() {
  std::vector<Hostile> files;
  int number = 0;
  const auto add = [&](const std::string& extension, Bytes bytes) {
    files.push_back({"bomb-" + std::to_string(number++) + extension, std::move(bytes)});
  };
  for (const auto& [w, h] : {std::pair{30'000U, 30'000U},
                             {65'535U, 65'535U},
                             {0xFFFFFFFFU, 1U},
                             {6'300U, 6'300U},
                             {1U, 0x7FFFFFFFU},
                             {0U, 0U}})
    add(".png", pngClaiming(w, h));
  auto jpeg = encoded(signatureDrawing(), ".jpg");
  const Bytes marker{0xFF, 0xC0};  // start of frame: length, precision, height, width
  const auto frame = std::search(jpeg.begin(), jpeg.end(), marker.begin(), marker.end());
  std::fill(frame + 5, frame + 9, std::uint8_t{0xFF});
  add(".jpg", jpeg);
  for (const std::size_t at : {18U, 22U}) {
    auto bmp = encoded(signatureDrawing(), ".bmp");
    const std::uint32_t huge = 0x7FFFFFF0;
    std::memcpy(bmp.data() + at, &huge, sizeof(huge));
    add(".bmp", bmp);
  }
  return files;
}

/// Two hundred files that somebody who means harm, or a bad disk, might hand in.
std::vector<Hostile> hostileFiles() {
  std::vector<Hostile> files = bombs();
  Random random{2026};
  for (const std::string extension : {".png", ".jpg", ".tiff", ".bmp", ".webp", ".pgm"}) {
    const auto whole = encoded(signatureDrawing(), extension);
    for (int i = 0; i < 24; ++i) {
      const auto size = whole.size() * static_cast<std::size_t>(i) / 24;
      files.push_back({"cut-" + std::to_string(i) + extension, damaged(whole, size)});
    }
    files.push_back({"twice" + extension, damaged(whole, 30)});
  }
  const auto fax = faxTiff(signatureDrawing() > 128);
  for (int i = 1; i < 12; ++i)
    files.push_back({"fax-" + std::to_string(i) + ".tiff",
                     damaged(fax, fax.size() * static_cast<std::size_t>(i) / 12)});
  const std::vector<Bytes> heads{{0x89, 'P', 'N', 'G', 13, 10, 26, 10},
                                 {0xFF, 0xD8, 0xFF, 0xE0},
                                 {'I', 'I', 42, 0},
                                 {'M', 'M', 0, 42},
                                 {'B', 'M'},
                                 {'R', 'I', 'F', 'F', 9, 9, 0, 0, 'W', 'E', 'B', 'P'},
                                 {}};
  for (int i = 0; files.size() < 200; ++i) {
    auto bytes = heads[static_cast<std::size_t>(i) % heads.size()];
    for (std::size_t n = random.below(4000) + 8; n > 0; --n)
      bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
    files.push_back({"noise-" + std::to_string(i) + (i % 2 == 0 ? ".png" : ".jpg"), bytes});
  }
  return files;
}

TEST(HostileFiles, CostOneSentenceEach) {
  const TemporaryFolder folder;
  const auto network = (folder.path() / "n.safetensors").string();
  ASSERT_TRUE(writeNetworkFile(network, randomNetwork()));
  const auto good = (folder.path() / "good.png").string();
  writeBytes(good, encoded(signatureDrawing(), ".png"));
  const auto usual =
      runCli({"compare", "--network", network, "--threshold", "-1", "--probe", good, good});
  ASSERT_EQ(usual.exitCode, 0) << usual.errors;
  constexpr long kMostExtra = 200'000;  // kilobytes

  const auto files = hostileFiles();
  ASSERT_EQ(files.size(), 200U);
  for (const auto& [name, bytes] : files) {
    const auto path = (folder.path() / name).string();
    writeBytes(path, bytes);
    const auto result = runCli({"compare", "--network", network, "--probe", path, good});
    EXPECT_EQ(result.exitCode, 2) << name << ": " << result.errors;
    EXPECT_TRUE(result.output.empty()) << name;
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1)
        << name << ": " << result.errors;
    EXPECT_TRUE(result.errors.ends_with(".\n")) << name << ": " << result.errors;
    EXPECT_LT(result.seconds, usual.seconds + 1 * kSlowdown) << name;
    EXPECT_LT(result.peakKilobytes, usual.peakKilobytes + kMostExtra) << name;
  }
}

TEST(HostileFiles, SurviveRandomBitFlips) {
  // In one process, so that many can be tried; the answer may be either, a crash may not.
  Random random{7};
  int refused = 0;
  for (const std::string extension : {".png", ".jpg", ".tiff", ".bmp", ".webp", ".pgm"}) {
    const auto whole = encoded(signatureDrawing(), extension);
    for (int round = 0; round < 60; ++round) {
      auto bytes = whole;
      for (std::size_t flips = 1 + random.below(20); flips > 0; --flips)
        bytes[random.below(std::min<std::size_t>(bytes.size(), 2000))] ^=
            static_cast<std::uint8_t>(1U << random.below(8));
      const auto image = decodeImage(bytes);
      if (!image) {
        ++refused;
        EXPECT_TRUE(image.error().message.ends_with('.')) << image.error().message;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(HostileFiles, DamagedNetworksAreRefused) {
  const TemporaryFolder folder;
  const auto good = (folder.path() / "good.png").string();
  writeBytes(good, encoded(signatureDrawing(), ".png"));
  const auto path = (folder.path() / "n.safetensors").string();
  ASSERT_TRUE(writeNetworkFile(path, randomNetwork()));
  const auto whole = *readFile(path, 1U << 24U);
  for (int i = 0; i < 12; ++i) {
    writeBytes(path, damaged(whole, whole.size() * static_cast<std::size_t>(i) / 12));
    const auto result = runCli({"compare", "--network", path, "--probe", good, good});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }
}

}  // namespace
}  // namespace countersign::test
