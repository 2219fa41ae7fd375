// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceReading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

namespace countersign {

namespace {

using Reason = FaceQualityReason;

// Of the 2 409 photos of LFW's View 1, taken by the press, about one in 300 lies beyond each of the
// limits that only warn.
constexpr double kLeastEyeDistance = 16;  // pixels; below, hardly anything is left to compare
constexpr double kGoodEyeDistance = 28;   // the chip has 35: less is blown up
constexpr double kFarthestYaw = 60;       // degrees
constexpr double kFarthestPitch = 55;
constexpr double kGoodYaw = 40;
constexpr double kGoodPitch = 40;
constexpr double kLeastInside = 0.55;  // of the chip
constexpr double kLeastSharpness = 0.14;
constexpr double kDark = 60;
constexpr double kOverexposed = 210;
constexpr double kSureFace = 0.97;
constexpr double kBystander = 1.0 / 3;  // so much smaller faces are behind the one that is meant

double degrees(double radians) { return radians * 180 / std::numbers::pi; }

/// Eyes, nose tip and corners of the mouth of an average head: to the beholder's right, down, and
/// towards the beholder, in distances of the eyes.
constexpr std::array<std::array<double, 3>, 5> kHead{
    {{-0.5, 0, 0}, {0.5, 0, 0}, {0, 0.63, 0.48}, {-0.41, 1.16, 0.08}, {0.41, 1.16, 0.08}}};

cv::Point2d middleOf(const DetectedFace& face) {
  const auto& l = face.landmarks;
  return (cv::Point2d(l.leftEye) + cv::Point2d(l.rightEye) + cv::Point2d(l.noseTip)) / 3;
}

/// The face that is meant, or the reason why none is.
Result<std::optional<std::size_t>> choose(const std::vector<DetectedFace>& faces, cv::Size picture,
                                          const FaceChoice& choice, FaceQuality& quality) {
  const auto none = std::optional<std::size_t>{};
  if (choice.kind == FaceChoice::Kind::Number &&
      (choice.number < 1 || static_cast<std::size_t>(choice.number) > faces.size()))
    return Error{ErrorCode::OptionOutOfRange,
                 "There is no face number " + std::to_string(choice.number) +
                     " in this picture; it shows " + std::to_string(faces.size()) + ".",
                 ""};
  if (faces.empty()) {
    quality.reasons.push_back(Reason::NoFace);
    return none;
  }
  const auto best = [&](auto&& better) {
    return std::optional(static_cast<std::size_t>(
        std::min_element(faces.begin(), faces.end(), better) - faces.begin()));
  };
  const auto isLarger = [](const DetectedFace& a, const DetectedFace& b) {
    return a.eyeDistance() > b.eyeDistance();
  };
  switch (choice.kind) {
    case FaceChoice::Kind::Number:
      return std::optional(static_cast<std::size_t>(choice.number) - 1);
    case FaceChoice::Kind::MostCentral:
      return best([&](const DetectedFace& a, const DetectedFace& b) {
        const cv::Point2d middle(picture.width / 2.0, picture.height / 2.0);
        return cv::norm(middleOf(a) - middle) < cv::norm(middleOf(b) - middle);
      });
    case FaceChoice::Kind::Largest:
      return best(isLarger);
    case FaceChoice::Kind::Only:
      break;
  }
  const auto largest = best(isLarger);
  const double least = kBystander * faces[*largest].eyeDistance();
  const auto rivals = std::count_if(faces.begin(), faces.end(), [&](const DetectedFace& face) {
    return face.eyeDistance() >= least;
  });
  if (rivals == 1) return largest;
  quality.reasons.push_back(Reason::SeveralFaces);
  return none;
}

/// Share of the chip that a picture of this size covers.
double insideShare(cv::Size picture, const cv::Matx23d& transform) {
  cv::Mat covered;
  cv::warpAffine(cv::Mat(picture, CV_8UC1, cv::Scalar(255)), covered, transform,
                 {kFaceChipSize, kFaceChipSize}, cv::INTER_NEAREST, cv::BORDER_CONSTANT);
  return cv::countNonZero(covered) / static_cast<double>(covered.total());
}

/// The part of the chip that is face on everybody: from the brows to the chin.
cv::Mat innerFace(const cv::Mat& chip) {
  cv::Mat grey;
  cv::cvtColor(chip, grey, cv::COLOR_BGR2GRAY);
  return grey(cv::Rect(24, 32, 64, 72));
}

double sharpnessOf(const cv::Mat& inner) {
  cv::Mat fine;
  cv::Laplacian(inner, fine, CV_32F);
  cv::Scalar mean;
  cv::Scalar details;
  cv::Scalar contrast;
  cv::meanStdDev(fine, mean, details);
  cv::meanStdDev(inner, mean, contrast);
  return details[0] / std::max(1.0, contrast[0]);
}

void judge(FaceQuality& quality) {
  const auto add = [&](bool isSo, Reason reason) {
    if (isSo) quality.reasons.push_back(reason);
  };
  const double yaw = std::abs(quality.yaw);
  const double pitch = std::abs(quality.pitch);
  const bool isExtreme = yaw > kFarthestYaw || pitch > kFarthestPitch;
  add(quality.insideShare < kLeastInside, Reason::CutOff);
  add(quality.eyeDistance < kLeastEyeDistance, Reason::TooSmall);
  add(quality.eyeDistance >= kLeastEyeDistance && quality.eyeDistance < kGoodEyeDistance,
      Reason::Small);
  add(isExtreme, Reason::Profile);
  add(!isExtreme && (yaw > kGoodYaw || pitch > kGoodPitch), Reason::Turned);
  add(quality.sharpness < kLeastSharpness, Reason::Blurred);
  add(quality.brightness < kDark, Reason::Dark);
  add(quality.brightness > kOverexposed, Reason::Overexposed);
  add(quality.detectionScore < kSureFace, Reason::Covered);
}

}  // namespace

std::string_view faceQualitySentence(FaceQualityReason reason) {
  switch (reason) {
    case Reason::NoFace:
      return "No face was found in this picture; choose one that shows both eyes and the mouth.";
    case Reason::SeveralFaces:
      return "There is more than one face in this picture; choose one of them.";
    case Reason::CutOff:
      return "Part of the face lies outside the picture; choose one that shows all of it.";
    case Reason::TooSmall:
      return "The face is too small; choose a picture with at least 28 pixels between the eyes.";
    case Reason::Small:
      return "The face is small; with 28 pixels or more between the eyes it could be told better.";
    case Reason::Profile:
      return "The face is turned so far that half of it is hidden; only references that are seen "
             "from the same side tell anything.";
    case Reason::Turned:
      return "The face is turned aside; references that are turned alike make the score more "
             "certain.";
    case Reason::Blurred:
      return "The face is blurred.";
    case Reason::Dark:
      return "The face is dark.";
    case Reason::Overexposed:
      return "The face is overexposed.";
    case Reason::Covered:
      return "Something may cover a part of the face.";
  }
  return "";
}

bool FaceQuality::isComparable() const {
  return std::all_of(reasons.begin(), reasons.end(), [](Reason r) { return r >= Reason::Small; });
}

std::string FaceQuality::text() const {
  std::string all;
  for (const auto reason : reasons) {
    if (!all.empty()) all += ' ';
    all += faceQualitySentence(reason);
  }
  return all;
}

std::optional<FacePose> facePose(const FaceLandmarks& landmarks) {
  const auto points = landmarks.points();
  cv::Matx<double, 5, 4> head;
  cv::Matx<double, 5, 2> seen;
  for (int i = 0; i < 5; ++i) {
    const auto at = static_cast<std::size_t>(i);
    for (int j = 0; j < 3; ++j) head(i, j) = kHead[at][static_cast<std::size_t>(j)];
    head(i, 3) = 1;
    seen(i, 0) = points[at].x;
    seen(i, 1) = points[at].y;
  }
  cv::Mat fit;  // 4 × 2: where the head's axes and its middle are seen
  cv::solve(cv::Mat(head), cv::Mat(seen), fit, cv::DECOMP_SVD);
  const auto axis = [&](int row) {
    return cv::Point2d(fit.at<double>(row, 0), fit.at<double>(row, 1));
  };
  // Seen from afar a turned head keeps its size: the rows of a rotation have unit length.
  const double size = (cv::norm(cv::Vec3d(axis(0).x, axis(1).x, axis(2).x)) +
                       cv::norm(cv::Vec3d(axis(0).y, axis(1).y, axis(2).y))) /
                      2;
  if (!(size > 0) || !std::isfinite(size)) return {};
  const auto across = points[1] - points[0];
  const double roll = std::atan2(across.y, across.x);
  const auto nose = axis(2) / size;
  const double right = nose.x * std::cos(roll) + nose.y * std::sin(roll);
  const double down = nose.y * std::cos(roll) - nose.x * std::sin(roll);
  return FacePose{degrees(std::asin(std::clamp(right, -1.0, 1.0))),
                  degrees(std::asin(std::clamp(-down, -1.0, 1.0))), degrees(roll)};
}

Result<FaceReading> readFace(const FaceDetector& detector, const cv::Mat& picture,
                             const SampleRegion& region) {
  const auto part = selectRegion(picture, region);
  if (!part) return part.error();
  auto faces = detector.detect(*part);
  if (!faces) return faces.error();
  FaceReading reading{*std::move(faces), {}, {}, {}};
  std::stable_sort(reading.faces.begin(), reading.faces.end(),
                   [](const auto& a, const auto& b) { return middleOf(a).x < middleOf(b).x; });
  const auto chosen = choose(reading.faces, part->size(), region.face, reading.quality);
  if (!chosen) return chosen.error();
  reading.chosen = *chosen;
  if (!reading.chosen) return reading;
  const auto& face = reading.faces[*reading.chosen];
  const auto transform = faceTransform(face.landmarks);
  const auto pose = facePose(face.landmarks);
  auto chip = alignFace(*part, face.landmarks);
  if (!transform || !pose || !chip) {
    reading.chosen.reset();
    reading.quality.reasons.push_back(Reason::NoFace);
    return reading;
  }
  reading.chip = *std::move(chip);
  auto& quality = reading.quality;
  quality.detectionScore = face.detectionScore;
  quality.eyeDistance = face.eyeDistance();
  quality.yaw = pose->yaw;
  quality.pitch = pose->pitch;
  quality.roll = pose->roll;
  quality.insideShare = insideShare(part->size(), *transform);
  const auto inner = innerFace(reading.chip);
  quality.brightness = cv::mean(inner)[0];
  quality.sharpness = sharpnessOf(inner);
  judge(quality);
  return reading;
}

}  // namespace countersign
