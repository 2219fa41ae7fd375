// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/imaging/FaceCapture.h"

#include <algorithm>

namespace countersign {

std::string_view captureHint(const FaceQuality& quality) {
  if (quality.reasons.empty()) return {};
  switch (quality.reasons.front()) {
    case FaceQualityReason::NoFace:
      return "Look into the camera";
    case FaceQualityReason::SeveralFaces:
      return "One person at a time";
    case FaceQualityReason::CutOff:
      return "Move to the middle of the picture";
    case FaceQualityReason::TooSmall:
    case FaceQualityReason::Small:
      return "Come closer";
    case FaceQualityReason::Profile:
    case FaceQualityReason::Turned:
      return "Look straight ahead";
    case FaceQualityReason::Blurred:
      return "Hold still";
    case FaceQualityReason::Dark:
      return "More light is needed";
    case FaceQualityReason::Overexposed:
      return "Less light is needed";
    case FaceQualityReason::Covered:
      return "Uncover the face";
  }
  return {};
}

double captureQuality(const FaceQuality& quality) {
  // Reasons first, by their number; then details, which tell a still picture from a blurred one.
  const double details = quality.sharpness / (1 + quality.sharpness);
  return (quality.isComparable() ? 0 : -100) - static_cast<double>(quality.reasons.size()) +
         details;
}

std::optional<CapturedFace> FaceCapture::add(const CameraFrame& frame, const FaceReading& reading) {
  m_now = frame.seconds;
  if (m_isDone) return std::nullopt;
  if (!reading.quality.reasons.empty()) {
    m_since.reset();
    m_best.reset();
    m_frames.clear();
    return std::nullopt;
  }
  if (!m_since) m_since = frame.seconds;
  if (m_check) m_frames.push_back(frame);
  if (!m_best || captureQuality(reading.quality) > captureQuality(m_best->reading.quality))
    m_best = CapturedFace{frame, reading};
  if (frame.seconds - *m_since < kSeconds) return std::nullopt;
  m_suspicion.clear();
  if (m_check) {
    if (auto suspicion = m_check->suspicion(m_frames)) {
      m_suspicion = *std::move(suspicion);
      m_since.reset();
      m_best.reset();
      m_frames.clear();
      return std::nullopt;
    }
  }
  m_isDone = true;
  m_frames.clear();
  return std::exchange(m_best, std::nullopt);
}

void FaceCapture::restart() {
  m_since.reset();
  m_best.reset();
  m_frames.clear();
  m_suspicion.clear();
  m_isDone = false;
}

double FaceCapture::progress() const {
  if (m_isDone) return 1;
  return m_since ? std::clamp((m_now - *m_since) / kSeconds, 0.0, 1.0) : 0;
}

Result<CapturedFace> captureFace(const std::string& source, const SampleReader& reader,
                                 double patience, const std::stop_token& stop) {
  auto stream = CameraStream::open(source);
  if (!stream) return stream.error();
  FaceCapture capture;
  std::string hint(captureHint({.reasons = {FaceQualityReason::NoFace}}));
  for (;;) {
    if (stop.stop_requested())
      return Error{ErrorCode::Cancelled, "Looking through the camera was stopped.", ""};
    const auto frame = stream->next();
    if (!frame) return frame.error();
    if (!*frame || (*frame)->seconds > patience) break;
    const auto sample = reader.read((*frame)->picture, {});
    if (!sample) return sample.error();
    if (!sample->face) break;  // a reader of signatures
    if (auto captured = capture.add(**frame, *sample->face)) return *std::move(captured);
    if (const auto now = captureHint(sample->face->quality); !now.empty()) hint = now;
  }
  return Error{ErrorCode::QualityInsufficient,
               "The camera did not show one face well for a whole second. " + hint + ".", ""};
}

void SettlingScore::add(double score, double quality) {
  m_scores.emplace_back(quality, score);
  std::sort(m_scores.begin(), m_scores.end(), std::greater<>());
  if (m_scores.size() > kBest) m_scores.pop_back();
}

std::optional<double> SettlingScore::value() const {
  if (m_scores.empty()) return std::nullopt;
  double sum = 0;
  for (const auto& [quality, score] : m_scores) sum += score;
  return sum / static_cast<double>(m_scores.size());
}

}  // namespace countersign
