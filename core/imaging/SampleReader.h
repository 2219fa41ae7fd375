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

/// Size and type of the canvases that a network looks at.
struct CanvasFormat {
  CanvasSize size;
  int channels = 1;  ///< 1: ink, CV_8UC1; 3: colour, CV_8UC3 (BGR).

  std::size_t bytes() const {
    return static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width) *
           static_cast<std::size_t>(channels);
  }
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

  /// Of the canvases of comparable samples.
  virtual CanvasFormat format() const = 0;
};

std::unique_ptr<const SampleReader> makeSignatureReader(CanvasSize canvas);
std::unique_ptr<const SampleReader> makeFaceReader(FaceDetector detector);

}  // namespace countersign
