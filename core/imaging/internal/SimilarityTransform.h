// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <complex>
#include <opencv2/core/matx.hpp>
#include <opencv2/core/types.hpp>
#include <optional>
#include <vector>

namespace countersign {

/// The similarity transform (turn, size, shift; no reflection) that maps points onto others with
/// the least sum of squared distances (Umeyama, 1991), as a 2 × 3 matrix.
///
/// @return  nothing when the points fall together or are not finite.
inline std::optional<cv::Matx23d> similarityTransform(const std::vector<cv::Point2d>& from,
                                                      const std::vector<cv::Point2d>& to) {
  using Complex = std::complex<double>;
  const auto count = static_cast<double>(from.size());
  Complex centreFrom;
  Complex centreTo;
  for (std::size_t i = 0; i < from.size(); ++i) {
    centreFrom += Complex(from[i].x, from[i].y) / count;
    centreTo += Complex(to[i].x, to[i].y) / count;
  }
  // In the complex plane a similarity without reflection is z -> a z + b, and the best a is a
  // quotient: Umeyama's singular value decomposition is not needed in two dimensions.
  Complex covariance;
  double spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto z = Complex(from[i].x, from[i].y) - centreFrom;
    covariance += std::conj(z) * (Complex(to[i].x, to[i].y) - centreTo);
    spread += std::norm(z);
  }
  const auto a = covariance / spread;
  const auto b = centreTo - a * centreFrom;
  constexpr double kSmallest = 1e-6;
  if (!(spread > kSmallest) || !(std::abs(a) > kSmallest) ||
      !std::isfinite(std::abs(a) + std::abs(b)))
    return {};
  return cv::Matx23d(a.real(), -a.imag(), b.real(), a.imag(), a.real(), b.imag());
}

}  // namespace countersign
