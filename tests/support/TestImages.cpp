// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/TestImages.h"

#include <tiffio.h>
#include <zlib.h>

#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "core/corpus/SyntheticSigner.h"
#include "tests/support/TemporaryFolder.h"

namespace countersign::test {

namespace {

void putBig32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

/// Appends a number of `count` bytes, the highest first.
void append(Bytes& bytes, std::uint32_t value, unsigned count) {
  for (unsigned i = count; i > 0; --i)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

}  // namespace

cv::Mat signatureDrawing(std::uint64_t number, std::uint64_t index) {
  return drawPen(SyntheticSigner(11, number).genuine(index));
}

Bytes encoded(const cv::Mat& image, const std::string& extension) {
  Bytes bytes;
  cv::Mat picture = image;
  if (extension == ".ppm" && image.channels() == 1)  // there is no other in it
    cv::cvtColor(image, picture, cv::COLOR_GRAY2BGR);
  cv::imencode(extension, picture, bytes);
  return bytes;
}

std::filesystem::path writeVideo(const std::filesystem::path& path,
                                 const std::vector<cv::Mat>& frames, double perSecond) {
  cv::VideoWriter writer(path.string(), cv::CAP_FFMPEG, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'),
                         perSecond, frames.front().size());
  for (const auto& frame : frames) writer.write(frame);
  return path;
}

Bytes jpegWithExif(const cv::Mat& image, int orientation, int dotsPerInch) {
  auto jpeg = encoded(image, ".jpg");
  Bytes block{'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 3};
  constexpr std::uint32_t kShort = 3;
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t value) {
    append(block, tag, 2);
    append(block, type, 2);
    append(block, 1, 4);
    append(block, type == kShort ? value << 16U : value, 4);
  };
  constexpr std::uint32_t kAfterDirectory = 8 + 2 + 3 * 12 + 4;
  entry(274, kShort, static_cast<std::uint32_t>(orientation));
  entry(282, 5, kAfterDirectory);
  entry(296, kShort, 2);
  append(block, 0, 4);
  append(block, static_cast<std::uint32_t>(dotsPerInch), 4);
  append(block, 1, 4);
  Bytes segment{0xFF, 0xE1};
  append(segment, static_cast<std::uint32_t>(block.size() + 2), 2);
  segment.insert(segment.end(), block.begin(), block.end());
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

Bytes faxTiff(const cv::Mat& mask) {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "fax.tiff").string();
  TIFF* tiff = TIFFOpen(path.c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, mask.cols);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, mask.rows);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, mask.rows);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_CCITTFAX4);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
  TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 204.0);
  TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  Bytes row(static_cast<std::size_t>(mask.cols + 7) / 8);
  for (int y = 0; y < mask.rows; ++y) {
    std::fill(row.begin(), row.end(), std::uint8_t{0});
    for (int x = 0; x < mask.cols; ++x) {
      if (mask.at<uchar>(y, x) < 128)
        row[static_cast<std::size_t>(x) / 8] |= static_cast<std::uint8_t>(0x80U >> (x % 8));
    }
    TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0);
  }
  TIFFClose(tiff);
  return *readFile(path, 1U << 26U);
}

Bytes pngClaiming(std::uint32_t width, std::uint32_t height) {
  auto png = encoded(cv::Mat(16, 16, CV_8UC1, cv::Scalar(255)), ".png");
  putBig32(png, 16, width);
  putBig32(png, 20, height);
  putBig32(png, 29, static_cast<std::uint32_t>(::crc32(0, png.data() + 12, 17)));
  return png;
}

Bytes pngTextBomb(std::size_t size) {
  const Bytes text(size, 'a');
  auto packedSize = ::compressBound(static_cast<uLong>(size));
  Bytes packed(packedSize);
  ::compress(packed.data(), &packedSize, text.data(), static_cast<uLong>(size));
  Bytes chunk;
  append(chunk, static_cast<std::uint32_t>(packedSize + 3), 4);
  for (const char c : {'z', 'T', 'X', 't', 'k', '\0', '\0'})
    chunk.push_back(static_cast<std::uint8_t>(c));
  for (uLong i = 0; i < packedSize; ++i) chunk.push_back(packed[i]);
  append(
      chunk,
      static_cast<std::uint32_t>(::crc32(0, chunk.data() + 4, static_cast<uInt>(chunk.size() - 4))),
      4);
  return chunk;
}

void writeBytes(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace countersign::test
