// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/SignatureNormaliser.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/imaging/internal/InkMask.h"

namespace countersign {

namespace {

/// Longest side at which ink is looked for; finer detail would not survive on the canvas.
constexpr int kWorkingSide = 1600;
/// Paper left around the signature on the canvas, in pixels.
constexpr int kMargin = 4;
/// Median stroke width on the canvas, in pixels. The pen is not the person: left alone, it tells
/// genuine from forged CEDAR at 59 % by itself.
constexpr double kCanvasStroke = 2.0;

cv::Mat scaled(const cv::Mat& image, double scale) {
  if (scale >= 1) return image;
  cv::Mat smaller;
  cv::resize(image, smaller,
             {std::max(1, cvRound(image.cols * scale)), std::max(1, cvRound(image.rows * scale))},
             0, 0, cv::INTER_AREA);
  return smaller;
}

/// Blocks of ink that stand apart, for telling one signature from several and from a page.
struct Layout {
  int textRows = 0;        ///< Rows of writing one above the other.
  bool isSeveral = false;  ///< Two large blocks with a wide gap between them.
};

/// Runs of true in `filled`, where gaps shorter than `bridge` do not count.
std::vector<cv::Range> runsOf(const std::vector<bool>& filled, int bridge) {
  std::vector<cv::Range> runs;
  for (int i = 0; i < static_cast<int>(filled.size()); ++i) {
    if (!filled[static_cast<std::size_t>(i)]) continue;
    if (!runs.empty() && i - runs.back().end < bridge)
      runs.back().end = i + 1;
    else
      runs.emplace_back(i, i + 1);
  }
  return runs;
}

std::vector<bool> profile(const cv::Mat& mask, bool ofRows, double least) {
  cv::Mat sums;
  cv::reduce(mask, sums, ofRows ? 1 : 0, cv::REDUCE_SUM, CV_32S);
  std::vector<bool> filled(sums.total());
  for (std::size_t i = 0; i < filled.size(); ++i)
    filled[i] = sums.at<int>(static_cast<int>(i)) / 255.0 > least;
  return filled;
}

/// Two large runs of ink with a gap between them that no signature has: first and last name stand
/// apart by less than this.
bool hasTwoBlocks(const cv::Mat& mask, bool ofRows) {
  const int across = ofRows ? mask.cols : mask.rows;
  constexpr double kWideBesides = 2.0;  // gap between blocks side by side, in heights
  constexpr double kWideAbove = 0.5;    // gap between blocks one above the other, in widths
  const double gap = (ofRows ? kWideAbove : kWideBesides) * across;
  const auto runs = runsOf(profile(mask, ofRows, 0), std::max(8, static_cast<int>(gap)));
  if (runs.size() < 2) return false;
  const double total = cv::countNonZero(mask);
  return std::count_if(runs.begin(), runs.end(), [&](const cv::Range& run) {
           constexpr double kLargeShare = 0.3;
           const cv::Mat block = ofRows ? mask.rowRange(run) : mask.colRange(run);
           return cv::countNonZero(block) > kLargeShare * total;
         }) >= 2;
}

/// Writing on a page fills rows of about equal height from side to side, with many pieces in each.
int countTextRows(const cv::Mat& mask, double strokeWidth, int pieces) {
  constexpr int kManyPieces = 60;
  if (pieces < kManyPieces) return 0;
  const auto rows = runsOf(profile(mask, true, 0.004 * mask.cols), 1);
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [&](const cv::Range& row) {
    return row.size() >= 3 * strokeWidth && row.size() >= 4 && row.size() < 0.12 * mask.rows;
  }));
}

Layout layoutOf(const cv::Mat& mask, double strokeWidth, int pieces) {
  return {countTextRows(mask, strokeWidth, pieces),
          hasTwoBlocks(mask, true) || hasTwoBlocks(mask, false)};
}

bool touchesBorder(const cv::Mat& mask) {
  const auto any = [](const cv::Mat& edge) { return cv::countNonZero(edge) > 0; };
  return any(mask.row(0)) || any(mask.row(mask.rows - 1)) || any(mask.col(0)) ||
         any(mask.col(mask.cols - 1));
}

double canvasScale(cv::Size ink, CanvasSize size) {
  return std::min((size.width - 2.0 * kMargin) / ink.width,
                  (size.height - 2.0 * kMargin) / ink.height);
}

cv::Mat toCanvas(const cv::Mat& mask, double strokeWidth, CanvasSize size) {
  const double target = kCanvasStroke / canvasScale(mask.size(), size);
  const cv::Mat strokes = withStrokeWidth(mask, strokeWidth, target);
  const double scale = canvasScale(strokes.size(), size);
  const cv::Size extent(std::clamp(cvRound(strokes.cols * scale), 1, size.width),
                        std::clamp(cvRound(strokes.rows * scale), 1, size.height));
  cv::Mat canvas = cv::Mat::zeros(size.height, size.width, CV_8UC1);
  const cv::Rect place({(size.width - extent.width) / 2, (size.height - extent.height) / 2},
                       extent);
  cv::Mat part = canvas(place);
  cv::resize(strokes, part, extent, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  return canvas;
}

SignatureQuality judge(const cv::Mat& mask, const cv::Rect& box, const NormalisedSignature& result,
                       int pieces, bool touches) {
  SignatureQuality quality;
  constexpr double kShortestSide = 14;  // image pixels
  constexpr double kShortestLength = 40;
  if (std::max(result.box.width, result.box.height) < kShortestLength ||
      std::min(result.box.width, result.box.height) < kShortestSide / 2)
    quality.reasons.push_back(QualityReason::TooSmall);
  constexpr double kLeastContrast = 30;
  if (result.contrast < kLeastContrast) quality.reasons.push_back(QualityReason::LowContrast);
  const auto layout = layoutOf(mask(box), result.strokeWidth * result.workingScale, pieces);
  constexpr int kRowsOfAPage = 5;
  constexpr int kPiecesOfAPage = 200;
  if (layout.textRows >= kRowsOfAPage || pieces >= kPiecesOfAPage)
    quality.reasons.push_back(QualityReason::PageOfText);
  else if (layout.isSeveral)
    quality.reasons.push_back(QualityReason::SeveralSignatures);
  if (touches) quality.reasons.push_back(QualityReason::TouchesBorder);
  return quality;
}

}  // namespace

std::string_view qualitySentence(QualityReason reason) {
  switch (reason) {
    case QualityReason::Blank:
      return "No signature was found in this image; crop it to the signature, or choose another "
             "file.";
    case QualityReason::TooSmall:
      return "The signature is too small; scan it again at 300 dpi or more.";
    case QualityReason::LowContrast:
      return "The ink hardly differs from the paper; scan it again with more contrast.";
    case QualityReason::PageOfText:
      return "This looks like a page of text; crop it to the signature.";
    case QualityReason::SeveralSignatures:
      return "There seems to be more than one signature; crop the image to one of them.";
    case QualityReason::TouchesBorder:
      return "The ink touches the image's edge, so part of the signature may be missing.";
  }
  return "";
}

bool SignatureQuality::isComparable() const {
  return std::all_of(reasons.begin(), reasons.end(),
                     [](QualityReason r) { return r == QualityReason::TouchesBorder; });
}

std::string SignatureQuality::text() const {
  std::string all;
  for (const auto reason : reasons) {
    if (!all.empty()) all += ' ';
    all += qualitySentence(reason);
  }
  return all;
}

Result<NormalisedSignature> normaliseSignature(const cv::Mat& image, const SampleRegion& region,
                                               const NormaliserOptions& options) try {
  const auto part = cropped(image, region.crop);
  if (!part) return part.error();
  NormalisedSignature result;
  result.canvas = cv::Mat::zeros(options.canvas.height, options.canvas.width, CV_8UC1);
  result.workingScale =
      std::min(1.0, static_cast<double>(kWorkingSide) / std::max(part->cols, part->rows));
  const cv::Mat working = turnedClockwise(scaled(*part, result.workingScale), region.rotation);

  auto ink = findInk(working);
  result.threshold = ink.threshold;
  result.contrast = ink.contrast;
  result.wasInverted = ink.wasInverted;
  const double width = strokeWidth(ink.mask);
  result.removedLines = removeRuledLines(ink.mask, width);
  const auto pieces = removeBlotsAndSpecks(ink.mask, width);
  result.removedSpecks = pieces.removed;
  const cv::Rect box = cv::boundingRect(ink.mask);
  constexpr int kLeastInk = 12;  // pixels
  if (box.empty() || cv::countNonZero(ink.mask) < kLeastInk) {
    result.quality.reasons.push_back(QualityReason::Blank);
    return result;
  }
  result.mask = ink.mask(box).clone();
  result.box = cv::Rect2d(box.x / result.workingScale, box.y / result.workingScale,
                          box.width / result.workingScale, box.height / result.workingScale);
  result.strokeWidth = strokeWidth(result.mask) / result.workingScale;
  result.inkShare = cv::countNonZero(result.mask) / static_cast<double>(result.mask.total());
  result.canvas = toCanvas(result.mask, result.strokeWidth * result.workingScale, options.canvas);
  result.quality = judge(ink.mask, box, result, pieces.kept, touchesBorder(ink.mask));
  return result;
} catch (const cv::Exception& e) {
  return Error{ErrorCode::QualityInsufficient, "The signature could not be normalised.", e.what()};
}

}  // namespace countersign
