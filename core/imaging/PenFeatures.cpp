// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/PenFeatures.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace countersign {

namespace {

constexpr std::size_t kFewestPoints = 8;
constexpr double kStandstill = 1e-6;  // speed below which a direction would be rounding noise

PenTrajectory resampled(const PenTrajectory& trajectory, std::size_t count) {
  const double begin = trajectory.front().seconds;
  const double duration = trajectory.back().seconds - begin;
  PenTrajectory even;
  even.reserve(count);
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    const double time = begin + duration * share;
    while (at + 2 < trajectory.size() && trajectory[at + 1].seconds < time) ++at;
    const auto& a = trajectory[at];
    const auto& b = trajectory[at + 1];
    const double span = b.seconds - a.seconds;
    const double part = span > 0 ? std::clamp((time - a.seconds) / span, 0.0, 1.0) : 0;
    even.push_back({a.x + part * (b.x - a.x), a.y + part * (b.y - a.y), time, a.isDown});
  }
  return even;
}

}  // namespace

Result<PenFeatures> penFeatures(const PenTrajectory& trajectory) {
  const auto tooLittle = [] {
    return Error{ErrorCode::QualityInsufficient,
                 "There is too little pen movement to compare; sign again.", ""};
  };
  if (trajectory.size() < kFewestPoints ||
      !(trajectory.back().seconds > trajectory.front().seconds))
    return tooLittle();
  const auto count =
      std::min(trajectory.size(), static_cast<std::size_t>(PenFeatures::kMostPoints));
  const auto points = resampled(trajectory, count);
  double meanX = 0;
  double meanY = 0;
  for (const auto& p : points) {
    meanX += p.x / static_cast<double>(count);
    meanY += p.y / static_cast<double>(count);
  }
  double squares = 0;
  for (const auto& p : points) squares += std::pow(p.x - meanX, 2) + std::pow(p.y - meanY, 2);
  const double unit = std::sqrt(squares / static_cast<double>(2 * count));
  if (!(unit > 0) || !std::isfinite(unit)) return tooLittle();
  PenFeatures features;
  features.values.reserve(count * PenFeatures::kFeatures);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& p = points[i];
    const auto& before = points[i == 0 ? 0 : i - 1];
    const double dx = (p.x - before.x) / unit;
    const double dy = (p.y - before.y) / unit;
    const double speed = std::hypot(dx, dy);
    for (const double value : {(p.x - meanX) / unit, (p.y - meanY) / unit, dx, dy, speed,
                               speed > kStandstill ? dx / speed : 0,
                               speed > kStandstill ? dy / speed : 0, p.isDown ? 1.0 : 0.0})
      features.values.push_back(static_cast<float>(value));
  }
  return features;
}

PenTrajectory augmentTrajectory(PenTrajectory trajectory, const AugmentationOptions& options,
                                Random& random) {
  const double turn = random.uniform(-1, 1) * options.rotation * std::numbers::pi / 180;
  const double stretch = std::exp(random.uniform(-0.5, 0.5) * options.scale);
  const double shear = random.uniform(-1, 1) * options.shear;
  const double tempo = std::exp(random.uniform(-1, 1) * options.scale);
  for (auto& p : trajectory) {
    const double x = stretch * p.x + shear * p.y;
    const double y = p.y / stretch;
    p.x = std::cos(turn) * x - std::sin(turn) * y;
    p.y = std::sin(turn) * x + std::cos(turn) * y;
    p.seconds *= tempo;
  }
  return trajectory;
}

}  // namespace countersign
