// SPDX-License-Identifier: GPL-3.0-or-later
//
// What it costs that images are decoded in processes of their own: medians of both ways in turn,
// for files as they come from scanners and cameras.
#include <cstdio>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/imaging/ImageDecoder.h"
#include "core/imaging/internal/ImageDecoders.h"
#include "tests/benchmarks/Timing.h"

namespace countersign {

namespace {

struct Scan {
  const char* name;
  int width;
  int height;
  int type;
  const char* extension;
};

std::vector<std::uint8_t> fileOf(const Scan& scan) {
  constexpr int kGrain = 8;
  cv::Mat noise(scan.height / kGrain, scan.width / kGrain, scan.type);
  cv::theRNG().state = 1;
  cv::randu(noise, 100, 255);
  cv::Mat picture;
  cv::resize(noise, picture, {scan.width, scan.height}, 0, 0, cv::INTER_CUBIC);
  std::vector<std::uint8_t> bytes;
  cv::imencode(scan.extension, picture, bytes);
  return bytes;
}

int run() {
  constexpr int kRounds = 31;
  auto& decoder = ImageDecoder::shared();
  std::printf("%-34s %10s %10s %10s\n", "ms, median of 31", "here", "confined", "more");
  for (const auto& scan : {Scan{"signature, 600 x 250, PNG", 600, 250, CV_8UC1, ".png"},
                           Scan{"photo, 1280 x 960, JPEG", 1280, 960, CV_8UC3, ".jpg"},
                           Scan{"A4 at 300 dpi, grey, PNG", 2480, 3508, CV_8UC1, ".png"},
                           Scan{"A4 at 300 dpi, colour, JPEG", 2480, 3508, CV_8UC3, ".jpg"},
                           Scan{"photo, 4000 x 3000, JPEG", 4000, 3000, CV_8UC3, ".jpg"},
                           Scan{"A4 at 600 dpi, grey, TIFF", 4960, 7016, CV_8UC1, ".tiff"}}) {
    const auto bytes = fileOf(scan);
    std::vector<double> here;
    std::vector<double> confined;
    for (int round = 0; round < kRounds; ++round) {
      bool isRead = true;
      here.push_back(milliseconds([&] { isRead = decodeHere(bytes, {}).has_value(); }));
      confined.push_back(
          milliseconds([&] { isRead = isRead && decoder.decode(bytes).has_value(); }));
      if (!isRead) {
        std::fprintf(stderr, "%s was not read.\n", scan.name);
        return 2;
      }
    }
    const double a = median(here);
    const double b = median(confined);
    std::printf("%-34s %10.2f %10.2f %10.2f\n", scan.name, a, b, b - a);
  }
  return 0;
}

}  // namespace

}  // namespace countersign

int main() { return countersign::run(); }
