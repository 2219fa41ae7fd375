// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceAligner.h"

#include <cmath>
#include <complex>
#include <opencv2/imgproc.hpp>

namespace countersign {

namespace {

using Complex = std::complex<double>;

Complex asComplex(const cv::Point2f& point) { return {point.x, point.y}; }

}  // namespace

FaceLandmarks faceTemplate() {
  return {{38.2946F, 51.6963F},
          {73.5318F, 51.5014F},
          {56.0252F, 71.7366F},
          {41.5493F, 92.3655F},
          {70.7299F, 92.2041F}};
}

Result<cv::Matx23d> faceTransform(const FaceLandmarks& landmarks) {
  const auto from = landmarks.points();
  const auto to = faceTemplate().points();
  Complex centreFrom;
  Complex centreTo;
  for (std::size_t i = 0; i < from.size(); ++i) {
    centreFrom += asComplex(from[i]) / static_cast<double>(from.size());
    centreTo += asComplex(to[i]) / static_cast<double>(to.size());
  }
  // In the complex plane a similarity without reflection is z -> a z + b, and the best a is a
  // quotient: Umeyama's singular value decomposition is not needed in two dimensions.
  Complex covariance;
  double spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto z = asComplex(from[i]) - centreFrom;
    covariance += std::conj(z) * (asComplex(to[i]) - centreTo);
    spread += std::norm(z);
  }
  const auto a = covariance / spread;
  const auto b = centreTo - a * centreFrom;
  constexpr double kSmallest = 1e-6;
  if (!(spread > kSmallest) || !(std::abs(a) > kSmallest) ||
      !std::isfinite(std::abs(a) + std::abs(b)))
    return Error{ErrorCode::QualityInsufficient, "The points that were found do not form a face.",
                 ""};
  return cv::Matx23d(a.real(), -a.imag(), b.real(), a.imag(), a.real(), b.imag());
}

Result<cv::Mat> alignFace(const cv::Mat& picture, const FaceLandmarks& landmarks) {
  const auto transform = faceTransform(landmarks);
  if (!transform) return transform.error();
  cv::Mat coloured = picture;
  if (picture.channels() == 1) cv::cvtColor(picture, coloured, cv::COLOR_GRAY2BGR);
  cv::Mat chip;
  cv::warpAffine(coloured, chip, *transform, {kFaceChipSize, kFaceChipSize}, cv::INTER_LINEAR,
                 cv::BORDER_CONSTANT);
  return chip;
}

}  // namespace countersign
