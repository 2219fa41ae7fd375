// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <opencv2/core/mat.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/imaging/Camera.h"
#include "core/imaging/FaceReading.h"
#include "core/imaging/SampleReader.h"

namespace countersign {

/// What the person before a camera should do for a better picture, or nothing. A few words.
std::string_view captureHint(const FaceQuality& quality);

/// How good a face is for being compared, for choosing among pictures of one person: higher is
/// better. It says nothing of whose face it is.
double captureQuality(const FaceQuality& quality);

/// A check whether what is before the camera is a living face and no photo, screen or mask
/// (ISO/IEC 30107-1: presentation attack detection). None comes with the program.
class PresentationAttackCheck {
 public:
  virtual ~PresentationAttackCheck() = default;
  /// Sees the frames of one capture in their order.
  ///
  /// @return  a sentence when they should not be taken for a living face; nothing otherwise.
  virtual std::optional<std::string> suspicion(const std::vector<CameraFrame>& frames) = 0;
};

/// A picture that was chosen from a stream.
struct CapturedFace {
  CameraFrame frame;
  FaceReading reading;
};

/// Chooses the best picture of the first second in which one face could be seen well all the time.
class FaceCapture {
 public:
  static constexpr double kSeconds = 1;

  /// @param check  may be null.
  explicit FaceCapture(std::shared_ptr<PresentationAttackCheck> check = nullptr)
      : m_check(std::move(check)) {}

  /// @return  the best picture, once. After restart() there may be another.
  std::optional<CapturedFace> add(const CameraFrame& frame, const FaceReading& reading);
  void restart();

  /// How much of the second has been seen, in [0, 1].
  double progress() const;
  /// What the check said of the last second; empty when nothing.
  const std::string& suspicion() const { return m_suspicion; }

 private:
  std::shared_ptr<PresentationAttackCheck> m_check;
  std::optional<double> m_since;
  double m_now = 0;
  bool m_isDone = false;
  std::optional<CapturedFace> m_best;
  std::vector<CameraFrame> m_frames;  ///< For the check alone.
  std::string m_suspicion;
};

/// Looks through a camera, or a video file, until it has shown one face well for a second.
///
/// @param patience  seconds after which it gives up.
/// @return  QualityInsufficient with what was missing last, FileNotReadable as CameraStream,
///          Cancelled when it was stopped.
Result<CapturedFace> captureFace(const std::string& source, const SampleReader& reader,
                                 double patience, const std::stop_token& stop = {});

/// A score that settles while more pictures of one capture are compared: the mean over the best of
/// them by captureQuality().
class SettlingScore {
 public:
  static constexpr std::size_t kBest = 8;

  void add(double score, double quality);
  void restart() { m_scores.clear(); }
  /// Nothing before the first picture.
  std::optional<double> value() const;
  /// Pictures that it rests on.
  int count() const { return static_cast<int>(m_scores.size()); }

 private:
  std::vector<std::pair<double, double>> m_scores;  ///< Quality and score, the best first.
};

}  // namespace countersign
