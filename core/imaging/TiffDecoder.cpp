// SPDX-License-Identifier: GPL-3.0-or-later
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "core/imaging/internal/ImageDecoders.h"

namespace countersign {

namespace {

/// A file in memory, as libtiff wants to read it.
struct MemoryFile {
  std::span<const std::uint8_t> bytes;
  std::uint64_t position = 0;
  std::string complaint;
};

MemoryFile& fileOf(thandle_t handle) { return *static_cast<MemoryFile*>(handle); }

tmsize_t readSome(thandle_t handle, void* buffer, tmsize_t size) {
  auto& file = fileOf(handle);
  if (size < 0 || file.position >= file.bytes.size()) return 0;
  const auto count =
      std::min<std::uint64_t>(static_cast<std::uint64_t>(size), file.bytes.size() - file.position);
  std::memcpy(buffer, file.bytes.data() + file.position, count);
  file.position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t writeNothing(thandle_t, void*, tmsize_t) { return -1; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  auto& file = fileOf(handle);
  const std::uint64_t base = whence == SEEK_CUR   ? file.position
                             : whence == SEEK_END ? file.bytes.size()
                                                  : 0;
  return file.position = base + offset;
}

int closeNothing(thandle_t) { return 0; }
toff_t sizeOf(thandle_t handle) { return fileOf(handle).bytes.size(); }

[[gnu::format(printf, 4, 0)]] int keepComplaint(TIFF*, void* user, const char*, const char* format,
                                                va_list arguments) {
  char text[256];
  std::vsnprintf(text, sizeof(text), format, arguments);
  static_cast<MemoryFile*>(user)->complaint = text;
  return 1;
}
int ignoreWarning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using TiffHandle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

TiffHandle open(MemoryFile& file) {
  constexpr tmsize_t kLargestAllocation = tmsize_t{128} << 20U;
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kLargestAllocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &keepComplaint, &file);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &ignoreWarning, &file);
  // 'm' forbids memory mapping: the bytes are in memory already.
  return {TIFFClientOpenExt("image", "rm", &file, &readSome, &writeNothing, &seek, &closeNothing,
                            &sizeOf, nullptr, nullptr, options.get()),
          &TIFFClose};
}

/// What libtiff itself makes of the tags: the header was read by other code, and must agree.
struct Layout {
  std::uint16_t bits = 1;
  std::uint16_t samples = 1;
  std::uint16_t photometric = PHOTOMETRIC_MINISWHITE;
  std::uint16_t planar = PLANARCONFIG_CONTIG;

  explicit Layout(TIFF* tiff) {
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  }

  bool isPlain(TIFF* tiff, int channels) const {
    const bool isGrey =
        samples == 1 && photometric <= PHOTOMETRIC_MINISBLACK && (bits == 1 || bits == 8);
    const bool isColour = samples == 3 && photometric == PHOTOMETRIC_RGB && bits == 8;
    return TIFFIsTiled(tiff) == 0 && planar == PLANARCONFIG_CONTIG && samples == channels &&
           (isGrey || isColour);
  }
};

void copyRow(const std::vector<std::uint8_t>& row, const Layout& layout, int width, uchar* out) {
  const unsigned flip = layout.photometric == PHOTOMETRIC_MINISWHITE ? 255U : 0U;
  for (int x = 0; x < width; ++x) {
    const auto i = static_cast<std::size_t>(x);
    if (layout.samples == 3) {
      for (std::size_t c = 0; c < 3; ++c) out[3 * i + c] = row[3 * i + 2 - c];
    } else if (layout.bits == 8) {
      out[i] = static_cast<uchar>(row[i] ^ flip);
    } else {
      const unsigned bit = (row[i / 8] >> (7U - i % 8U)) & 1U;
      out[i] = static_cast<uchar>((bit != 0 ? 255U : 0U) ^ flip);
    }
  }
}

/// Grey, colour and fax pages row by row: as RGBA, a page at 600 dpi would take several times the
/// memory.
bool readPlain(TIFF* tiff, const Layout& layout, cv::Mat& pixels) {
  const auto needed =
      (static_cast<std::size_t>(pixels.cols) * layout.bits * layout.samples + 7) / 8;
  const auto scanline = static_cast<std::size_t>(TIFFScanlineSize(tiff));
  if (scanline < needed || scanline > needed + 64) return false;
  std::vector<std::uint8_t> row(scanline);
  for (int y = 0; y < pixels.rows; ++y) {
    if (TIFFReadScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0) != 1) return false;
    copyRow(row, layout, pixels.cols, pixels.ptr(y));
  }
  return true;
}

/// libtiff's RGBA is multiplied by alpha; the callers expect it is not.
cv::Vec4b plainBgra(std::uint32_t abgr) {
  const unsigned alpha = TIFFGetA(abgr);
  const auto plain = [&](unsigned value) {
    return static_cast<uchar>(alpha == 0 ? 0U : std::min(255U, value * 255U / alpha));
  };
  return {plain(TIFFGetB(abgr)), plain(TIFFGetG(abgr)), plain(TIFFGetR(abgr)),
          static_cast<uchar>(alpha)};
}

bool readAnything(TIFF* tiff, cv::Mat& pixels, std::string& complaint) {
  TIFFRGBAImage image;
  char message[1024] = "";
  if (TIFFRGBAImageOK(tiff, message) == 0 || TIFFRGBAImageBegin(&image, tiff, 1, message) == 0) {
    complaint = message;
    return false;
  }
  image.req_orientation = image.orientation;  // as stored; the caller turns the picture
  const bool isRead =
      TIFFRGBAImageGet(&image, pixels.ptr<std::uint32_t>(), static_cast<std::uint32_t>(pixels.cols),
                       static_cast<std::uint32_t>(pixels.rows)) == 1;
  TIFFRGBAImageEnd(&image);
  for (int y = 0; isRead && y < pixels.rows; ++y) {
    auto* row = pixels.ptr<cv::Vec4b>(y);
    for (int x = 0; x < pixels.cols; ++x) {
      std::uint32_t abgr = 0;
      std::memcpy(&abgr, row[x].val, sizeof(abgr));
      row[x] = plainBgra(abgr);
    }
  }
  return isRead;
}

}  // namespace

Result<cv::Mat> decodeTiff(std::span<const std::uint8_t> bytes, const ImageHeader& header) {
  MemoryFile file{bytes};
  const auto tiff = open(file);
  if (!tiff) return notDecodable(ImageFormat::Tiff, file.complaint);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
  if (width != header.width || height != header.height)
    return notDecodable(ImageFormat::Tiff, "its size is not what its first directory says");
  file.complaint.clear();  // about tags that decide nothing
  const Layout layout(tiff.get());
  const bool isPlain = layout.isPlain(tiff.get(), header.channels);
  if (!isPlain && header.channels != 4)
    return notDecodable(ImageFormat::Tiff, "its tags contradict each other");
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC(header.channels));
  const bool isRead = isPlain ? readPlain(tiff.get(), layout, pixels)
                              : readAnything(tiff.get(), pixels, file.complaint);
  if (!isRead || !file.complaint.empty()) return notDecodable(ImageFormat::Tiff, file.complaint);
  return pixels;
}

}  // namespace countersign
