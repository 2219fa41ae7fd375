// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace countersign {

/// TensorFlow's padding "SAME": as many outputs as inputs, over the stride and rounded up. What is
/// odd goes to the bottom and the right.
///
/// @return  left, right, top, bottom: in the order of LibTorch's padding.
inline std::array<std::int64_t, 4> samePadding(const at::Tensor& x, int kernel, int stride) {
  const auto missing = [&](std::int64_t extent) {
    const auto outputs = (extent + stride - 1) / stride;
    return std::max<std::int64_t>(0, (outputs - 1) * stride + kernel - extent);
  };
  const auto vertical = missing(x.size(2));
  const auto horizontal = missing(x.size(3));
  return {horizontal / 2, horizontal - horizontal / 2, vertical / 2, vertical - vertical / 2};
}

inline at::Tensor paddedAsSame(const at::Tensor& x, int kernel, int stride, double value = 0) {
  const auto padding = samePadding(x, kernel, stride);
  const bool isNeeded = std::any_of(padding.begin(), padding.end(), [](auto p) { return p > 0; });
  return isNeeded ? at::constant_pad_nd(x, padding, value) : x;
}

}  // namespace countersign
