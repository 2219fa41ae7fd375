// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <opencv2/core/mat.hpp>
#include <opencv2/core/types.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Result.h"
#include "core/imaging/SampleRegion.h"

namespace countersign {

/// Changes whenever normaliseSignature() gives other pixels for any image. Part of a network's
/// identity: embeddings of canvases made by two versions must not be compared.
inline constexpr std::string_view kSignatureNormaliserVersion = "signature-1";

/// Size of the network's input, in pixels.
struct CanvasSize {
  int height = 112;
  int width = 224;
  friend bool operator==(const CanvasSize&, const CanvasSize&) = default;
};

/// Why an image is less than good, in the order in which a person would want to hear it.
enum class QualityReason {
  Blank,              ///< No ink was found.
  TooSmall,           ///< The signature is too few pixels across.
  LowContrast,        ///< The ink hardly differs from the paper.
  PageOfText,         ///< Many rows of small writing: a page, not a signature.
  SeveralSignatures,  ///< Two separate pieces of writing, each large enough to be a signature.
  TouchesBorder,      ///< Ink reaches the image's edge, so part of it may be missing.
};

/// One sentence for the user: what is wrong, and what to do about it.
std::string_view qualitySentence(QualityReason reason);

struct SignatureQuality {
  std::vector<QualityReason> reasons;  ///< Empty when nothing is wrong.

  /// False when a comparison would mean nothing: anything but TouchesBorder.
  bool isComparable() const;
  /// The sentences of all reasons, joined by a space.
  std::string text() const;
};

/// A signature reduced to its shape, and what was done to get there.
struct NormalisedSignature {
  /// CV_8UC1 of the canvas size: the share of each pixel that ink covers (0 none, 255 all). The
  /// tightly cropped signature is scaled with its aspect kept, and centred.
  cv::Mat canvas;
  /// CV_8UC1, 0 or 255: the ink of the tight crop at working resolution.
  cv::Mat mask;
  /// Tight box of the ink, in pixels of the image (cropped and turned as the user asked).
  cv::Rect2d box;
  double workingScale = 1;   ///< Working resolution / image resolution, at most 1.
  double threshold = 0;      ///< Darkness from which a pixel counts as ink, in [0, 255].
  double contrast = 0;       ///< Darkness of ink above that of paper, in [0, 255].
  double strokeWidth = 0;    ///< Typical stroke width, in image pixels.
  double inkShare = 0;       ///< Share of the tight box that is ink, in [0, 1].
  bool wasInverted = false;  ///< Light ink on a dark ground.
  int removedLines = 0;      ///< Long ruled lines that were taken out.
  int removedSpecks = 0;     ///< Pieces too small to be writing that were taken out.
  SignatureQuality quality;
};

struct NormaliserOptions {
  CanvasSize canvas;
};

/// Ink mask → specks and ruled lines removed → tight crop → strokes of one width → scaled down by
/// area averaging. Paper colour and shadows are divided out, the ink is binarised at half of its
/// own contrast, and the median stroke width is the same on every canvas, so that neither tone nor
/// width of pen, paper or scanner survives: nothing but shape is left.
///
/// @param image  CV_8UC1 or CV_8UC3 (BGR), as decodeImage() gives it.
/// @return       always a result; `quality` says whether it can be compared. OptionOutOfRange when
///               the crop lies outside the image.
Result<NormalisedSignature> normaliseSignature(const cv::Mat& image,
                                               const SampleRegion& region = {},
                                               const NormaliserOptions& options = {});

}  // namespace countersign
