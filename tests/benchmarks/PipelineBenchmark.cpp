// SPDX-License-Identifier: GPL-3.0-or-later
//
// Time from a file to a verdict and of its parts, on one core, for a scan of 1000 x 300 pixels.
// Start it as: OPENBLAS_NUM_THREADS=1 build/release/bin/pipeline_benchmark
#include <benchmark/benchmark.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/biometrics/Verifier.h"
#include "core/corpus/SyntheticSigner.h"
#include "core/metric/Backend.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"

namespace countersign {
namespace {

/// A scan in colour with the noise of a scanner, as PNG, 1000 x 300.
struct Scan {
  cv::Mat pixels;
  test::TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "scan.png";

  Scan() {
    const SyntheticSigner signer(3, 1);
    const cv::Mat drawing = drawPen(signer.genuine(0), {.longerSide = 640, .strokeWidth = 0.008});
    const double scale = std::min(900.0 / drawing.cols, 260.0 / drawing.rows);
    cv::Mat part;
    cv::resize(drawing, part, {}, scale, scale, cv::INTER_AREA);
    cv::Mat page(300, 1000, CV_8UC1, cv::Scalar(255));
    part.copyTo(page(cv::Rect(40, 20, part.cols, part.rows)));
    pixels = scanOf(page, {.ink = {150, 60, 40}, .noise = 2}, 1);
    test::writeBytes(path, test::encoded(pixels, ".png"));
  }
};

const Scan& scan() {
  static const Scan instance;
  return instance;
}

const EmbeddingNetwork& network() {
  static const EmbeddingNetwork instance = [] {
    setComputeThreads(1);
    auto loaded =
        EmbeddingNetwork::load(COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors");
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *std::move(loaded);
  }();
  return instance;
}

void BM_Read(benchmark::State& state) {
  network();
  for (auto _ : state) benchmark::DoNotOptimize(readImage(scan().path));
}
BENCHMARK(BM_Read)->Unit(benchmark::kMillisecond);

void BM_Normalise(benchmark::State& state) {
  network();
  for (auto _ : state) benchmark::DoNotOptimize(normaliseSignature(scan().pixels));
}
BENCHMARK(BM_Normalise)->Unit(benchmark::kMillisecond);

void BM_Embed(benchmark::State& state) {
  const auto canvas = normaliseSignature(scan().pixels)->canvas;
  for (auto _ : state) benchmark::DoNotOptimize(network().embed(canvas));
}
BENCHMARK(BM_Embed)->Unit(benchmark::kMillisecond);

void BM_Compare(benchmark::State& state) {
  const auto canvas = normaliseSignature(scan().pixels)->canvas;
  const auto sample = network().embed(canvas);
  for (auto _ : state) benchmark::DoNotOptimize(network().score(*sample, *sample));
}
BENCHMARK(BM_Compare)->Unit(benchmark::kMicrosecond);

void BM_FileToVerdict(benchmark::State& state) {
  const Verifier verifier(network());
  const auto reference = verifier.acquire(scan().path)->embedded;
  for (auto _ : state) {
    const auto probe = verifier.acquire(scan().path);
    benchmark::DoNotOptimize(verifier.verify(probe->embedded, {reference}, verifier.defaultRule()));
  }
}
BENCHMARK(BM_FileToVerdict)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace countersign
