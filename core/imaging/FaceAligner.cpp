// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceAligner.h"

#include <opencv2/imgproc.hpp>

#include "core/imaging/internal/SimilarityTransform.h"

namespace countersign {

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
  const auto transform = similarityTransform({from.begin(), from.end()}, {to.begin(), to.end()});
  if (!transform)
    return Error{ErrorCode::QualityInsufficient, "The points that were found do not form a face.",
                 ""};
  return *transform;
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
