// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QObject>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/imaging/FaceCapture.h"
#include "core/metric/EmbeddingNetwork.h"

namespace countersign::ui {

/// What a camera showed a moment ago, and what was found in it.
struct CameraGlimpse {
  QImage picture;
  std::vector<DetectedFace> faces;
  std::optional<std::size_t> chosen;
  QString hint;                   ///< What to do for a better picture; empty when it is good.
  double progress = 0;            ///< FaceCapture::progress().
  std::optional<double> settled;  ///< Mean score of the best pictures with the references.
  int compared = 0;               ///< Pictures that it rests on.
  double perSecond = 0;           ///< Pictures looked at in a second, of late.
};

/// Looks through a camera, or a video file, on a thread of its own: finds the face in every
/// picture, compares it with references if there are any, and chooses the best picture of a second.
/// All signals come on the thread that it lives on; what that is too slow for is left out.
class CameraFeed final : public QObject {
  Q_OBJECT

 public:
  struct Subject {
    std::shared_ptr<const EmbeddingNetwork> network;  ///< For faces.
    std::vector<EmbeddedSample> references;           ///< To compare with; may be empty.
  };

  CameraFeed(std::string source, Subject subject, QObject* parent = nullptr);
  /// Waits for the picture that is being taken, which a camera that hangs may take seconds for:
  /// see retire().
  ~CameraFeed() override;

  /// Ends without waiting: nothing but stopped() is heard of it any more, and it deletes itself.
  ///
  /// @param keeper  owns it until then.
  static void retire(std::unique_ptr<CameraFeed> feed, QObject& keeper);

 Q_SIGNALS:
  /// After retire(): the camera is free for somebody else.
  void stopped();
  void seen(const countersign::ui::CameraGlimpse& glimpse);
  /// One good picture: the file's or the camera's pixels as they came.
  void captured(const QImage& picture);
  /// A video file is over.
  void ended();
  void failed(const countersign::Error& error);

 private:
  void run(const std::string& source, const std::stop_token& stop);
  /// @param isOver  whether a video file came to its end.
  Status watch(const std::string& source, const std::stop_token& stop, bool& isOver);
  Status look(const CameraFrame& frame);
  /// How much the face that is looked at goes with those before, if there is one.
  std::optional<double> settled(const ReadSample& sample);
  void post(const std::function<void()>& change);
  Q_INVOKABLE void deliver();

  Subject m_subject;
  FaceCapture m_capture;
  SettlingScore m_score;
  double m_pace = 0;
  std::optional<double> m_last;
  std::optional<cv::Rect2f> m_face;  ///< Where the face was a picture ago.

  std::mutex m_mutex;  ///< For all below.
  bool m_hasEnded = false;
  bool m_isRetired = false;
  bool m_isPosted = false;
  std::optional<CameraGlimpse> m_glimpse;
  std::optional<QImage> m_picture;
  bool m_isOver = false;
  std::optional<Error> m_error;
  std::jthread m_thread;  // last member: ends before what it uses
};

}  // namespace countersign::ui
