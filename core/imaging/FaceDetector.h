// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <vector>

#include "core/base/File.h"
#include "core/base/Result.h"
#include "core/imaging/FaceAligner.h"

namespace countersign {

/// A face that was found in a picture.
struct DetectedFace {
  FaceLandmarks landmarks;  ///< In pixels of the picture.
  cv::Rect2f box;           ///< Around the face, from brow to chin; may reach beyond the picture.
  /// How sure the detector is that this is a face, in [0, 1]. It says nothing of whose face it is,
  /// nor of how good the picture is.
  double detectionScore = 0;

  double eyeDistance() const;
};

/// The networks that find faces, as TensorFlow Lite keeps them.
struct FaceDetectorFiles {
  Bytes near;       ///< BlazeFace, short range.
  Bytes far;        ///< BlazeFace, full range.
  Bytes landmarks;  ///< The last stage of MTCNN.

  /// Reads near.tflite, far.tflite and landmarks.tflite.
  static Result<FaceDetectorFiles> read(const std::filesystem::path& folder);
  friend bool operator==(const FaceDetectorFiles&, const FaceDetectorFiles&) = default;
};

/// Finds faces and their landmarks: BlazeFace (Bazarevsky et al., 2019) for near faces, or for far
/// ones where there are none near, and for each candidate the last stage of MTCNN (Zhang et al.,
/// 2016) twice on a crop that is turned upright, which places the landmarks and confirms the face.
///
/// Thread-safe: detect() may be called on several threads at once.
class FaceDetector {
 public:
  /// @return  FileMalformed when one of the networks is damaged or is another one.
  static Result<FaceDetector> of(const FaceDetectorFiles& files);

  FaceDetector(FaceDetector&&) noexcept;
  FaceDetector& operator=(FaceDetector&&) noexcept;
  ~FaceDetector();

  /// @param picture  CV_8UC3 (BGR) or CV_8UC1, upright to within about 60 degrees.
  /// @return  the faces, likeliest subject first: large ones near the middle; none is no error.
  Result<std::vector<DetectedFace>> detect(const cv::Mat& picture) const;

 private:
  struct Impl;
  explicit FaceDetector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace countersign
