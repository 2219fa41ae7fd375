// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/File.h"
#include "core/evaluation/TrialEvaluation.h"
#include "core/imaging/FaceCapture.h"
#include "tests/support/FaceNetwork.h"
#include "tests/support/RealData.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign::test {
namespace {

/// One array of an .npz file (a zip archive of deflated .npy files): its numbers, as bytes.
std::vector<std::uint8_t> arrayOf(const Bytes& archive, const std::string& name) {
  const auto number = [&](std::size_t at, int bytes) {
    std::size_t value = 0;
    for (int i = bytes - 1; i >= 0; --i)
      value = value * 256 + archive[at + static_cast<std::size_t>(i)];
    return value;
  };
  constexpr std::size_t kLocalHeader = 0x04034b50;
  for (std::size_t at = 0; at + 30 < archive.size() && number(at, 4) == kLocalHeader;) {
    const auto packed = number(at + 18, 4);
    const auto size = number(at + 22, 4);
    const auto nameSize = number(at + 26, 2);
    const auto content = at + 30 + nameSize + number(at + 28, 2);
    const std::string found(reinterpret_cast<const char*>(archive.data()) + at + 30, nameSize);
    at = content + packed;
    if (found != name + ".npy" || at > archive.size()) continue;
    std::vector<std::uint8_t> array(size);
    z_stream stream{};
    stream.next_in = const_cast<Bytef*>(archive.data() + content);  // zlib only reads it
    stream.avail_in = static_cast<uInt>(packed);
    stream.next_out = array.data();
    stream.avail_out = static_cast<uInt>(size);
    inflateInit2(&stream, -MAX_WBITS);
    const int end = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (end != Z_STREAM_END || size < 10) return {};
    const auto header = 10 + array[8] + 256 * array[9];
    return {array.begin() + header, array.end()};
  }
  return {};
}

TEST(RealFaces, AreEmbeddedAsByThePublishedNetwork) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto bytes =
      readFile(*realData() / ".." / "face-reference" / "mobilefacenet192-synthetic.npz",
               std::uintmax_t{64} << 20U);
  ASSERT_TRUE(bytes);
  const auto chips = arrayOf(*bytes, "chips_rgb");
  const auto numbers = arrayOf(*bytes, "embeddings");
  constexpr std::size_t kChips = 20;
  constexpr std::size_t kSize = 192;
  ASSERT_EQ(chips.size(), kChips * 112 * 112 * 3);
  ASSERT_EQ(numbers.size(), kChips * kSize * sizeof(float));
  std::vector<float> expected(kChips * kSize);
  std::memcpy(expected.data(), numbers.data(), numbers.size());
  // Without the mirror image, as the reference was made.
  auto file = readNetworkFile(shippedFaceNetwork());
  ASSERT_TRUE(file);
  file->card.isMirrorAveraged = false;
  const auto network = EmbeddingNetwork::of(*std::move(file));
  ASSERT_TRUE(network);
  for (std::size_t i = 0; i < kChips; ++i) {
    cv::Mat rgb(112, 112, CV_8UC3);
    std::memcpy(rgb.data, chips.data() + i * rgb.total() * 3, rgb.total() * 3);
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    const auto sample = network->embed(bgr);
    ASSERT_TRUE(sample);
    double length = 0;
    for (std::size_t k = 0; k < kSize; ++k)
      length += static_cast<double>(expected[i * kSize + k]) * expected[i * kSize + k];
    for (std::size_t k = 0; k < kSize; ++k)
      ASSERT_NEAR(sample->embedding[k], expected[i * kSize + k] / std::sqrt(length), 1e-4) << i;
  }
}

TEST(RealFaces, OfViewOneAreToldApart) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto root = *realData() / "faces";
  const auto network = EmbeddingNetwork::load(shippedFaceNetwork());
  ASSERT_TRUE(network);
  SampleRegion central;
  central.face.kind = FaceChoice::Kind::MostCentral;
  const auto list = readTrialList(root / "lfw-view1-test.csv");
  ASSERT_TRUE(list);
  const auto report = evaluateTrials(*network, *list, root, {}, {central});
  ASSERT_TRUE(report) << report.error().message;
  std::printf(
      "%.2f %% right at %.3f, EER %.2f %%, %d failures to acquire\n",
      100 * accuracyAt(list->trials, report->outcomes, network->card().defaultThreshold).value,
      network->card().defaultThreshold, 100 * report->group("random")->equalErrorRate.value,
      report->failuresToAcquire);
  EXPECT_GE(accuracyAt(list->trials, report->outcomes, network->card().defaultThreshold).value,
            0.99);
  EXPECT_LE(report->failuresToAcquire, 1);
}

/// Clips in which a photo trembles before a grey wall, at 640 x 480.
TEST(RealFaces, BeforeACameraAreThoseOnFile) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto orl = *realData() / "faces" / "orl";
  const auto network = EmbeddingNetwork::load(shippedFaceNetwork());
  ASSERT_TRUE(network);
  const auto reader = network->reader();
  ASSERT_TRUE(reader);
  const TemporaryFolder folder;
  const auto embedded = [&](const cv::Mat& picture) {
    const auto sample = network->read(picture);
    return *network->embed(sample->canvas);
  };
  int right = 0;
  constexpr int kPeople = 5;
  for (int person = 1; person <= kPeople; ++person) {
    const auto photo = [&](int of, int number) {
      const auto file = orl / ("s" + std::to_string(of)) / (std::to_string(number) + ".pgm");
      cv::Mat picture = cv::imread(file.string());
      cv::resize(picture, picture, {}, 3, 3, cv::INTER_CUBIC);
      return picture;
    };
    std::vector<cv::Mat> frames;
    const auto face = photo(person, 1);
    for (int i = 0; i < 40; ++i) {
      cv::Mat frame(480, 640, CV_8UC3, cv::Scalar(140, 135, 130));
      face.copyTo(frame(cv::Rect({170 + i % 3, 70 + i % 2}, face.size())));
      frames.push_back(frame);
    }
    const auto clip = writeVideo(folder.path() / (std::to_string(person) + ".avi"), frames, 15);
    const auto captured = captureFace(clip.string(), *reader, 20);
    ASSERT_TRUE(captured) << person << ": " << captured.error().message;
    const auto probe = embedded(captured->frame.picture);
    const double own = network->score(probe, embedded(photo(person, 3)));
    const double other = network->score(probe, embedded(photo(person + 10, 3)));
    right += own > network->card().defaultThreshold && other < network->card().defaultThreshold;
  }
  EXPECT_EQ(right, kPeople);
}

TEST(RealFaces, AreFoundInEveryPictureOfOrlAndOnNoPage) {
  if (!realData()) GTEST_SKIP() << "no real data here";
  const auto detector = FaceDetector::of(shippedDetector());
  ASSERT_TRUE(detector);
  const auto count = [&](const std::string& folder, const std::string& pattern) {
    std::vector<cv::String> files;
    cv::glob((*realData() / folder).string() + "/" + pattern, files, true);
    int with = 0;
    for (const auto& file : files) {
      const auto picture = cv::imread(file, cv::IMREAD_COLOR);
      with += detector->detect(picture)->empty() ? 0 : 1;
    }
    return std::pair{with, static_cast<int>(files.size())};
  };
  EXPECT_EQ(count("faces/orl", "*.pgm"), std::pair(400, 400));
  const auto [onPages, pages] = count("pages", "*.png");
  EXPECT_EQ(onPages, 0) << "of " << pages;
}

}  // namespace
}  // namespace countersign::test
