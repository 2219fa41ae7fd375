// SPDX-License-Identifier: GPL-3.0-or-later
//
// Detectors of faces side by side, on the same pictures in one run and on one core: the shipped
// one, OpenCV's Haar cascade and, where it is installed, dlib's frontal detector. Each line tells
// the milliseconds a picture takes, the faces missed, and the detections where no face is. Start it
// as:
//   OPENBLAS_NUM_THREADS=1 build/release/bin/face_benchmark
// COUNTERSIGN_FACES is a folder of photos (250 x 250, a face in the middle of each; drawn ones
// otherwise), COUNTERSIGN_PAGES one of pages without faces (left out otherwise), and
// COUNTERSIGN_EVERY takes only every n-th photo for the copies that are changed (default 8).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#ifdef COUNTERSIGN_DLIB
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/opencv.h>
#endif

#include "core/corpus/SyntheticFace.h"
#include "core/imaging/FaceDetector.h"
#include "core/imaging/ImageFile.h"
#include "core/metric/Backend.h"
#include "core/metric/EmbeddingNetwork.h"
#include "tests/support/FaceNetwork.h"

namespace countersign {
namespace {

/// A picture, and where the face in it is, if there is one.
struct Scene {
  cv::Mat picture;
  std::optional<cv::Point2f> face;
};
using Scenes = std::vector<Scene>;
using Boxes = std::vector<cv::Rect2f>;

std::vector<cv::Mat> picturesBelow(const char* folder, std::size_t every) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto kind = entry.path().extension();
    if (kind == ".jpg" || kind == ".png" || kind == ".pgm") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<cv::Mat> pictures;
  for (std::size_t i = 0; i < files.size(); i += every) {
    const auto image = readImage(files[i]);
    if (!image) continue;
    pictures.push_back(image->pixels);
    if (pictures.back().channels() == 1)
      cv::cvtColor(pictures.back(), pictures.back(), cv::COLOR_GRAY2BGR);
  }
  return pictures;
}

const std::vector<cv::Mat>& photos() {
  static const auto instance = [] {
    if (const char* folder = std::getenv("COUNTERSIGN_FACES")) return picturesBelow(folder, 1);
    std::vector<cv::Mat> drawn;
    for (std::uint64_t person = 0; person < 100; ++person)
      for (std::uint64_t i = 0; i < 3; ++i)
        drawn.push_back(SyntheticFace(1, person).snapshot(i).picture);
    return drawn;
  }();
  return instance;
}

std::vector<cv::Mat> somePhotos() {
  const char* text = std::getenv("COUNTERSIGN_EVERY");
  const auto every = static_cast<std::size_t>(std::max(1, text ? std::atoi(text) : 8));
  std::vector<cv::Mat> some;
  for (std::size_t i = 0; i < photos().size(); i += every) some.push_back(photos()[i]);
  return some;
}

cv::Point2f middle(const cv::Mat& picture) {
  return {static_cast<float>(picture.cols) / 2, static_cast<float>(picture.rows) / 2};
}

Scenes changed(const std::function<Scene(const cv::Mat&)>& change) {
  Scenes scenes;
  for (const auto& photo : somePhotos()) scenes.push_back(change(photo));
  return scenes;
}

Scenes turned(double degrees) {
  return changed([degrees](const cv::Mat& photo) {
    cv::Mat to;
    cv::warpAffine(photo, to, cv::getRotationMatrix2D(middle(photo), degrees, 1), photo.size(),
                   cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    return Scene{to, middle(to)};
  });
}

Scenes offCentre() {
  return changed([](const cv::Mat& photo) {
    cv::Mat to(2 * photo.rows, 2 * photo.cols, CV_8UC3, cv::Scalar::all(128));
    const cv::Rect corner(photo.cols, 0, photo.cols, photo.rows);
    photo.copyTo(to(corner));
    return Scene{to, middle(photo) + cv::Point2f(static_cast<float>(photo.cols), 0)};
  });
}

/// Eyes of a View-1 photo are some 42 pixels apart: they come to be 24.
Scenes small() {
  return changed([](const cv::Mat& photo) {
    cv::Mat little;
    cv::resize(photo, little, {}, 0.57, 0.57, cv::INTER_AREA);
    cv::Mat to(photo.size(), CV_8UC3, cv::Scalar::all(128));
    little.copyTo(to(cv::Rect({20, 40}, little.size())));
    return Scene{to, middle(little) + cv::Point2f(20, 40)};
  });
}

Scenes dim() {
  return changed([](const cv::Mat& photo) { return Scene{photo / 4, middle(photo)}; });
}

Scenes asTheyAre() {
  Scenes scenes;
  for (const auto& photo : photos()) scenes.push_back({photo, middle(photo)});
  return scenes;
}

/// Noise of a random coarseness and contrast.
Scenes textures() {
  Scenes scenes;
  cv::RNG random(7);
  for (int i = 0; i < 200; ++i) {
    const int side = 4 << random.uniform(0, 6);
    cv::Mat noise(side, side, CV_8UC3);
    random.fill(noise, cv::RNG::NORMAL, random.uniform(60, 200), random.uniform(10, 80));
    cv::resize(noise, noise, {250, 250}, 0, 0, cv::INTER_CUBIC);
    scenes.push_back({noise, {}});
  }
  return scenes;
}

Scenes pages() {
  Scenes scenes;
  for (auto& page : picturesBelow(std::getenv("COUNTERSIGN_PAGES"), 1))
    scenes.push_back({std::move(page), {}});
  return scenes;
}

Boxes byCountersign(const cv::Mat& picture) {
  static const auto detector = FaceDetector::of(test::shippedDetector());
  const auto faces = detector->detect(picture);
  Boxes boxes;
  for (const auto& face : *faces) boxes.push_back(face.box);
  return boxes;
}

#ifdef COUNTERSIGN_HAAR
/// OpenCV's own settings, a neighbour more than its default so that fewer textures are faces.
Boxes byHaar(const cv::Mat& picture) {
  static auto cascade = [] {
    cv::CascadeClassifier loaded(COUNTERSIGN_HAAR);
    if (loaded.empty()) throw std::runtime_error("Debian's opencv-data is not installed.");
    return loaded;
  }();
  cv::Mat grey;
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
  cv::equalizeHist(grey, grey);
  std::vector<cv::Rect> found;
  cascade.detectMultiScale(grey, found, 1.1, 4);
  return {found.begin(), found.end()};
}
#endif

#ifdef COUNTERSIGN_DLIB
std::vector<dlib::rectangle> dlibFaces(const cv::Mat& picture) {
  static auto detector = dlib::get_frontal_face_detector();
  return detector(dlib::cv_image<dlib::bgr_pixel>(picture));
}

Boxes byDlib(const cv::Mat& picture) {
  Boxes boxes;
  for (const auto& r : dlibFaces(picture))
    boxes.emplace_back(static_cast<float>(r.left()), static_cast<float>(r.top()),
                       static_cast<float>(r.width()), static_cast<float>(r.height()));
  return boxes;
}

/// Detection, 68 landmarks, and the chip that dlib's networks look at.
void BM_ChipByDlib(benchmark::State& state) {
  dlib::shape_predictor predictor;
  dlib::deserialize(COUNTERSIGN_DLIB_LANDMARKS) >> predictor;
  const auto some = somePhotos();
  std::size_t i = 0;
  for (auto _ : state) {
    const dlib::cv_image<dlib::bgr_pixel> picture(some[i++ % some.size()]);
    for (const auto& box : dlibFaces(some[(i - 1) % some.size()])) {
      dlib::array2d<dlib::rgb_pixel> chip;
      dlib::extract_image_chip(
          picture, dlib::get_face_chip_details(predictor(picture, box), 150, 0.25), chip);
      benchmark::DoNotOptimize(chip);
    }
  }
}
BENCHMARK(BM_ChipByDlib)->Unit(benchmark::kMillisecond);
#endif

const EmbeddingNetwork& network() {
  static const EmbeddingNetwork instance = [] {
    auto loaded = EmbeddingNetwork::load(test::shippedFaceNetwork());
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *std::move(loaded);
  }();
  return instance;
}

/// Detection, landmarks, quality and the chip; then the embedding, too.
void BM_ChipByCountersign(benchmark::State& state) {
  const auto some = somePhotos();
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(network().read(some[i++ % some.size()]));
}
BENCHMARK(BM_ChipByCountersign)->Unit(benchmark::kMillisecond);

void BM_EmbeddingByCountersign(benchmark::State& state) {
  const auto some = somePhotos();
  std::size_t i = 0;
  for (auto _ : state) {
    const auto sample = network().read(some[i++ % some.size()]);
    if (sample && sample->isComparable) benchmark::DoNotOptimize(network().embed(sample->canvas));
  }
}
BENCHMARK(BM_EmbeddingByCountersign)->Unit(benchmark::kMillisecond);

void detect(benchmark::State& state, const std::function<Boxes(const cv::Mat&)>& detector,
            const std::function<Scenes()>& make) {
  const auto scenes = make();
  int missed = 0;
  int elsewhere = 0;
  for (auto _ : state) {
    missed = 0;
    elsewhere = 0;
    for (const auto& scene : scenes) {
      bool isFound = false;
      for (const auto& box : detector(scene.picture)) {
        const bool isFace = scene.face && box.contains(*scene.face);
        isFound = isFound || isFace;
        elsewhere += isFace ? 0 : 1;
      }
      missed += scene.face && !isFound ? 1 : 0;
    }
  }
  state.counters["pictures"] = static_cast<double>(scenes.size());
  state.counters["missed"] = missed;
  state.counters["elsewhere"] = elsewhere;
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(scenes.size()),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void registerDetectors() {
  struct Set {
    std::string name;
    std::function<Scenes()> make;
  };
  std::vector<Set> sets{{"as they are", asTheyAre}};
  for (const int degrees : {-45, -30, -15, 15, 30, 45})
    sets.push_back({"turned by " + std::to_string(degrees), [degrees] { return turned(degrees); }});
  sets.insert(sets.end(),
              {{"off-centre", offCentre}, {"small", small}, {"dim", dim}, {"textures", textures}});
  if (std::getenv("COUNTERSIGN_PAGES")) sets.push_back({"pages", pages});
  const std::vector<std::pair<std::string, std::function<Boxes(const cv::Mat&)>>> detectors{
      {"Countersign", byCountersign},
#ifdef COUNTERSIGN_HAAR
      {"Haar", byHaar},
#endif
#ifdef COUNTERSIGN_DLIB
      {"dlib", byDlib},
#endif
  };
  for (const auto& set : sets)
    for (const auto& [name, detector] : detectors)
      benchmark::RegisterBenchmark(
          (set.name + "/" + name).c_str(),
          [by = detector, make = set.make](benchmark::State& state) { detect(state, by, make); })
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace countersign

int main(int argc, char** argv) {
  countersign::setComputeThreads(1);
  cv::setNumThreads(1);
  countersign::registerDetectors();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
