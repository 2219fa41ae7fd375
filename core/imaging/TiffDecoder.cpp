// SPDX-License-Identifier: GPL-3.0-or-later
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <opencv2/core.hpp>
#include <string>

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

int keepComplaint(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  char text[256];
  std::vsnprintf(text, sizeof(text), format, arguments);
  static_cast<MemoryFile*>(user)->complaint = text;
  return 1;
}
int ignoreWarning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using TiffHandle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

TiffHandle open(MemoryFile& file) {
  constexpr tmsize_t kLargestAllocation = tmsize_t{256} << 20U;
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

/// Fax pages row by row: a page at 600 dpi would take four times the memory as RGBA.
bool readBilevel(TIFF* tiff, cv::Mat& pixels) {
  std::uint16_t photometric = PHOTOMETRIC_MINISWHITE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
  const unsigned flip = photometric == PHOTOMETRIC_MINISWHITE ? 1U : 0U;
  std::vector<std::uint8_t> row(static_cast<std::size_t>(TIFFScanlineSize(tiff)));
  if (row.size() * 8 < static_cast<std::size_t>(pixels.cols)) return false;
  for (int y = 0; y < pixels.rows; ++y) {
    if (TIFFReadScanline(tiff, row.data(), static_cast<std::uint32_t>(y), 0) != 1) return false;
    auto* out = pixels.ptr(y);
    for (int x = 0; x < pixels.cols; ++x) {
      const auto byte = row[static_cast<std::size_t>(x) / 8];
      const auto bit = (byte >> (7U - static_cast<unsigned>(x) % 8U)) & 1U;
      out[x] = (bit ^ flip) != 0 ? 255 : 0;
    }
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
      std::memcpy(&abgr, &row[x], sizeof(abgr));
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
  cv::Mat pixels(static_cast<int>(height), static_cast<int>(width), CV_8UC(header.channels));
  const bool isBilevel = header.channels == 1 && TIFFIsTiled(tiff.get()) == 0;
  if (header.channels == 1 && !isBilevel)
    pixels.create(static_cast<int>(height), static_cast<int>(width), CV_8UC4);
  const bool isRead = isBilevel ? readBilevel(tiff.get(), pixels)
                                : readAnything(tiff.get(), pixels, file.complaint);
  if (!isRead || !file.complaint.empty()) return notDecodable(ImageFormat::Tiff, file.complaint);
  return pixels;
}

}  // namespace countersign
