// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>

#include "core/base/Result.h"
#include "core/imaging/FaceReading.h"
#include "core/imaging/SampleRegion.h"
#include "core/imaging/SignatureNormaliser.h"

namespace countersign {

/// A picture reduced to what a network looks at.
struct ReadSample {
  /// CV_8UC1, 255 = ink, or a face's chip, CV_8UC3 (BGR); empty when no face is meant.
  cv::Mat canvas;
  /// Where the sample lies, in pixels of the selected region; empty when there is none.
  cv::Rect2d box;
  bool isComparable = false;
  std::string quality;  ///< What is wrong with it in words; empty when nothing is.
  std::optional<NormalisedSignature> signature;  ///< How a signature was normalised.
  std::optional<FaceReading> face;               ///< How a face was found.
};

/// Turns pictures into samples of one modality: the one place where signatures and faces differ
/// before there is an embedding.
///
/// Thread-safe.
class SampleReader {
 public:
  virtual ~SampleReader() = default;

  /// @param picture  CV_8UC1 or CV_8UC3 (BGR), as decodeImage() gives it.
  /// @return  a sample, comparable or not; OptionOutOfRange when the region asks for what the
  ///          picture does not have.
  virtual Result<ReadSample> read(const cv::Mat& picture, const SampleRegion& region) const = 0;
};

std::unique_ptr<const SampleReader> makeSignatureReader(CanvasSize canvas);
std::unique_ptr<const SampleReader> makeFaceReader(FaceDetector detector);

}  // namespace countersign
