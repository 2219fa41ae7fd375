// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Result.h"

namespace countersign {

/// A camera that the system knows.
struct CameraDevice {
  std::string path;  ///< For example /dev/video0.
  std::string name;  ///< As its maker calls it.
};

/// The cameras of Video4Linux that give pictures, by their number (OpenCV cannot list them).
std::vector<CameraDevice> cameras(
    const std::filesystem::path& systemFolder = "/sys/class/video4linux");

/// One picture of a stream.
struct CameraFrame {
  cv::Mat picture;     ///< CV_8UC3 (BGR).
  double seconds = 0;  ///< Since the stream began.
};

/// Pictures from a camera, or from a video file as if it were one. Used by one thread at a time.
class CameraStream {
 public:
  /// @param source  a device of Video4Linux, or a video file.
  /// @return  FileNotReadable with a sentence when there is no such source, it is in use by another
  ///          program, or it gives no pictures.
  static Result<CameraStream> open(const std::string& source);

  CameraStream(CameraStream&&) noexcept;
  CameraStream& operator=(CameraStream&&) noexcept;
  ~CameraStream();

  /// Waits for the next picture. Those of a video file come at the pace at which it was recorded;
  /// what the caller was too slow for is left out, and a file that takes longer to decode than to
  /// play is played more slowly.
  ///
  /// @return  nothing at the end of a video file; FileNotReadable when a camera is lost.
  Result<std::optional<CameraFrame>> next();

 private:
  struct Impl;
  explicit CameraStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace countersign
