// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceDetector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "core/imaging/TfliteNetwork.h"
#include "core/imaging/internal/SimilarityTransform.h"

namespace countersign {

namespace {

// Chosen on LFW's View 1, ORL and turned, small, dim and faceless copies of them.
constexpr double kNearThreshold = 0.60;       // BlazeFace, short range
constexpr double kFarThreshold = 0.35;        // BlazeFace, full range
constexpr double kConfirmedThreshold = 0.70;  // both passes of the last stage
constexpr std::size_t kMostCandidates = 16;
// The near network finds eyes that are at least 7 % of the picture's longer side apart. In larger
// pictures than this, faces that it cannot see are still good enough to be compared.
constexpr int kNearReach = 340;
constexpr double kOverlap = 0.3;  // boxes that overlap so much are of one face

// The network's own points: eyes, nose tip, middle of the mouth, and two of the ears.
constexpr std::size_t kPoints = 6;

struct Candidate {
  double score = 0;
  cv::Rect2d box;
  std::array<cv::Point2d, kPoints> points;
};

/// Where the anchors lie, as shares of the input's extent.
std::vector<cv::Point2d> anchorsOf(const std::vector<std::pair<int, int>>& grids) {
  std::vector<cv::Point2d> anchors;
  for (const auto& [cells, each] : grids) {
    for (int y = 0; y < cells; ++y) {
      for (int x = 0; x < cells; ++x) {
        for (int i = 0; i < each; ++i) anchors.emplace_back((x + 0.5) / cells, (y + 0.5) / cells);
      }
    }
  }
  return anchors;
}

double overlapOf(const cv::Rect2d& a, const cv::Rect2d& b) {
  const double common = (a & b).area();
  return common / (a.area() + b.area() - common + 1e-9);
}

/// Candidates of one face become their mean, weighted by score, with the best score.
std::vector<Candidate> merged(std::vector<Candidate> candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<Candidate> faces;
  while (!candidates.empty()) {
    const auto best = candidates.front();
    Candidate mean{best.score, {}, {}};
    double weight = 0;
    std::vector<Candidate> others;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const auto& each = candidates[i];
      if (i > 0 && overlapOf(best.box, each.box) <= kOverlap) {
        others.push_back(each);
        continue;
      }
      weight += each.score;
      mean.box.x += each.score * each.box.x;
      mean.box.y += each.score * each.box.y;
      mean.box.width += each.score * each.box.width;
      mean.box.height += each.score * each.box.height;
      for (std::size_t k = 0; k < kPoints; ++k) mean.points[k] += each.score * each.points[k];
    }
    mean.box = {mean.box.x / weight, mean.box.y / weight, mean.box.width / weight,
                mean.box.height / weight};
    for (auto& point : mean.points) point /= weight;
    faces.push_back(mean);
    candidates = std::move(others);
  }
  return faces;
}

/// One BlazeFace: the picture in a square with black bars, then boxes and points from its anchors.
struct Blaze {
  TfliteNetwork network;
  std::vector<cv::Point2d> anchors;

  Result<std::vector<Candidate>> find(const cv::Mat& rgb, double threshold) const {
    const int side = network.inputSize().width;
    const double scale = std::max(rgb.cols, rgb.rows) / static_cast<double>(side);
    const cv::Point2d corner((rgb.cols - scale * side) / 2, (rgb.rows - scale * side) / 2);
    const auto input = letterboxed(rgb, side, scale, corner);
    const auto outputs = network.run(input);
    if (!outputs) return outputs.error();
    constexpr std::size_t kNumbers = 4 + 2 * kPoints;
    if (outputs->size() != 2 || (*outputs)[0].size() != anchors.size() * kNumbers ||
        (*outputs)[1].size() != anchors.size())
      return Error{ErrorCode::BackendFailure, "The face detector does not fit its anchors.", ""};
    std::vector<Candidate> candidates;
    for (std::size_t i = 0; i < anchors.size(); ++i) {
      const double score = 1 / (1 + std::exp(-std::clamp<double>((*outputs)[1][i], -100, 100)));
      if (score < threshold) continue;
      const float* r = (*outputs)[0].data() + i * kNumbers;
      const auto place = [&](double x, double y) {
        return corner + scale * (cv::Point2d(x, y) + side * anchors[i]);
      };
      Candidate found{score, {}, {}};
      const cv::Point2d half(scale * r[2] / 2, scale * r[3] / 2);
      const auto centre = place(r[0], r[1]);
      found.box = {centre - half, centre + half};
      for (std::size_t k = 0; k < kPoints; ++k) found.points[k] = place(r[4 + 2 * k], r[5 + 2 * k]);
      candidates.push_back(found);
    }
    return merged(std::move(candidates));
  }

 private:
  static cv::Mat letterboxed(const cv::Mat& rgb, int side, double scale, cv::Point2d corner) {
    // Large pictures are halved first, or single pixels of them would be sampled.
    cv::Mat source = rgb;
    double shrunk = 1;
    while (scale / shrunk >= 2) {
      cv::Mat half;
      cv::resize(source, half, {(source.cols + 1) / 2, (source.rows + 1) / 2}, 0, 0,
                 cv::INTER_AREA);
      source = half;
      // Of the longer side: one of a single pixel cannot be halved.
      shrunk = rgb.cols > rgb.rows ? static_cast<double>(rgb.cols) / source.cols
                                   : static_cast<double>(rgb.rows) / source.rows;
    }
    const double s = scale / shrunk;
    // Pixel centres lie at halves.
    const cv::Matx23d toSource(s, 0, corner.x / shrunk + s / 2 - 0.5, 0, s,
                               corner.y / shrunk + s / 2 - 0.5);
    cv::Mat square;
    cv::warpAffine(source, square, toSource, {side, side}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                   cv::BORDER_CONSTANT);
    square.convertTo(square, CV_32FC3, 1 / 127.5, -1);
    return square;
  }
};

// Where the points of a face lie in the square that the last stage looks at, as shares of its side:
// eyes, nose tip, corners of the mouth. A tenth wider than it was trained on.
constexpr double kWidening = 1.1;
const std::array<cv::Point2d, 5> kCrop{
    {{0.32741, 0.38912}, {0.67259, 0.38912}, {0.5, 0.60362}, {0.335, 0.79425}, {0.665, 0.79425}}};

std::vector<cv::Point2d> widened(const std::vector<cv::Point2d>& points) {
  std::vector<cv::Point2d> wide;
  wide.reserve(points.size());
  const cv::Point2d middle(0.5, 0.5);
  for (const auto& point : points) wide.push_back(middle + kWidening * (point - middle));
  return wide;
}

struct Confirmation {
  double score = 0;
  std::vector<cv::Point2d> points;
};

/// Looks at the square that `from` (shares of its side) maps onto `to` (pixels).
Result<Confirmation> confirm(const TfliteNetwork& network, const cv::Mat& rgb,
                             const std::vector<cv::Point2d>& from,
                             const std::vector<cv::Point2d>& to) {
  const auto transform = similarityTransform(from, to);
  if (!transform) return Confirmation{};
  constexpr int kSide = 48;
  constexpr int kOversampling = 3;
  constexpr int kLarge = kSide * kOversampling;
  auto sampling = *transform;
  for (int row = 0; row < 2; ++row) {
    sampling(row, 0) /= kLarge;
    sampling(row, 1) /= kLarge;
    sampling(row, 2) += (sampling(row, 0) + sampling(row, 1)) / 2;
  }
  cv::Mat large;
  cv::warpAffine(rgb, large, sampling, {kLarge, kLarge}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_CONSTANT);
  cv::Mat crop;
  cv::resize(large, crop, {kSide, kSide}, 0, 0, cv::INTER_AREA);
  crop.convertTo(crop, CV_32FC3);
  // It was trained on well-lit faces.
  constexpr double kDark = 80;
  constexpr double kLit = 110;
  constexpr double kMostGain = 8;
  const auto inner = cv::mean(crop(cv::Rect(8, 8, 32, 32)));
  const double brightness = (inner[0] + inner[1] + inner[2]) / 3;
  if (brightness < kDark) {
    crop *= std::min(kMostGain, kLit / std::max(1.0, brightness));
    cv::min(crop, cv::Scalar::all(255), crop);
  }
  crop = (crop - cv::Scalar::all(127.5)) / 128;
  cv::Mat transposed;
  cv::transpose(crop, transposed);  // the weights come from a library whose images are so
  const auto outputs = network.run(transposed);
  if (!outputs) return outputs.error();
  constexpr std::size_t kFive = 5;
  if (outputs->size() != 3 || (*outputs)[0].size() != 2 || (*outputs)[2].size() != 2 * kFive)
    return Error{ErrorCode::BackendFailure, "The landmark network is another one.", ""};
  Confirmation found{(*outputs)[0][1], {}};
  for (std::size_t i = 0; i < kFive; ++i) {
    const cv::Vec3d share((*outputs)[2][i], (*outputs)[2][kFive + i], 1);
    const auto at = *transform * share;
    found.points.emplace_back(at[0] - 0.5, at[1] - 0.5);
  }
  return found;
}

std::vector<cv::Point2d> shifted(std::vector<cv::Point2d> points) {
  for (auto& point : points) point += cv::Point2d(0.5, 0.5);
  return points;
}

DetectedFace faceOf(const Confirmation& confirmed) {
  const auto point = [&](std::size_t i) { return cv::Point2f(confirmed.points[i]); };
  DetectedFace face{{point(0), point(1), point(2), point(3), point(4)}, {}, confirmed.score};
  const auto eyes = (face.landmarks.leftEye + face.landmarks.rightEye) * 0.5F;
  const auto mouth = (face.landmarks.leftMouthCorner + face.landmarks.rightMouthCorner) * 0.5F;
  const auto middle = (eyes + mouth) * 0.5F;
  const auto reach = static_cast<float>(1.4 * std::max(face.eyeDistance(), cv::norm(eyes - mouth)));
  face.box = {middle.x - reach, middle.y - reach, 2 * reach, 2 * reach};
  return face;
}

}  // namespace

double DetectedFace::eyeDistance() const {
  return cv::norm(landmarks.leftEye - landmarks.rightEye);
}

struct FaceDetector::Impl {
  Blaze near;
  Blaze far;
  TfliteNetwork landmarks;

  Status check() const {
    const cv::Mat nothing(48, 48, CV_8UC3, cv::Scalar::all(0));
    const std::vector<cv::Point2d> points(kCrop.begin(), kCrop.end());
    for (const auto* blaze : {&near, &far}) {
      if (const auto found = blaze->find(nothing, 1); !found)
        return Error{ErrorCode::FileMalformed, found.error().message, found.error().detail};
    }
    std::vector<cv::Point2d> places;
    places.reserve(points.size());
    for (const auto& point : points) places.push_back(48 * point);
    if (const auto found = confirm(landmarks, nothing, points, places); !found)
      return Error{ErrorCode::FileMalformed, found.error().message, found.error().detail};
    return ok();
  }

  /// The candidate as the last stage sees it; nothing when it is no face.
  Result<std::optional<DetectedFace>> confirmed(const cv::Mat& rgb,
                                                const Candidate& candidate) const {
    // Candidates have no corners of the mouth, but its middle.
    const std::vector<cv::Point2d> four{kCrop[0], kCrop[1], kCrop[2], (kCrop[3] + kCrop[4]) / 2};
    const std::vector<cv::Point2d> seen(candidate.points.begin(), candidate.points.begin() + 4);
    const auto first = confirm(landmarks, rgb, widened(four), shifted(seen));
    if (!first) return first.error();
    if (first->score < kConfirmedThreshold) return std::optional<DetectedFace>{};
    const std::vector<cv::Point2d> five(kCrop.begin(), kCrop.end());
    auto second = confirm(landmarks, rgb, widened(five), shifted(first->points));
    if (!second) return second.error();
    second->score = std::min(first->score, second->score);
    if (second->score < kConfirmedThreshold) return std::optional<DetectedFace>{};
    return std::optional(faceOf(*second));
  }

  Status add(const Blaze& blaze, double threshold, const cv::Mat& rgb,
             std::vector<DetectedFace>& faces) const {
    const auto candidates = blaze.find(rgb, threshold);
    if (!candidates) return candidates.error();
    for (std::size_t i = 0; i < std::min(kMostCandidates, candidates->size()); ++i) {
      const auto face = confirmed(rgb, (*candidates)[i]);
      if (!face) return face.error();
      if (!*face) continue;
      const auto middle = [](const DetectedFace& f) {
        return (f.landmarks.leftEye + f.landmarks.rightEye) * 0.5F;
      };
      const bool isNew = std::none_of(faces.begin(), faces.end(), [&](const DetectedFace& other) {
        return cv::norm(middle(**face) - middle(other)) <= other.eyeDistance() / 2;
      });
      if (isNew) faces.push_back(**face);
    }
    return ok();
  }
};

FaceDetector::FaceDetector(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
FaceDetector::FaceDetector(FaceDetector&&) noexcept = default;
FaceDetector& FaceDetector::operator=(FaceDetector&&) noexcept = default;
FaceDetector::~FaceDetector() = default;

Result<FaceDetectorFiles> FaceDetectorFiles::read(const std::filesystem::path& folder) {
  FaceDetectorFiles files;
  constexpr std::uintmax_t kLargest = std::uintmax_t{16} << 20U;
  for (const auto& [name, bytes] : {std::pair{"near.tflite", &files.near},
                                    {"far.tflite", &files.far},
                                    {"landmarks.tflite", &files.landmarks}}) {
    auto read = readFile(folder / name, kLargest);
    if (!read) return read.error();
    *bytes = *std::move(read);
  }
  return files;
}

Result<FaceDetector> FaceDetector::of(const FaceDetectorFiles& files) {
  const auto network = [](const Bytes& bytes) {
    return TfliteNetwork::of(std::as_bytes(std::span(bytes)));
  };
  auto near = network(files.near);
  if (!near) return near.error();
  auto far = network(files.far);
  if (!far) return far.error();
  auto landmarks = network(files.landmarks);
  if (!landmarks) return landmarks.error();
  auto impl = std::make_unique<Impl>(Impl{{*std::move(near), anchorsOf({{16, 2}, {8, 6}})},
                                          {*std::move(far), anchorsOf({{48, 1}})},
                                          *std::move(landmarks)});
  // A network that does not fit its place shows now, and not when a face is looked for.
  if (auto status = impl->check(); !status) return status.error();
  return FaceDetector(std::move(impl));
}

Result<std::vector<DetectedFace>> FaceDetector::detect(const cv::Mat& picture) const {
  cv::Mat rgb;
  cv::cvtColor(picture, rgb, picture.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB);
  std::vector<DetectedFace> faces;
  if (auto status = m_impl->add(m_impl->near, kNearThreshold, rgb, faces); !status)
    return status.error();
  if (faces.empty() || std::max(rgb.cols, rgb.rows) > kNearReach) {
    if (auto status = m_impl->add(m_impl->far, kFarThreshold, rgb, faces); !status)
      return status.error();
  }
  const cv::Point2f middle(static_cast<float>(rgb.cols) / 2, static_cast<float>(rgb.rows) / 2);
  const auto prominence = [&](const DetectedFace& face) {
    const auto& l = face.landmarks;
    const auto centre = (l.leftEye + l.rightEye + l.noseTip) / 3.0F;
    return face.eyeDistance() - 0.5 * cv::norm(centre - middle);
  };
  std::stable_sort(faces.begin(), faces.end(),
                   [&](const auto& a, const auto& b) { return prominence(a) > prominence(b); });
  return faces;
}

}  // namespace countersign
