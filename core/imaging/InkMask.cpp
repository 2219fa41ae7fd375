// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/internal/InkMask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace countersign {

namespace {

using Histogram = std::array<double, 256>;

Histogram histogramOf(const cv::Mat& grey) {
  Histogram histogram{};
  for (int y = 0; y < grey.rows; ++y) {
    const auto* row = grey.ptr(y);
    for (int x = 0; x < grey.cols; ++x) histogram[row[x]] += 1;
  }
  return histogram;
}

/// Value below which `share` of the counts from `first` upwards lie.
int quantile(const Histogram& histogram, double share, int first = 0) {
  const double total = std::accumulate(histogram.begin() + first, histogram.end(), 0.0);
  double sum = 0;
  for (int value = first; value < 256; ++value) {
    sum += histogram[static_cast<std::size_t>(value)];
    if (sum >= share * total) return value;
  }
  return 255;
}

/// Black and white with hardly a tone between: few compared with the rarer of the two, since on a
/// clean page all of a faint signature may be less than a hundredth.
bool isBilevel(const Histogram& histogram) {
  constexpr int kNearEnd = 8;
  const double dark = std::accumulate(histogram.begin(), histogram.begin() + kNearEnd, 0.0);
  const double light = std::accumulate(histogram.end() - kNearEnd, histogram.end(), 0.0);
  const double between = std::accumulate(histogram.begin(), histogram.end(), 0.0) - dark - light;
  constexpr double kFew = 0.1;
  return between <= kFew * std::min(dark, light);
}

/// Light writing on a dark ground: the ground is what most pixels are, and it is dark.
bool isInverted(const Histogram& grey) {
  const int ground = quantile(grey, 0.5);
  constexpr int kDarkGround = 112;
  if (ground >= kDarkGround) return false;
  constexpr int kClearlyApart = 50;
  const auto middle = grey.begin() + ground;
  const double lighter =
      std::accumulate(grey.begin() + std::min(ground + kClearlyApart, 255), grey.end(), 0.0);
  const double darker =
      std::accumulate(grey.begin(), middle - std::min(ground, kClearlyApart), 0.0);
  return lighter > darker;
}

/// Brightness of the paper at each pixel, for one channel. A closing wider than any stroke takes
/// the ink away at a small scale, where it is cheap; smoothing takes its corners away.
cv::Mat paperOf(const cv::Mat& channel) {
  constexpr int kSmallSide = 192;
  const double scale =
      std::min(1.0, static_cast<double>(kSmallSide) / std::max(channel.rows, channel.cols));
  cv::Mat small;
  const cv::Size size(std::max(1, cvRound(channel.cols * scale)),
                      std::max(1, cvRound(channel.rows * scale)));
  cv::resize(channel, small, size, 0, 0, cv::INTER_AREA);
  constexpr int kClosing = 25;
  cv::morphologyEx(small, small, cv::MORPH_CLOSE,
                   cv::getStructuringElement(cv::MORPH_ELLIPSE, {kClosing, kClosing}), {-1, -1}, 1,
                   cv::BORDER_REFLECT);
  cv::GaussianBlur(small, small, {0, 0}, kClosing / 4.0, 0, cv::BORDER_REFLECT);
  cv::Mat paper;
  cv::resize(small, paper, channel.size(), 0, 0, cv::INTER_LINEAR);
  return paper;
}

/// 0 where a pixel is as bright as the paper around it, 255 where it is black; the channel in which
/// the ink is darkest counts, so that blue or red ink is as dark as black.
cv::Mat darknessOf(const cv::Mat& image) {
  std::vector<cv::Mat> channels;
  cv::split(image, channels);
  cv::Mat darkness;
  for (const auto& channel : channels) {
    cv::Mat paper = paperOf(channel);
    constexpr int kDarkestPaper = 24;  // black ground of a scan's margin is not paper
    cv::max(paper, kDarkestPaper, paper);
    cv::Mat reflectance;
    cv::divide(channel, paper, reflectance, 255.0);
    const cv::Mat dark = 255 - reflectance;
    if (darkness.empty())
      darkness = dark;
    else
      cv::max(darkness, dark, darkness);
  }
  constexpr double kNoiseBlur = 0.7;
  cv::GaussianBlur(darkness, darkness, {0, 0}, kNoiseBlur);
  return darkness;
}

struct Levels {
  double threshold = 255;
  double contrast = 0;
};

/// Half-way between paper and ink. Otsu's threshold drifts when ink is one per cent of the pixels;
/// this one depends on the tones of paper and ink alone.
Levels levelsOf(const cv::Mat& darkness) {
  const auto histogram = histogramOf(darkness);
  const double paper = quantile(histogram, 0.5);
  const double spread = std::max(1.0, quantile(histogram, 0.75) - paper);
  constexpr double kLeastStep = 18;
  constexpr double kSpreads = 5;
  const double candidates = paper + std::max(kLeastStep, kSpreads * spread);
  if (candidates >= 255) return {};
  const auto first = static_cast<int>(candidates);
  const double count = std::accumulate(histogram.begin() + first, histogram.end(), 0.0);
  constexpr double kLeastShare = 2e-4;
  if (count < kLeastShare * static_cast<double>(darkness.total())) return {};
  constexpr double kCoreOfStrokes = 0.7;  // edge pixels make up the lower part
  const double ink = quantile(histogram, kCoreOfStrokes, first);
  constexpr double kHalf = 0.5;
  return {std::max(paper + kHalf * (ink - paper), candidates), ink - paper};
}

}  // namespace

InkMask findInk(const cv::Mat& image) {
  cv::Mat source = image;
  cv::Mat grey = image;
  if (image.channels() == 3) cv::cvtColor(image, grey, cv::COLOR_BGR2GRAY);
  const auto histogram = histogramOf(grey);
  InkMask ink;
  ink.wasInverted = isInverted(histogram);
  const bool bilevel = isBilevel(histogram);
  if (bilevel) source = grey;
  if (ink.wasInverted) {
    cv::Mat negative;  // not 255 - source: that inverts the first channel only
    cv::bitwise_not(source, negative);
    source = negative;
  }
  if (bilevel) {
    ink.threshold = 127;
    ink.mask = source < 128;
    ink.contrast = cv::countNonZero(ink.mask) > 0 ? 255 : 0;
    return ink;
  }
  const cv::Mat darkness = darknessOf(source);
  const auto levels = levelsOf(darkness);
  ink.threshold = levels.threshold;
  ink.contrast = levels.contrast;
  ink.mask = darkness > levels.threshold;
  return ink;
}

namespace {

/// Twice the distance to the edge along the middle of the strokes, one value a ridge pixel.
std::vector<float> ridgeWidths(const cv::Mat& mask) {
  cv::Mat distance;
  cv::Mat highest;
  cv::distanceTransform(mask, distance, cv::DIST_L2, cv::DIST_MASK_5);
  cv::dilate(distance, highest, cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
  std::vector<float> widths;
  for (int y = 0; y < distance.rows; ++y) {
    const auto* d = distance.ptr<float>(y);
    const auto* h = highest.ptr<float>(y);
    for (int x = 0; x < distance.cols; ++x) {
      if (d[x] > 0 && d[x] >= h[x]) widths.push_back(2 * d[x]);
    }
  }
  return widths;
}

/// A straight line through points, as y = middleY + slope (x - middleX).
struct StraightLine {
  double middleX = 0;
  double middleY = 0;
  double slope = 0;
  double thickness = 0;  ///< Mean number of points a column.
  double residual = 0;   ///< Mean distance of the points, in pixels.

  double at(int x) const { return middleY + slope * (x - middleX); }
};

StraightLine fitStraightLine(const std::vector<cv::Point>& points, int columns) {
  cv::Vec4f fitted;
  cv::fitLine(points, fitted, cv::DIST_HUBER, 0, 0.01, 0.01);
  StraightLine line{fitted[2], fitted[3], double{fitted[1]} / fitted[0],
                    static_cast<double>(points.size()) / columns, 0};
  for (const auto& p : points) line.residual += std::abs(p.y - line.at(p.x));
  line.residual /= static_cast<double>(points.size());
  return line;
}

/// A flourish bends and swells, and ends with the signature; a ruled line does neither.
bool isRuled(const StraightLine& line, const cv::Rect& extent, const cv::Mat& mask,
             double strokeWidth) {
  constexpr double kSteepest = 0.07;
  if (std::abs(line.slope) > kSteepest || line.thickness > 1.5 * strokeWidth + 1 ||
      line.residual > 0.3 * line.thickness + 0.5)
    return false;
  // Ink beside the line: what is left when its rows are ignored.
  cv::Mat rest = mask.clone();
  const double half = 0.5 * line.thickness + 2;
  for (int x = extent.x; x < extent.x + extent.width; ++x) {
    const int top = std::clamp(static_cast<int>(line.at(x) - half), 0, mask.rows - 1);
    const int bottom = std::clamp(static_cast<int>(line.at(x) + half) + 1, 0, mask.rows - 1);
    rest(cv::Rect(x, top, 1, bottom - top + 1)).setTo(0);
  }
  const cv::Rect ink = cv::boundingRect(rest);
  const int beyond = std::max(4, mask.cols / 50);
  const auto reaches = [&](int lineEnd, int pictureEnd, int inkEnd) {
    return std::abs(lineEnd - pictureEnd) <= beyond / 2 ||
           (std::abs(lineEnd - pictureEnd) < std::abs(inkEnd - pictureEnd) - beyond);
  };
  return reaches(extent.x, 0, ink.x) &&
         reaches(extent.x + extent.width, mask.cols, ink.x + ink.width);
}

/// Takes a line out, but not the strokes that cross it: where ink goes on above or below, it stays.
void eraseLine(cv::Mat& mask, const StraightLine& line, const cv::Rect& extent) {
  const double half = 0.5 * line.thickness + 1.5;
  for (int x = extent.x; x < extent.x + extent.width; ++x) {
    const int top = std::max(0, static_cast<int>(std::floor(line.at(x) - half)));
    const int bottom = std::min(mask.rows - 1, static_cast<int>(std::ceil(line.at(x) + half)));
    const bool above = top > 0 && mask.at<uchar>(top - 1, x) != 0;
    const bool below = bottom + 1 < mask.rows && mask.at<uchar>(bottom + 1, x) != 0;
    if (above || below) continue;
    for (int y = top; y <= bottom; ++y) mask.at<uchar>(y, x) = 0;
  }
}

/// Removes nearly horizontal lines; vertical ones are removed from the transposed mask.
int removeHorizontalLines(cv::Mat& mask, double strokeWidth) {
  constexpr double kSpan = 0.9;       // of the picture's width
  constexpr int kShortestPiece = 40;  // pixels
  const int piece = std::max(kShortestPiece, mask.cols / 12);
  if (mask.cols < 2 * kShortestPiece) return 0;
  cv::Mat pieces;
  cv::morphologyEx(mask, pieces, cv::MORPH_OPEN,
                   cv::getStructuringElement(cv::MORPH_RECT, {piece, 1}));
  if (cv::countNonZero(pieces) == 0) return 0;
  // Pieces of a line that is a little askew lie one pixel row apart; a dashed line has gaps.
  cv::Mat joined;
  cv::dilate(pieces, joined, cv::getStructuringElement(cv::MORPH_RECT, {piece / 2 * 2 + 1, 3}));
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(joined, labels, stats, centroids);
  int removed = 0;
  for (int label = 1; label < count; ++label) {
    if (stats.at<int>(label, cv::CC_STAT_WIDTH) < kSpan * mask.cols) continue;
    const cv::Rect box(
        stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
        stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT));
    const cv::Mat inBox = pieces(box) & (labels(box) == label);
    std::vector<cv::Point> points;
    cv::findNonZero(inBox, points);
    for (auto& point : points) point += box.tl();
    const cv::Rect extent = cv::boundingRect(points);
    if (extent.width < kSpan * mask.cols) continue;
    const auto line = fitStraightLine(points, extent.width);
    if (!isRuled(line, extent, mask, strokeWidth)) continue;
    eraseLine(mask, line, extent);
    ++removed;
  }
  return removed;
}

}  // namespace

double strokeWidth(const cv::Mat& mask) {
  auto widths = ridgeWidths(mask);
  if (widths.empty()) return 0;
  // Mean of the middle half: the black margin of a scan is wide, but its ridge is short; and a
  // plain median jumps, since distances on a pixel grid take few values.
  std::sort(widths.begin(), widths.end());
  const auto first = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 4);
  const auto last = widths.end() - static_cast<std::ptrdiff_t>(widths.size() / 4);
  return std::max(1.0, std::accumulate(first, last, 0.0) / static_cast<double>(last - first) - 0.5);
}

cv::Mat withStrokeWidth(const cv::Mat& mask, double from, double to) {
  constexpr double kMostLost = 1.0 / 6;  // on either side
  const double grow = std::max(0.5 * (to - from), -kMostLost * from);
  const int border = std::max(0, static_cast<int>(std::ceil(grow)));
  cv::Mat padded;
  cv::copyMakeBorder(mask, padded, border, border, border, border, cv::BORDER_CONSTANT,
                     cv::Scalar(0));
  cv::Mat inside;
  cv::Mat outside;
  // Beyond the picture there is no ink: without a frame, strokes at its edge would seem endless.
  cv::Mat framed;
  cv::copyMakeBorder(padded, framed, 1, 1, 1, 1, cv::BORDER_CONSTANT, cv::Scalar(0));
  cv::distanceTransform(framed, inside, cv::DIST_L2, cv::DIST_MASK_5);
  cv::distanceTransform(255 - framed, outside, cv::DIST_L2, cv::DIST_MASK_5);
  cv::Mat soft(padded.size(), CV_8UC1);
  const auto reach = static_cast<float>(grow);
  for (int y = 0; y < soft.rows; ++y) {
    const auto* in = inside.ptr<float>(y + 1) + 1;
    const auto* out = outside.ptr<float>(y + 1) + 1;
    auto* row = soft.ptr(y);
    for (int x = 0; x < soft.cols; ++x) {
      // Distances run between pixel centres and the edge lies half-way, so that one of `in` and
      // `out` is 0 and the other at least 1: this is 0.5 + reach - (distance beyond the edge).
      const float cover = in[x] > 0 ? reach + in[x] : 1 + reach - out[x];
      row[x] = cv::saturate_cast<uchar>(255 * cover);
    }
  }
  return soft;
}

int removeRuledLines(cv::Mat& mask, double strokeWidth) {
  const int removed = removeHorizontalLines(mask, strokeWidth);
  // Upright lines are taken for ruled ones only beside horizontal ones: alone, they may be the stem
  // of a letter.
  if (removed == 0) return 0;
  cv::Mat turned = mask.t();
  const int vertical = removeHorizontalLines(turned, strokeWidth);
  if (vertical > 0) mask = turned.t();
  return removed + vertical;
}

PieceCount removeBlotsAndSpecks(cv::Mat& mask, double strokeWidth) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(mask, labels, stats, centroids);
  const cv::Rect picture(0, 0, mask.cols, mask.rows);
  // The dot of an i is about as wide as the pen; what is clearly less is dust or noise.
  const double least = std::max(3.0, 0.6 * strokeWidth * strokeWidth);
  const double wide = std::max(12.0, 4 * strokeWidth);
  PieceCount pieces;
  std::vector<uchar> keep(static_cast<std::size_t>(count), 0);
  for (int label = 1; label < count; ++label) {
    const cv::Rect box(
        stats.at<int>(label, cv::CC_STAT_LEFT), stats.at<int>(label, cv::CC_STAT_TOP),
        stats.at<int>(label, cv::CC_STAT_WIDTH), stats.at<int>(label, cv::CC_STAT_HEIGHT));
    const int area = stats.at<int>(label, cv::CC_STAT_AREA);
    const bool isAtBorder =
        box.x <= 0 || box.y <= 0 || box.br().x >= picture.width || box.br().y >= picture.height;
    constexpr double kSolid = 0.5;
    const bool isBlot =
        isAtBorder && std::min(box.width, box.height) >= wide && area >= kSolid * box.area();
    const bool isKept = area >= least && !isBlot;
    keep[static_cast<std::size_t>(label)] = isKept ? 255 : 0;
    ++(isKept ? pieces.kept : pieces.removed);
  }
  if (pieces.removed == 0) return pieces;
  for (int y = 0; y < mask.rows; ++y) {
    const auto* label = labels.ptr<int>(y);
    auto* row = mask.ptr(y);
    for (int x = 0; x < mask.cols; ++x) row[x] = keep[static_cast<std::size_t>(label[x])];
  }
  return pieces;
}

}  // namespace countersign
