// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/corpus/SyntheticFace.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "core/base/Random.h"

namespace countersign {

namespace {

constexpr int kOversampling = 2;

cv::Scalar mixed(const cv::Scalar& a, const cv::Scalar& b, double share) {
  return a * (1 - share) + b * share;
}

/// Draws in units of half the head's height, with the head's middle as origin, x to the right and
/// y downwards, onto the head's surface: a half cylinder that can be turned.
class HeadCanvas {
 public:
  HeadCanvas(cv::Mat& image, const FaceView& view, double width)
      : m_image(image),
        m_scale(view.size * kOversampling * view.height / 2),
        m_width(width),
        m_yaw(view.yaw * std::numbers::pi / 180),
        m_turn(view.turn * std::numbers::pi / 180),
        m_middle((0.5 + view.offset.x) * view.size * kOversampling,
                 (0.5 + view.offset.y) * view.size * kOversampling) {}

  /// Where a point of the face's surface lies in the picture.
  cv::Point2d place(double x, double y) const {
    const double reach = 1.15 * m_width;
    const double angle = std::asin(std::clamp(x / reach, -1.0, 1.0)) + m_yaw;
    const double turned = reach * std::sin(angle) - 0.35 * reach * std::sin(m_yaw);
    return flat(turned, y);
  }

  /// Without the surface: outlines, which stay where they are when the head turns.
  cv::Point2d flat(double x, double y) const {
    return m_middle + m_scale * cv::Point2d(std::cos(m_turn) * x - std::sin(m_turn) * y,
                                            std::sin(m_turn) * x + std::cos(m_turn) * y);
  }

  template <typename Place>
  void fill(const std::vector<cv::Point2d>& outline, const cv::Scalar& tone, Place&& place) const {
    constexpr int kBits = 4;
    std::vector<cv::Point> points;
    points.reserve(outline.size());
    for (const auto& p : outline) {
      const auto q = place(p.x, p.y) * (1 << kBits);
      points.emplace_back(cvRound(q.x), cvRound(q.y));
    }
    cv::fillPoly(m_image, std::vector{points}, tone, cv::LINE_AA, kBits);
  }
  void onFace(const std::vector<cv::Point2d>& outline, const cv::Scalar& tone) const {
    fill(outline, tone, [this](double x, double y) { return place(x, y); });
  }
  void behind(const std::vector<cv::Point2d>& outline, const cv::Scalar& tone) const {
    fill(outline, tone, [this](double x, double y) { return flat(x, y); });
  }
  void line(const std::vector<cv::Point2d>& points, double thickness,
            const cv::Scalar& tone) const {
    for (std::size_t i = 1; i < points.size(); ++i)
      cv::line(m_image, place(points[i - 1].x, points[i - 1].y), place(points[i].x, points[i].y),
               tone, std::max(1, cvRound(thickness * m_scale)), cv::LINE_AA);
  }

 private:
  cv::Mat& m_image;
  double m_scale;
  double m_width;
  double m_yaw;
  double m_turn;
  cv::Point2d m_middle;
};

std::vector<cv::Point2d> ellipse(cv::Point2d middle, double a, double b, double tilt = 0) {
  constexpr int kCorners = 40;
  std::vector<cv::Point2d> points;
  for (int i = 0; i < kCorners; ++i) {
    const double angle = 2 * std::numbers::pi * i / kCorners;
    const double x = a * std::cos(angle);
    const double y = b * std::sin(angle);
    points.push_back(middle + cv::Point2d(std::cos(tilt) * x - std::sin(tilt) * y,
                                          std::sin(tilt) * x + std::cos(tilt) * y));
  }
  return points;
}

/// The head's outline: an ellipse above, narrowing to the chin below.
std::vector<cv::Point2d> head(double width, double jaw, double grow) {
  constexpr int kCorners = 72;
  std::vector<cv::Point2d> points;
  for (int i = 0; i < kCorners; ++i) {
    const double angle = 2 * std::numbers::pi * i / kCorners;
    const double down = std::max(0.0, std::sin(angle));
    const double x = width * std::cos(angle) * (1 + (jaw - 1) * 0.5 * down * down);
    points.emplace_back(grow * x, grow * std::sin(angle));
  }
  return points;
}

}  // namespace

SyntheticFace::SyntheticFace(std::uint64_t seed, std::uint64_t number)
    : m_seed(seed), m_number(number) {
  Random random{seed, number, 0xface};
  const double dark = std::pow(random.uniform(), 1.5);
  m_tones.skin = mixed({185, 205, 240}, {60, 85, 125}, dark) +
                 cv::Scalar(random.normal(0, 6), random.normal(0, 6), random.normal(0, 6));
  m_tones.shade = m_tones.skin * 0.78;
  const cv::Scalar hairs[] = {{25, 25, 28},    {40, 55, 80},    {60, 95, 150},
                              {110, 165, 205}, {150, 150, 155}, {35, 60, 120}};
  m_tones.hair = hairs[dark > 0.6 ? 0 : random.below(std::size(hairs))];
  const cv::Scalar irises[] = {{30, 45, 70}, {120, 95, 60}, {70, 105, 75}, {60, 70, 80}};
  m_tones.iris = irises[random.below(std::size(irises))];
  m_tones.lip = mixed(m_tones.skin, {80, 70, 175}, random.uniform(0.35, 0.75));
  m_width = random.uniform(0.68, 0.80);
  m_jaw = random.uniform(0.72, 1.0);
  m_eyeSpan = random.uniform(0.56, 0.70);
  m_eyeSize = random.uniform(0.105, 0.15);
  m_eyeTilt = random.uniform(-0.16, 0.16);
  m_browRise = random.uniform(0.15, 0.23);
  m_browWeight = random.uniform(0.025, 0.07);
  m_browTilt = random.uniform(-0.2, 0.2);
  m_noseLength = random.uniform(0.33, 0.45);
  m_noseWidth = random.uniform(0.09, 0.16);
  m_mouthWidth = random.uniform(0.20, 0.30);
  m_lipWeight = random.uniform(0.04, 0.085);
  m_fringe = random.uniform(-0.95, -0.55);
  m_sides = random.uniform(1.02, 1.22);
  m_beard = random.chance(0.25) ? random.uniform(0.3, 0.8) : 0;
  m_hasGlasses = random.chance(0.2);
}

FacePicture SyntheticFace::picture(const FaceView& view) const {
  Random random{m_seed, m_number, 0xb0d1, static_cast<std::uint64_t>(view.size)};
  const int side = view.size * kOversampling;
  cv::Mat image(side, side, CV_8UC3, mixed({200, 205, 205}, {140, 120, 110}, random.uniform()));
  const HeadCanvas canvas(image, view, m_width);

  // Hair behind the head, neck and shoulders.
  auto hair = head(m_width, 1, m_sides);
  for (auto& p : hair) p.y = std::min(p.y - 0.06, random.uniform(0.3, 0.32));
  canvas.behind(ellipse({0, 1.95}, 1.35, 0.75), {90, 70, 60});
  canvas.behind({{-0.34, 0.5}, {0.34, 0.5}, {0.38, 1.45}, {-0.38, 1.45}}, m_tones.shade);
  canvas.behind(hair, m_tones.hair);
  for (const int s : {-1, 1})
    canvas.behind(ellipse({s * m_width, 0.02}, 0.09, 0.19), m_tones.shade);
  canvas.behind(head(m_width, m_jaw, 1), m_tones.skin);
  if (m_beard > 0) {
    auto beard = head(m_width, m_jaw, 0.99);
    std::erase_if(beard, [](const cv::Point2d& p) { return p.y < 0.25; });
    beard.emplace_back(-0.3 * m_width, 0.38);
    beard.emplace_back(0.3 * m_width, 0.38);
    std::sort(beard.begin(), beard.end(), [](const auto& a, const auto& b) {
      return std::atan2(a.y - 0.5, a.x) < std::atan2(b.y - 0.5, b.x);
    });
    canvas.behind(beard, mixed(m_tones.skin, m_tones.hair, m_beard));
  }
  // Fringe over the forehead.
  auto crown = head(m_width, 1, 1.03);
  std::erase_if(crown, [&](const cv::Point2d& p) { return p.y > m_fringe + 0.25; });
  std::sort(crown.begin(), crown.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  crown.emplace_back(0.3, m_fringe);
  crown.emplace_back(-0.2, m_fringe + 0.06);
  canvas.behind(crown, m_tones.hair);

  const double eyeLine = -0.14;
  const double half = m_eyeSpan / 2;
  const double noseTip = eyeLine + m_noseLength;
  const double mouth = noseTip + 0.27;
  for (const int s : {-1, 1}) {
    const cv::Point2d eye(s * half, eyeLine);
    canvas.onFace(ellipse(eye, 1.5 * m_eyeSize, 0.95 * m_eyeSize),
                  mixed(m_tones.skin, m_tones.shade, 0.5));
    canvas.onFace(ellipse(eye, m_eyeSize, 0.55 * m_eyeSize, s * m_eyeTilt), {238, 240, 242});
    canvas.onFace(ellipse(eye, 0.5 * m_eyeSize, 0.52 * m_eyeSize), m_tones.iris);
    canvas.onFace(ellipse(eye, 0.24 * m_eyeSize, 0.25 * m_eyeSize), {12, 12, 14});
    canvas.onFace(
        ellipse(eye + cv::Point2d(0.15, -0.18) * m_eyeSize, 0.09 * m_eyeSize, 0.09 * m_eyeSize),
        {250, 250, 250});
    const auto lid = [&](double x) {
      return cv::Point2d(eye.x + x * m_eyeSize, eye.y - 0.55 * m_eyeSize * std::sqrt(1 - x * x) +
                                                    s * x * m_eyeSize * std::sin(m_eyeTilt));
    };
    canvas.line({lid(-1), lid(-0.6), lid(0), lid(0.6), lid(1)}, 0.022, m_tones.shade * 0.45);
    const double brow = eyeLine - m_browRise;
    canvas.line({{s * (half - 0.17), brow + 0.17 * m_browTilt + 0.015},
                 {s * half, brow - 0.03},
                 {s * (half + 0.19), brow + 0.03 - 0.19 * m_browTilt}},
                m_browWeight, m_tones.hair * 0.8);
  }
  // The nose stands out from the face, and moves further when the head turns.
  const double out = 0.22 * std::sin(view.yaw * std::numbers::pi / 180);
  canvas.line({{-0.05, eyeLine + 0.05}, {out - 0.06, noseTip - 0.12}, {out - m_noseWidth, noseTip}},
              0.022, m_tones.shade);
  canvas.onFace(ellipse({out, noseTip - 0.01}, 0.8 * m_noseWidth, 0.06),
                mixed(m_tones.skin, m_tones.shade, 0.4));
  for (const int s : {-1, 1})
    canvas.onFace(ellipse({out + s * 0.55 * m_noseWidth, noseTip + 0.035}, 0.035, 0.02),
                  m_tones.shade * 0.5);
  canvas.onFace(ellipse({out, noseTip - 0.03}, 0.3 * m_noseWidth, 0.03),
                mixed(m_tones.skin, {255, 255, 255}, 0.3));
  const double wide = m_mouthWidth * (1 + 0.15 * view.smile);
  const auto lips = [&](double upper, double lower) {
    std::vector<cv::Point2d> outline;
    for (int i = 0; i <= 20; ++i) {
      const double x = -1 + i / 10.0;
      outline.emplace_back(wide * x, mouth - upper * (1 - x * x) - 0.06 * view.smile * x * x);
    }
    for (int i = 20; i >= 0; --i) {
      const double x = -1 + i / 10.0;
      outline.emplace_back(wide * x, mouth + lower * (1 - x * x) - 0.06 * view.smile * x * x);
    }
    return outline;
  };
  canvas.onFace(lips(m_lipWeight, 1.2 * m_lipWeight), m_tones.lip);
  canvas.onFace(lips(0.012, 0.012), m_tones.lip * 0.5);
  if (m_hasGlasses) {
    for (const int s : {-1, 1}) {
      auto rim = ellipse({s * half, eyeLine + 0.02}, 0.23, 0.19);
      rim.push_back(rim.front());
      canvas.line(rim, 0.025, {40, 40, 45});
    }
    canvas.line({{-half + 0.23, eyeLine}, {half - 0.23, eyeLine}}, 0.025, {40, 40, 45});
  }

  // Light, lens and sensor.
  cv::GaussianBlur(image, image, {}, std::max(0.3, view.blur * kOversampling));
  cv::Mat small;
  cv::resize(image, small, {view.size, view.size}, 0, 0, cv::INTER_AREA);
  for (int y = 0; y < small.rows; ++y) {
    auto* row = small.ptr<cv::Vec3b>(y);
    for (int x = 0; x < small.cols; ++x) {
      const double across = 2.0 * x / small.cols - 1;
      const double gain = view.light * (1 + 0.45 * view.side * across);
      const double noise = random.normal(0, 2.5);
      for (int c = 0; c < 3; ++c)
        row[x][c] = cv::saturate_cast<std::uint8_t>(gain * row[x][c] + noise);
    }
  }
  const auto at = [&](double x, double y) {
    return cv::Point2f(canvas.place(x, y) / kOversampling);
  };
  const double corner = mouth - 0.06 * view.smile;
  return {small,
          {at(-half, eyeLine), at(half, eyeLine), at(out, noseTip), at(-wide, corner),
           at(wide, corner)}};
}

FacePicture SyntheticFace::snapshot(std::uint64_t index, int size) const {
  Random random{m_seed, m_number, index, 0x5a9};
  FaceView view{.size = size};
  view.height = random.uniform(0.48, 0.62);
  view.turn = random.normal(0, 4);
  view.yaw = random.normal(0, 7);
  view.light = random.uniform(0.8, 1.1);
  view.side = random.uniform(-0.6, 0.6);
  view.smile = random.uniform(-0.3, 1);
  view.blur = random.uniform(0.5, 1.1);
  view.offset = {random.uniform(-0.05, 0.05), random.uniform(-0.05, 0.03)};
  return picture(view);
}

}  // namespace countersign
