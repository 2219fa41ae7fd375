// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// A small published network as TensorFlow Lite keeps it, run by LibTorch.
///
/// Thread-safe: run() may be called on several threads at once.
class TfliteNetwork {
 public:
  /// @return  FileMalformed when the file is damaged, or does what is not known here, or cannot be
  ///          run on an input of the size that it names.
  static Result<TfliteNetwork> of(std::span<const std::byte> file);

  TfliteNetwork(TfliteNetwork&&) noexcept;
  TfliteNetwork& operator=(TfliteNetwork&&) noexcept;
  ~TfliteNetwork();

  /// Rows and columns of the input.
  cv::Size inputSize() const;

  /// @param input  CV_32FC3 of inputSize(), continuous.
  /// @return  the outputs in the file's order, each as the file lays it out, row by row.
  Result<std::vector<std::vector<float>>> run(const cv::Mat& input) const;

 private:
  struct Impl;
  explicit TfliteNetwork(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace countersign
