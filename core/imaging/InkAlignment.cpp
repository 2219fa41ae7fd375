// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/InkAlignment.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace countersign {

namespace {

/// Points of the plane; a similarity transform is z -> a z + b.
using Point = std::complex<double>;

struct Similarity {
  Point a{1, 0};
  Point b{0, 0};
  Point operator()(const Point& z) const { return a * z + b; }
  Similarity inverse() const { return {1.0 / a, -b / a}; }
};

constexpr double kLargestTurn = std::numbers::pi / 6;
constexpr double kLargestScale = 2;
constexpr double kKept = 0.8;

/// Where ink is, and for every place the nearest ink.
class Ink {
 public:
  explicit Ink(const cv::Mat& mask) : m_size(mask.size()) {
    std::vector<cv::Point> places;
    cv::findNonZero(mask, places);
    constexpr std::size_t kMost = 1200;
    const std::size_t step = std::max<std::size_t>(1, places.size() / kMost);
    for (std::size_t i = 0; i < places.size(); i += step)
      points.emplace_back(places[i].x, places[i].y);
    cv::Mat paper;
    cv::compare(mask, 0, paper, cv::CMP_EQ);
    cv::Mat distance;
    cv::distanceTransform(paper, distance, m_labels, cv::DIST_L2, cv::DIST_MASK_5,
                          cv::DIST_LABEL_PIXEL);
    // Each ink pixel has a label of its own.
    m_ofLabel.resize(places.size() + 1);
    for (const auto& place : places)
      m_ofLabel[static_cast<std::size_t>(m_labels.at<int>(place))] = {static_cast<double>(place.x),
                                                                      static_cast<double>(place.y)};
    for (const auto& point : points) centre += point / static_cast<double>(points.size());
    for (const auto& point : points)
      radius += std::norm(point - centre) / static_cast<double>(points.size());
    radius = std::max(1.0, std::sqrt(radius));
  }

  /// The ink that is nearest to a place; outside of the picture, to the nearest place inside.
  Point nearest(const Point& place) const {
    const int x = std::clamp(static_cast<int>(std::lround(place.real())), 0, m_size.width - 1);
    const int y = std::clamp(static_cast<int>(std::lround(place.imag())), 0, m_size.height - 1);
    return m_ofLabel[static_cast<std::size_t>(m_labels.at<int>(y, x))];
  }

  std::vector<Point> points;
  Point centre;
  double radius = 0;  ///< Root mean square distance from the centre.

 private:
  cv::Size m_size;
  cv::Mat m_labels;
  std::vector<Point> m_ofLabel;
};

struct Match {
  Point from;
  Point to;
  double distance;  ///< In pixels of the reference.
};

/// Ink of either that has its nearest ink in the other, without the worst fifth.
std::vector<Match> matches(const Ink& questioned, const Ink& reference, const Similarity& by) {
  std::vector<Match> all;
  all.reserve(questioned.points.size() + reference.points.size());
  for (const auto& point : questioned.points) {
    const auto at = by(point);
    const auto to = reference.nearest(at);
    all.push_back({point, to, std::abs(at - to)});
  }
  const auto back = by.inverse();
  for (const auto& point : reference.points) {
    const auto from = questioned.nearest(back(point));
    all.push_back({from, point, std::abs(by(from) - point)});
  }
  const auto kept = static_cast<std::ptrdiff_t>(kKept * static_cast<double>(all.size()));
  std::nth_element(all.begin(), all.begin() + kept, all.end(),
                   [](const Match& a, const Match& b) { return a.distance < b.distance; });
  all.erase(all.begin() + kept + (kept < static_cast<std::ptrdiff_t>(all.size()) ? 1 : 0),
            all.end());
  return all;
}

double meanDistance(const std::vector<Match>& all) {
  double sum = 0;
  for (const auto& match : all) sum += match.distance;
  return sum / static_cast<double>(all.size());
}

/// Least squares over all similarity transforms (Umeyama, 1991), kept within what is considered.
Similarity fitted(const std::vector<Match>& all, double usualScale) {
  Point from;
  Point to;
  const double share = 1.0 / static_cast<double>(all.size());
  for (const auto& match : all) {
    from += share * match.from;
    to += share * match.to;
  }
  Point product;
  double spread = 0;
  for (const auto& match : all) {
    product += std::conj(match.from - from) * (match.to - to);
    spread += std::norm(match.from - from);
  }
  Similarity fit;
  fit.a = spread > 0 ? product / spread : Point(usualScale, 0);
  const double scale =
      std::clamp(std::abs(fit.a), usualScale / kLargestScale, usualScale * kLargestScale);
  const double turn = std::clamp(std::arg(fit.a), -kLargestTurn, kLargestTurn);
  fit.a = std::polar(scale, turn);
  fit.b = to - fit.a * from;
  return fit;
}

/// Closest points creep along strokes. Steps along each parameter, halved when none helps (Hooke &
/// Jeeves, 1961), go the rest of the way; turn and scale are about the middle of the ink, so that
/// they don't shift it.
Similarity polished(const Ink& questioned, const Ink& reference, Similarity by, double usualScale,
                    double& distance) {
  constexpr double kFirstStep = 0.12;
  constexpr double kLastStep = 0.001;
  const auto middle = questioned.centre;
  for (double step = kFirstStep; step > kLastStep;) {
    const double radius = reference.radius * step;
    bool isBetter = false;
    for (int parameter = 0; parameter < 8; ++parameter) {
      const double sign = parameter % 2 == 0 ? 1 : -1;
      auto next = by;
      switch (parameter / 2) {
        case 0:
          next.b += sign * radius;
          break;
        case 1:
          next.b += Point(0, sign * radius);
          break;
        case 2:
          next.a *= std::polar(1.0, sign * step);
          break;
        default:
          next.a *= 1 + sign * step;
          break;
      }
      if (parameter >= 4) next.b += (by.a - next.a) * middle;
      const double scale = std::abs(next.a) / usualScale;
      if (std::abs(std::arg(next.a)) > kLargestTurn || scale > kLargestScale ||
          scale < 1 / kLargestScale)
        continue;
      const double reached = meanDistance(matches(questioned, reference, next));
      if (reached >= distance) continue;
      distance = reached;
      by = next;
      isBetter = true;
    }
    if (!isBetter) step /= 2;
  }
  return by;
}

}  // namespace

std::optional<InkAlignment> alignInk(const cv::Mat& questioned, const cv::Mat& reference) {
  CV_Assert(questioned.type() == CV_8UC1 && reference.type() == CV_8UC1);
  if (questioned.empty() || reference.empty() || cv::countNonZero(questioned) == 0 ||
      cv::countNonZero(reference) == 0)
    return {};
  const Ink from(questioned);
  const Ink to(reference);
  const double usualScale = to.radius / from.radius;
  Similarity best;
  double least = std::numeric_limits<double>::infinity();
  for (const double turn : {0.0, -kLargestTurn / 2, kLargestTurn / 2}) {
    for (const double scale : {1.0, 0.88, 1.14}) {
      Similarity by;
      by.a = std::polar(usualScale * scale, turn);
      by.b = to.centre - by.a * from.centre;
      double before = std::numeric_limits<double>::infinity();
      constexpr int kMostSteps = 15;
      constexpr double kSettled = 1e-3;
      for (int step = 0; step < kMostSteps; ++step) {
        const auto all = matches(from, to, by);
        const double distance = meanDistance(all);
        if (distance < least) {
          least = distance;
          best = by;
        }
        if (before - distance < kSettled * before) break;
        before = distance;
        by = fitted(all, usualScale);
      }
    }
  }
  best = polished(from, to, best, usualScale, least);
  return InkAlignment{
      {best.a.real(), -best.a.imag(), best.b.real(), best.a.imag(), best.a.real(), best.b.imag()},
      least};
}

}  // namespace countersign
