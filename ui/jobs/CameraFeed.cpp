// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/CameraFeed.h"

#include <QMetaObject>

#include "core/biometrics/ComparisonScore.h"
#include "ui/support/ImageConversion.h"

namespace countersign::ui {

CameraFeed::CameraFeed(std::string source, Subject subject, QObject* parent)
    : QObject(parent),
      m_subject(std::move(subject)),
      m_thread(
          [this, source = std::move(source)](const std::stop_token& stop) { run(source, stop); }) {}

CameraFeed::~CameraFeed() {
  m_thread.request_stop();
  m_thread.join();
}

void CameraFeed::retire(std::unique_ptr<CameraFeed> feed, QObject& keeper) {
  auto* retired = feed.release();
  retired->setParent(&keeper);
  retired->m_thread.request_stop();
  retired->post([retired] { retired->m_isRetired = true; });
}

void CameraFeed::post(const std::function<void()>& change) {
  {
    const std::scoped_lock lock(m_mutex);
    change();
    if (std::exchange(m_isPosted, true)) return;
  }
  QMetaObject::invokeMethod(this, "deliver", Qt::QueuedConnection);
}

void CameraFeed::deliver() {
  std::optional<CameraGlimpse> glimpse;
  std::optional<QImage> picture;
  std::optional<Error> error;
  bool isOver = false;
  bool isRetired = false;
  {
    const std::scoped_lock lock(m_mutex);
    m_isPosted = false;
    if (m_isRetired) {
      if (!m_hasEnded) return;
      isRetired = true;
      deleteLater();
    }
    glimpse = std::exchange(m_glimpse, std::nullopt);
    picture = std::exchange(m_picture, std::nullopt);
    error = std::exchange(m_error, std::nullopt);
    isOver = std::exchange(m_isOver, false);
  }
  if (isRetired) {
    Q_EMIT stopped();
    return;
  }
  if (glimpse) Q_EMIT seen(*glimpse);
  if (picture) Q_EMIT captured(*picture);
  if (error) Q_EMIT failed(*error);
  if (isOver) Q_EMIT ended();
}

void CameraFeed::run(const std::string& source, const std::stop_token& stop) {
  Status status = ok();
  bool isOver = false;
  try {
    status = watch(source, stop, isOver);
  } catch (const std::exception& e) {  // none may leave the thread
    status = Error{ErrorCode::BackendFailure, "The pictures of the camera could not be looked at.",
                   e.what()};
  }
  post([&] {
    if (!status) m_error = status.error();
    m_isOver = isOver;
    m_hasEnded = true;
  });
}

Status CameraFeed::watch(const std::string& source, const std::stop_token& stop, bool& isOver) {
  auto stream = CameraStream::open(source);
  if (!stream) return stream.error();
  while (!stop.stop_requested()) {
    auto frame = stream->next();
    if (!frame) return frame.error();
    isOver = !*frame;
    if (isOver) break;
    if (auto status = look(**frame); !status) return status;
  }
  return ok();
}

std::optional<double> CameraFeed::settled(const ReadSample& sample) {
  // What was seen of one face says nothing of another that came in its place.
  const auto& reading = *sample.face;
  const auto before = std::exchange(m_face, std::nullopt);
  if (reading.chosen) m_face = reading.faces[*reading.chosen].box;
  if (!m_face || !before || (*m_face & *before).area() <= 0) m_score.restart();
  if (!sample.isComparable || m_subject.references.empty()) return m_score.value();
  if (const auto embedded = m_subject.network->embed(sample.canvas)) {
    std::vector<SimilarityScore> scores;
    scores.reserve(m_subject.references.size());
    for (const auto& reference : m_subject.references)
      scores.push_back({m_subject.network->score(*embedded, reference)});
    m_score.add(fuseScores(std::move(scores), m_subject.network->card().fusedReferences).value,
                captureQuality(reading.quality));
  }
  return m_score.value();
}

Status CameraFeed::look(const CameraFrame& frame) {
  const auto sample = m_subject.network->read(frame.picture);
  if (!sample) return sample.error();
  CameraGlimpse glimpse;
  glimpse.picture = toQImage(frame.picture);
  std::optional<CapturedFace> chosen;
  if (sample->face) {
    const auto& face = *sample->face;
    glimpse.faces = face.faces;
    glimpse.chosen = face.chosen;
    const auto hint = captureHint(face.quality);
    glimpse.hint = QString::fromUtf8(hint.data(), static_cast<qsizetype>(hint.size()));
    chosen = m_capture.add(frame, face);
    if (!m_capture.suspicion().empty())
      glimpse.hint = QString::fromStdString(m_capture.suspicion());
    glimpse.settled = settled(*sample);
  }
  glimpse.progress = m_capture.progress();
  glimpse.compared = m_score.count();
  if (m_last && frame.seconds > *m_last) {
    constexpr double kInertia = 0.9;
    const double now = 1 / (frame.seconds - *m_last);
    m_pace = m_pace > 0 ? kInertia * m_pace + (1 - kInertia) * now : now;
  }
  m_last = frame.seconds;
  glimpse.perSecond = m_pace;
  post([&] {
    m_glimpse = std::move(glimpse);
    if (chosen) m_picture = toQImage(chosen->frame.picture);
  });
  return ok();
}

}  // namespace countersign::ui
