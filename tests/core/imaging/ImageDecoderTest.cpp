// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/ImageDecoder.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <opencv2/core.hpp>
#include <set>

#include "core/base/File.h"
#include "core/imaging/internal/ImageDecoders.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

Bytes told(const std::string& text) { return {text.begin(), text.end()}; }

/// Processes whose parent is this one.
std::set<pid_t> children() {
  std::set<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream stat(entry.path() / "stat");
    pid_t process = 0;
    std::string name;
    char state = 0;
    pid_t parent = 0;
    if (stat >> process >> name >> state >> parent && parent == ::getpid() && state != 'Z')
      found.insert(process);
  }
  return found;
}

std::size_t openDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class HostileImages : public testing::Test {
 protected:
  void expectToReadTheNext() {
    const auto next = m_decoder.decode(m_image);
    ASSERT_TRUE(next) << next.error().message << next.error().detail;
    EXPECT_EQ(cv::norm(next->pixels, decodeHere(m_image, {})->pixels, cv::NORM_INF), 0);
  }

  ImageDecoder m_decoder{COUNTERSIGN_HOSTILE_DECODER};
  Bytes m_image = test::encoded(test::signatureDrawing(), ".png");
};

TEST_F(HostileImages, AreReadLikeOthersWhenTheyAreNone) {
  for (const auto* extension : {".png", ".jpg", ".tiff", ".bmp", ".webp", ".pgm"}) {
    const auto bytes = test::encoded(test::signatureDrawing(), extension);
    const auto here = decodeHere(bytes, {});
    const auto confined = ImageDecoder::shared().decode(bytes);
    ASSERT_TRUE(here && confined) << extension;
    EXPECT_EQ(cv::norm(here->pixels, confined->pixels, cv::NORM_INF), 0) << extension;
    EXPECT_EQ(here->header.format, confined->header.format);
    EXPECT_EQ(here->header.dotsPerInch, confined->header.dotsPerInch);
  }
  const auto refused = ImageDecoder::shared().decode(told("no image"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, decodeHere(told("no image"), {}).error().message);
}

TEST_F(HostileImages, LeaveTheNextImageToBeRead) {
  for (const std::string harm : {"c", "a", "e", "E", "q", "Y", "1", "2", "3"}) {
    const auto image = m_decoder.decode(told(harm));
    ASSERT_FALSE(image) << harm;
    EXPECT_EQ(image.error().code, ErrorCode::ImageNotDecodable);
    EXPECT_NE(image.error().message.find("break down"), std::string::npos)
        << harm << image.error().message;
    expectToReadTheNext();
  }
}

TEST_F(HostileImages, AreEndedWhenTheyTakeTooLong) {
  const auto before = std::chrono::steady_clock::now();
  const auto image = m_decoder.decode(told("s"));
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("longer than"), std::string::npos) << image.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
  expectToReadTheNext();
}

TEST_F(HostileImages, GetNoFilesNetworkOrProcesses) {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "written";
  auto write = told("w" + file.string());
  write.push_back(0);
  for (const auto& harm : {
         told("r"), write, told("n"), told("f"), told("t"), told("x"), told("k"), told("m"),
             told("o"),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
             told("g"),
#endif
             told("k")
       }) {
    const auto image = m_decoder.decode(harm);
    ASSERT_FALSE(image) << harm[0];
    EXPECT_NE(image.error().message, "Reached.") << harm[0];
    EXPECT_NE(image.error().code, ErrorCode::BackendFailure) << image.error().message;
    expectToReadTheNext();
  }
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(HostileImages, FindNothingOfTheImageBefore) {
  for (const auto* extension : {".png", ".jpg", ".tiff", ".bmp"}) {
    for (const auto& before : {test::signatureDrawing(), cv::Mat(2000, 3000, CV_8UC3, {1, 2, 3})}) {
      ASSERT_TRUE(m_decoder.decode(test::encoded(before, extension)));
      EXPECT_EQ(m_decoder.decode(told("p")).error().message, "Not reached.") << extension;
    }
  }
}

TEST_F(HostileImages, AnswerForNoneButThemselves) {
  EXPECT_EQ(m_decoder.decode(told("l")).error().message, "Forged.");
  for (int i = 0; i < 3; ++i) expectToReadTheNext();
  EXPECT_FALSE(m_decoder.decode(told("y")));
  for (int i = 0; i < 3; ++i) expectToReadTheNext();
}

TEST_F(HostileImages, SayNoMoreThanALine) {
  EXPECT_EQ(m_decoder.decode(told("4")).error().message, "Two lines.");
}

TEST_F(HostileImages, DoNotMatterToTheNextHelper) {
  const auto before = children();
  expectToReadTheNext();
  int ended = 0;
  for (const auto process : children()) {
    if (!before.contains(process) && ::kill(process, SIGKILL) == 0) ++ended;
  }
  EXPECT_EQ(ended, 1);
  expectToReadTheNext();
}

TEST_F(HostileImages, LeaveNoProcessAndNoFileOpen) {
  const auto processes = children();
  const auto files = openDescriptors();
  for (int i = 0; i < 3; ++i) {
    ImageDecoder decoder(COUNTERSIGN_HOSTILE_DECODER);
    decoder.start();
    EXPECT_TRUE(decoder.decode(m_image));
  }
  EXPECT_EQ(children(), processes);
  EXPECT_EQ(openDescriptors(), files);
}

TEST_F(HostileImages, BreakNoOtherThread) {
  std::vector<std::future<int>> threads;
  threads.reserve(6);
  for (int thread = 0; thread < 6; ++thread)
    threads.push_back(std::async(std::launch::async, [this, thread] {
      const auto bytes =
          test::encoded(cv::Mat(40 + thread, 50, CV_8UC1, cv::Scalar(thread)), ".png");
      int right = 0;
      for (int i = 0; i < 20; ++i) {
        if (i % 7 == thread) { EXPECT_FALSE(m_decoder.decode(told("c"))); }
        const auto image = m_decoder.decode(bytes);
        right += image && image->pixels.rows == 40 + thread &&
                         cv::countNonZero(image->pixels != thread) == 0
                     ? 1
                     : 0;
      }
      return right;
    }));
  for (auto& thread : threads) EXPECT_EQ(thread.get(), 20);
}

TEST_F(HostileImages, AreNotReadWithoutAHelper) {
  ImageDecoder none("/nowhere/countersign-decoder");
  none.start();
  const auto image = none.decode(m_image);
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("Install Countersign again."), std::string::npos);
}

TEST_F(HostileImages, MayBeAsLargeAsTheMemoryThatIsShared) {
  const cv::Mat page(8000, 5000, CV_8UC3, cv::Scalar(9, 90, 200));
  const auto bytes = test::encoded(page, ".png");
  for (int round = 0; round < 2; ++round) {
    const auto image = ImageDecoder::shared().decode(bytes);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(cv::norm(image->pixels, page, cv::NORM_INF), 0);
  }
  EXPECT_FALSE(m_decoder.decode(Bytes((std::size_t{64} << 20U) + 1)));
}

}  // namespace
}  // namespace countersign
