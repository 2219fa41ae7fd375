// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/ImageFile.h"

#include <gtest/gtest.h>

#include <chrono>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/File.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

/// Grey, wider than high, with a dark mark in its upper left corner.
cv::Mat cornerMark() {
  cv::Mat image(40, 64, CV_8UC1, cv::Scalar(230));
  image(cv::Rect(0, 0, 16, 8)).setTo(20);
  return image;
}

double differenceOf(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.type() != b.type()) return 1e9;
  return cv::norm(a, b, cv::NORM_INF);
}

cv::Mat grey(const cv::Mat& image) {
  if (image.channels() == 1) return image;
  cv::Mat result;
  cv::cvtColor(image, result, cv::COLOR_BGR2GRAY);
  return result;
}

class ImageFormats : public testing::TestWithParam<std::string> {};

TEST_P(ImageFormats, AreReadWithTheirPixels) {
  cv::Mat colour(40, 64, CV_8UC3, cv::Scalar(200, 120, 40));
  colour(cv::Rect(8, 8, 20, 20)).setTo(cv::Scalar(10, 60, 220));
  const auto image = decodeImage(test::encoded(colour, GetParam()));
  ASSERT_TRUE(image) << image.error().message << image.error().detail;
  ASSERT_EQ(image->pixels.type(), CV_8UC3);
  ASSERT_EQ(image->pixels.size(), colour.size());
  const double mean = cv::norm(image->pixels, colour, cv::NORM_L1) / (3.0 * 40 * 64);
  EXPECT_LT(mean, GetParam() == ".jpg" || GetParam() == ".webp" ? 6 : 0.01);
}

TEST_P(ImageFormats, AreRefusedWhenTheyAreCutOffAnywhere) {
  const auto whole = test::encoded(test::signatureDrawing(), GetParam());
  for (int percent = 0; percent < 100; percent += 3) {
    const auto size = whole.size() * static_cast<std::size_t>(percent) / 100;
    const auto image = decodeImage(std::span(whole).first(size));
    ASSERT_FALSE(image) << percent << " % of " << GetParam();
    EXPECT_EQ(image.error().code, ErrorCode::ImageNotDecodable);
    EXPECT_TRUE(image.error().message.ends_with('.')) << image.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ImageFormats,
                         testing::Values(".png", ".jpg", ".tiff", ".bmp", ".webp", ".ppm"),
                         [](const auto& param) { return param.param.substr(1); });

TEST(ImageFile, ReadsGreyMapsWithCommentsAndFewTones) {
  const auto read = [](const std::string& head, std::initializer_list<std::uint8_t> pixels) {
    Bytes bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), pixels.begin(), pixels.end());
    return decodeImage(bytes);
  };
  const auto image = read("P5\n# by hand\n3 2 # wide\n100\n", {0, 50, 100, 100, 0, 0});
  ASSERT_TRUE(image) << image.error().message;
  const cv::Mat expected = (cv::Mat_<uchar>(2, 3) << 0, 128, 255, 255, 0, 0);
  EXPECT_LE(differenceOf(image->pixels, expected), 1);
  EXPECT_FALSE(read("P5 3 2 100\n", {0, 50, 100, 100, 0}));
  EXPECT_FALSE(read("P5 3 2 65535\n", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(read("P6 999999999999 2 255\n", {0}));
  EXPECT_FALSE(read("P5 100000 900000 255\n", {0}));
  EXPECT_FALSE(read("P5 0 2 255\n", {}));
  EXPECT_FALSE(read("P5", {}));
}

TEST(ImageFile, StandsUprightWhateverTheExifOrientation) {
  // What a viewer must show for each value, from the stored picture (EXIF 2.32, tag 0x0112).
  const cv::Mat stored = cornerMark();
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto image = decodeImage(test::jpegWithExif(stored, orientation, 300));
    ASSERT_TRUE(image) << image.error().message;
    cv::Mat expected = stored.clone();
    const bool isTransposed = orientation >= 5;
    if (isTransposed) cv::transpose(expected, expected);
    const bool mirrorX =
        orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    const bool mirrorY =
        orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    if (mirrorX) cv::flip(expected, expected, 1);
    if (mirrorY) cv::flip(expected, expected, 0);
    EXPECT_LT(differenceOf(image->pixels, expected), 60) << "orientation " << orientation;
    EXPECT_EQ(image->header.dotsPerInch, 300);
  }
}

TEST(ImageFile, ReadsSixteenBitsAsTheSameTones) {
  cv::Mat deep(20, 30, CV_16UC1, cv::Scalar(0x8080));
  const auto image = decodeImage(test::encoded(deep, ".png"));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->pixels.type(), CV_8UC1);
  EXPECT_NEAR(cv::mean(image->pixels)[0], 0x80, 1);
}

TEST(ImageFile, ReadsOneBitAndGroup4Fax) {
  cv::Mat mask = test::signatureDrawing() > 128;
  const auto fax = decodeImage(test::faxTiff(mask));
  ASSERT_TRUE(fax) << fax.error().message << fax.error().detail;
  EXPECT_EQ(differenceOf(fax->pixels, mask), 0);
  EXPECT_EQ(fax->header.dotsPerInch, 204);
  std::vector<uchar> png;
  cv::imencode(".png", mask, png, {cv::IMWRITE_PNG_BILEVEL, 1});
  const auto bilevel = decodeImage(png);
  ASSERT_TRUE(bilevel);
  EXPECT_EQ(differenceOf(bilevel->pixels, mask), 0);
}

TEST(ImageFile, LaysTransparencyOnTheGroundThatShowsTheInk) {
  cv::Mat inkOnNothing(40, 64, CV_8UC4, cv::Scalar(255, 255, 255, 0));
  inkOnNothing(cv::Rect(10, 10, 20, 4)).setTo(cv::Scalar(0, 0, 0, 255));
  const auto dark = decodeImage(test::encoded(inkOnNothing, ".png"));
  ASSERT_TRUE(dark);
  EXPECT_EQ(grey(dark->pixels).at<uchar>(0, 0), 255);
  EXPECT_EQ(grey(dark->pixels).at<uchar>(11, 15), 0);

  inkOnNothing(cv::Rect(10, 10, 20, 4)).setTo(cv::Scalar(255, 255, 255, 255));
  const auto light = decodeImage(test::encoded(inkOnNothing, ".png"));
  ASSERT_TRUE(light);
  EXPECT_EQ(grey(light->pixels).at<uchar>(0, 0), 0);
  EXPECT_EQ(grey(light->pixels).at<uchar>(11, 15), 255);
}

TEST(ImageFile, IgnoresTextsThatWouldInflate) {
  auto png = test::encoded(cornerMark(), ".png");
  const auto bomb = test::pngTextBomb(8U << 20U);
  for (int i = 0; i < 40; ++i) png.insert(png.begin() + 33, bomb.begin(), bomb.end());
  const auto before = std::chrono::steady_clock::now();
  const auto image = decodeImage(png);
  ASSERT_TRUE(image) << image.error().detail;
  EXPECT_EQ(differenceOf(image->pixels, cornerMark()), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(500));
}

TEST(ImageFile, RefusesAJpegWithTooManyScans) {
  auto jpeg = test::encoded(cornerMark(), ".jpg");
  const Bytes scan{0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0};
  for (int i = 0; i < 100; ++i) jpeg.insert(jpeg.end() - 2, scan.begin(), scan.end());
  EXPECT_FALSE(decodeImage(jpeg));
}

// Found by tests/fuzz: bits times samples were more than a number holds, and so the limits were
// not.
TEST(ImageFile, RefusesATiffWhoseBitsAreBeyondAllMeasure) {
  const auto bytes =
      readFile(COUNTERSIGN_SOURCE_DIR "/tests/data/images/bits-beyond-all-measure.tiff", 1U << 20U);
  ASSERT_TRUE(bytes);
  const auto header = readImageHeader(*bytes);
  ASSERT_TRUE(header);
  EXPECT_GT(header->extraBytesPerPixel, 1e10);
  EXPECT_FALSE(decodeImage(*bytes));
}

TEST(ImageFile, ReadsGreyAndColourTiffAtSixHundredDpi) {
  const cv::Mat page(7016, 4960, CV_8UC1, cv::Scalar(240));
  const auto image = decodeImage(test::encoded(page, ".tiff"));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->pixels.type(), CV_8UC1);
  EXPECT_EQ(image->pixels.at<uchar>(7000, 4900), 240);
}

TEST(ImageFile, DecidesByContentNotByName) {
  const test::TemporaryFolder folder;
  test::writeBytes(folder.path() / "photo.jpg", test::encoded(cornerMark(), ".png"));
  const auto image = readImage(folder.path() / "photo.jpg");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->header.format, ImageFormat::Png);
  test::writeBytes(folder.path() / "text.png", {'h', 'e', 'l', 'l', 'o'});
  const auto text = readImage(folder.path() / "text.png");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("text.png"), std::string::npos);
}

TEST(ImageFile, ReadsAnyUnicodePath) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "\xE7\xBD\xB2\xE5\x90\x8D \xC3\xA9.png";
  test::writeBytes(path, test::encoded(cornerMark(), ".png"));
  EXPECT_TRUE(readImage(path));
}

TEST(ImageFile, RefusesBombsBeforeDecodingThem) {
  for (const auto& [width, height] :
       {std::pair{100'000U, 100'000U}, {0xFFFFFFFFU, 0xFFFFFFFFU}, {40'000U, 1'001U}, {0U, 10U}}) {
    const auto image = decodeImage(test::pngClaiming(width, height));
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::ImageNotDecodable);
  }
  // Small enough in pixels, but too large once decoded to four channels.
  const ImageLimits tight{.decodedBytes = 10'000};
  EXPECT_FALSE(
      decodeImage(test::encoded(cv::Mat(60, 60, CV_8UC4, cv::Scalar::all(9)), ".png"), tight));
  EXPECT_TRUE(
      decodeImage(test::encoded(cv::Mat(60, 60, CV_8UC1, cv::Scalar::all(9)), ".png"), tight));
}

TEST(ImageFile, RefusesAFlippedBitInAPng) {
  auto png = test::encoded(test::signatureDrawing(), ".png");
  png[png.size() / 2] ^= 0x10U;
  EXPECT_FALSE(decodeImage(png));
}

}  // namespace
}  // namespace countersign
