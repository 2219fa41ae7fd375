// SPDX-License-Identifier: GPL-3.0-or-later
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/imaging/ImageFile.h"
#include "core/imaging/internal/ByteReader.h"
#include "core/imaging/internal/ImageDecoders.h"

namespace countersign {

namespace {

constexpr double kInchPerMetre = 0.0254;
constexpr double kInchPerCentimetre = 2.54;

Error damaged(std::string_view format, std::string_view what) {
  return {ErrorCode::ImageNotDecodable,
          "The " + std::string(format) + " image is damaged or cut off: " + std::string(what) + ".",
          ""};
}

std::optional<double> usableResolution(double dotsPerInch) {
  constexpr double kLowest = 30;  // 1 and 72 "dpi" in headers mean nothing, but 72 may be true
  constexpr double kHighest = 10'000;
  if (std::isfinite(dotsPerInch) && dotsPerInch >= kLowest && dotsPerInch <= kHighest)
    return dotsPerInch;
  return std::nullopt;
}

/// The few TIFF tags that matter, of a TIFF file or of an EXIF block (which is a small TIFF file).
struct TiffTags {
  bool isValid = false;
  std::int64_t width = 0;
  std::int64_t height = 0;
  int orientation = 1;
  int bitsPerSample = 1;
  int samplesPerPixel = 1;
  int photometric = 1;
  bool isPlanar = false;
  bool isTiled = false;
  std::optional<double> dotsPerInch;
};

TiffTags readTiffTags(std::span<const std::uint8_t> bytes) {
  TiffTags tags;
  const bool isBig = ByteReader(bytes).matches(0, "MM");
  const ByteReader reader(bytes, isBig);
  constexpr int kMagic = 42;
  if (bytes.size() < 8 || (!isBig && !reader.matches(0, "II")) || reader.u16(2) != kMagic)
    return tags;
  const std::size_t directory = reader.u32(4);
  const std::size_t count = reader.u16(directory);
  constexpr std::size_t kEntrySize = 12;
  if (count == 0 || !reader.has(directory + 2, count * kEntrySize)) return tags;
  tags.isValid = true;
  double unit = 1;
  double resolution = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t entry = directory + 2 + i * kEntrySize;
    constexpr int kShort = 3;
    const int type = reader.u16(entry + 2);
    const std::uint32_t value = type == kShort ? reader.u16(entry + 8) : reader.u32(entry + 8);
    switch (reader.u16(entry)) {
      case 256:
        tags.width = value;
        break;
      case 257:
        tags.height = value;
        break;
      // More than two samples keep their bit depths elsewhere.
      case 258:
        tags.bitsPerSample =
            reader.u32(entry + 4) > 2 ? reader.u16(reader.u32(entry + 8)) : static_cast<int>(value);
        break;
      case 262:
        tags.photometric = static_cast<int>(value);
        break;
      case 274:
        if (value >= 1 && value <= 8) tags.orientation = static_cast<int>(value);
        break;
      case 277:
        tags.samplesPerPixel = static_cast<int>(value);
        break;
      case 282: {
        const double denominator = reader.u32(reader.u32(entry + 8) + std::size_t{4});
        if (denominator > 0) resolution = reader.u32(reader.u32(entry + 8)) / denominator;
        break;
      }
      case 284:
        tags.isPlanar = value == 2;
        break;
      case 322:
        tags.isTiled = true;
        break;
      case 296:
        unit = value == 3 ? kInchPerCentimetre : 1;
        break;
      default:
        break;
    }
  }
  tags.dotsPerInch = usableResolution(resolution * unit);
  return tags;
}

void applyExif(std::span<const std::uint8_t> exif, ImageHeader& header) {
  const auto tags = readTiffTags(exif);
  if (!tags.isValid) return;
  header.orientation = tags.orientation;
  if (tags.dotsPerInch) header.dotsPerInch = tags.dotsPerInch;
}

Result<ImageHeader> readPng(std::span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes);
  ImageHeader header{.format = ImageFormat::Png};
  constexpr std::size_t kSignature = 8;
  constexpr std::size_t kOverhead = 12;  // length, name, checksum
  bool hasTransparency = false;
  bool hasImageData = false;
  for (std::size_t at = kSignature;;) {
    const std::size_t length = reader.u32(at);
    if (!reader.has(at, kOverhead) || !reader.has(at + kOverhead, length))
      return damaged("PNG", "it ends before its last part");
    const auto body = reader.slice(at + 8, length);
    const auto checked = reader.slice(at + 4, length + 4);
    if (::crc32(0, checked.data(), static_cast<uInt>(checked.size())) !=
        reader.u32(at + 8 + length))
      return damaged("PNG", "a checksum is wrong");
    const ByteReader chunk(body);
    if (at == kSignature) {
      if (!reader.matches(at + 4, "IHDR") || length != 13)
        return damaged("PNG", "its header is missing");
      header.width = chunk.u32(0);
      header.height = chunk.u32(4);
      const int colour = chunk.u8(9);
      header.channels = colour == 0 ? 1 : colour == 4 || colour == 6 ? 4 : 3;
    } else if (reader.matches(at + 4, "tRNS")) {
      hasTransparency = true;
    } else if (reader.matches(at + 4, "pHYs") && length == 9 && chunk.u8(8) == 1) {
      header.dotsPerInch = usableResolution(std::round(chunk.u32(0) * kInchPerMetre));
    } else if (reader.matches(at + 4, "eXIf")) {
      applyExif(body, header);
    } else if (reader.matches(at + 4, "IDAT")) {
      hasImageData = true;
    } else if (reader.matches(at + 4, "IEND")) {
      break;
    }
    at += kOverhead + length;
  }
  if (!hasImageData) return damaged("PNG", "it holds no picture");
  if (hasTransparency) header.channels = 4;
  return header;
}

/// Where the entropy-coded data that starts at `at` ends: the position of the next marker that is
/// neither stuffing nor a restart marker, or the end of the file.
std::size_t endOfScan(std::span<const std::uint8_t> bytes, std::size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    if (bytes[at] != 0xFF) continue;
    const auto next = bytes[at + 1];
    const bool isData = next == 0x00 || next == 0xFF || (next >= 0xD0 && next <= 0xD7);
    if (!isData) return at;
  }
  return bytes.size();
}

/// What the segments of a JPEG say, beyond the header that callers see.
struct JpegFrame {
  bool isProgressive = false;
  int components = 0;
  double samplesPerPixel = 0;  ///< Of all components, subsampling counted.
};

void readFrame(int marker, const ByteReader& segment, ImageHeader& header, JpegFrame& frame) {
  if (frame.components > 0) return;  // decoders go by the first one
  header.height = segment.u16(1);
  header.width = segment.u16(3);
  frame.components = segment.u8(5);
  frame.isProgressive = marker == 0xC2 || marker == 0xC6 || marker == 0xCA || marker == 0xCE;
  header.channels = frame.components == 1 ? 1 : frame.components == 4 ? 4 : 3;
  double samples = 0;
  unsigned widest = 1;
  unsigned highest = 1;
  for (int i = 0; i < frame.components; ++i) {
    const unsigned factors = segment.u8(7 + 3 * static_cast<std::size_t>(i));
    samples += (factors >> 4U) * (factors & 15U);
    widest = std::max(widest, factors >> 4U);
    highest = std::max(highest, factors & 15U);
  }
  frame.samplesPerPixel = samples / (widest * highest);
}

void readJpegSegment(int marker, std::span<const std::uint8_t> body, ImageHeader& header,
                     JpegFrame& frame) {
  const ByteReader segment(body);
  const bool isFrame =
      marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  if (isFrame) {
    readFrame(marker, segment, header, frame);
  } else if (marker == 0xDA) {
    // More than one scan: every coefficient is kept until the last, in two bytes.
    constexpr double kCoefficientBytes = 2;
    if (frame.isProgressive || segment.u8(0) < frame.components)
      header.extraBytesPerPixel = kCoefficientBytes * frame.samplesPerPixel;
  } else if (marker == 0xE0 && segment.matches(0, "JFIF")) {
    const double unit = segment.u8(7) == 1 ? 1 : segment.u8(7) == 2 ? kInchPerCentimetre : 0;
    if (!header.dotsPerInch) header.dotsPerInch = usableResolution(segment.u16(8) * unit);
  } else if (marker == 0xE1 && segment.matches(0, "Exif")) {
    constexpr std::size_t kExifName = 6;
    applyExif(body.subspan(std::min(kExifName, body.size())), header);
  }
}

Result<ImageHeader> readJpeg(std::span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes);
  ImageHeader header{.format = ImageFormat::Jpeg};
  JpegFrame frame;
  int scans = 0;
  for (std::size_t at = 2;;) {
    if (!reader.has(at, 2)) return damaged("JPEG", "it has no end");
    if (reader.u8(at) != 0xFF) return damaged("JPEG", "a marker is missing");
    const int marker = reader.u8(at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xD9) break;
    const std::size_t length = reader.u16(at + 2);
    if (length < 2 || !reader.has(at + 2, length)) return damaged("JPEG", "it ends in its header");
    readJpegSegment(marker, reader.slice(at + 4, length - 2), header, frame);
    at += 2 + length;
    if (marker != 0xDA) continue;
    constexpr int kMostScans = 64;  // encoders write about ten
    if (++scans > kMostScans) return damaged("JPEG", "it has too many scans");
    at = endOfScan(bytes, at);
  }
  if (scans == 0 || header.width == 0 || header.height == 0)
    return damaged("JPEG", "it holds no picture");
  return header;
}

Result<ImageHeader> readTiff(std::span<const std::uint8_t> bytes) {
  const auto tags = readTiffTags(bytes);
  if (!tags.isValid) return damaged("TIFF", "its directory lies outside the file");
  ImageHeader header{.format = ImageFormat::Tiff,
                     .width = tags.width,
                     .height = tags.height,
                     .orientation = tags.orientation,
                     .dotsPerInch = tags.dotsPerInch};
  // Read row by row as they are; anything else passes through 4 bytes a pixel, and its samples too.
  constexpr int kRgb = 2;
  const bool isGrey = tags.samplesPerPixel == 1 && tags.photometric < kRgb &&
                      (tags.bitsPerSample == 1 || tags.bitsPerSample == 8);
  const bool isColour =
      tags.samplesPerPixel == 3 && tags.photometric == kRgb && tags.bitsPerSample == 8;
  const bool isPlain = !tags.isTiled && !tags.isPlanar && (isGrey || isColour);
  header.channels = !isPlain ? 4 : isGrey ? 1 : 3;
  // Both are what the file says, up to 32 bits each.
  if (!isPlain)
    header.extraBytesPerPixel =
        static_cast<double>(tags.bitsPerSample) * tags.samplesPerPixel / 8.0;
  return header;
}

Result<ImageHeader> readBmp(std::span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes, /*isBigEndian=*/false);
  const std::size_t offset = reader.u32(10);
  const std::size_t headerSize = reader.u32(14);
  constexpr std::size_t kInfoHeader = 40;
  if (headerSize < kInfoHeader || !reader.has(14, headerSize) || offset >= reader.size())
    return damaged("BMP", "its header is not complete");
  const auto width = static_cast<std::int32_t>(reader.u32(18));
  const auto height = static_cast<std::int32_t>(reader.u32(22));
  const int bits = reader.u16(28);
  const auto compression = reader.u32(30);
  // OpenCV asserts these, and says so on stderr.
  constexpr std::uint32_t kMostColours = 256;
  constexpr std::uint32_t kBitFields = 3;
  const bool isDepth =
      bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
  constexpr std::int64_t kLongestSide = 1'000'000;
  if (!isDepth || reader.u32(46) > kMostColours || width > kLongestSide ||
      std::abs(std::int64_t{height}) > kLongestSide)
    return damaged("BMP", "its header makes no sense");
  if (compression != 0 && compression != kBitFields)
    return Error{ErrorCode::ImageNotDecodable,
                 "Compressed BMP files are not read; save the image as PNG.", ""};
  ImageHeader header{.format = ImageFormat::Bmp,
                     .width = width,
                     .height = std::abs(std::int64_t{height}),
                     .channels = bits == 32 ? 4 : 3,
                     .dotsPerInch = usableResolution(std::round(reader.u32(38) * kInchPerMetre))};
  constexpr std::int64_t kRowAlignment = 32;
  const auto rowBytes = (width * std::int64_t{bits} + kRowAlignment - 1) / kRowAlignment * 4;
  if (width > 0 && rowBytes * header.height > static_cast<std::int64_t>(reader.size() - offset))
    return damaged("BMP", "it ends before its last row");
  return header;
}

Result<ImageHeader> readWebP(std::span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes, /*isBigEndian=*/false);
  if (!reader.has(8, reader.u32(4))) return damaged("WebP", "it ends before its last part");
  ImageHeader header{.format = ImageFormat::WebP, .channels = 4};
  const auto end = std::size_t{8} + reader.u32(4);
  for (std::size_t at = 12; at + 8 <= end;) {
    const std::size_t length = reader.u32(at + 4);
    const ByteReader chunk(reader.slice(at + 8, length), /*isBigEndian=*/false);
    if (chunk.size() != length) return damaged("WebP", "a part lies outside the file");
    if (reader.matches(at, "VP8X")) {
      header.width = chunk.u24(4) + 1;
      header.height = chunk.u24(7) + 1;
    } else if (reader.matches(at, "VP8 ") && header.width == 0) {
      header.width = chunk.u16(6) & 0x3FFFU;
      header.height = chunk.u16(8) & 0x3FFFU;
      header.channels = 3;
    } else if (reader.matches(at, "VP8L") && header.width == 0) {
      header.width = (chunk.u32(1) & 0x3FFFU) + 1;
      header.height = ((chunk.u32(1) >> 14U) & 0x3FFFU) + 1;
    } else if (reader.matches(at, "EXIF")) {
      applyExif(reader.slice(at + 8, length), header);
    }
    at += 8 + length + length % 2;
  }
  return header;
}

}  // namespace

std::string_view imageFormatName(ImageFormat format) {
  constexpr std::array<std::string_view, 6> kNames{"PNG", "JPEG", "TIFF", "BMP", "WebP", "PNM"};
  return kNames.at(static_cast<std::size_t>(format));
}

Result<ImageHeader> readImageHeader(std::span<const std::uint8_t> bytes) {
  const ByteReader reader(bytes);
  auto header = [&]() -> Result<ImageHeader> {
    if (reader.matches(0, "\x89PNG\r\n\x1A\n")) return readPng(bytes);
    if (reader.matches(0, "\xFF\xD8\xFF")) return readJpeg(bytes);
    if (reader.matches(0, "II*") || reader.matches(0, "MM")) return readTiff(bytes);
    if (reader.matches(0, "BM")) return readBmp(bytes);
    if (reader.matches(0, "RIFF") && reader.matches(8, "WEBP")) return readWebP(bytes);
    if (reader.matches(0, "P5") || reader.matches(0, "P6")) return readPnmHeader(bytes);
    return Error{
        ErrorCode::ImageNotDecodable,
        "This is not an image that Countersign reads (PNG, JPEG, TIFF, BMP, WebP, PGM or PPM).",
        ""};
  }();
  if (header && (header->width < 1 || header->height < 1))
    return damaged(imageFormatName(header->format), "it says that it has no pixels");
  return header;
}

}  // namespace countersign
