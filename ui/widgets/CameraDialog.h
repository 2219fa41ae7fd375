// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QPointer>
#include <functional>
#include <memory>
#include <optional>

#include "core/biometrics/Records.h"
#include "ui/jobs/CameraFeed.h"
#include "ui/widgets/ImageDrop.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace countersign::ui {

class CameraView;
class OfficeSession;

/// Takes a picture of a face with a camera: shows what it sees, says what would make it better, and
/// takes the best picture of the first good second by itself. With a person, shows meanwhile how
/// the similarity with their references settles.
class CameraDialog final : public QDialog {
  Q_OBJECT

 public:
  explicit CameraDialog(OfficeSession& session, const std::optional<Person>& person,
                        QWidget* parent = nullptr);
  ~CameraDialog() override;

  /// Opens the dialog over `parent`; `taken` is called when a picture is to be used.
  static CameraDialog* open(OfficeSession& session, const std::optional<Person>& person,
                            QWidget* parent, std::function<void(const ImageSource&)> taken);

  /// Looks through a device, or a video file as if it were one.
  void look(const QString& source);

  CameraView* view() const { return m_view; }
  QComboBox* sources() const { return m_sources; }
  QLabel* hint() const { return m_hint; }
  QLabel* similarity() const { return m_similarity; }
  QPushButton* useButton() const { return m_use; }
  QPushButton* againButton() const { return m_again; }
  double perSecond() const { return m_perSecond; }

 Q_SIGNALS:
  void taken(const countersign::ui::ImageSource& image);

 private:
  void listSources();
  void chooseSource(int index);
  void start();
  /// Lets the camera go, without waiting for it.
  void stop();
  void see(const CameraGlimpse& glimpse);
  void keep(const QImage& picture);
  void tell(const QString& sentence);

  OfficeSession& m_session;
  std::optional<Person> m_person;
  QString m_source;
  QImage m_picture;
  double m_perSecond = 0;
  std::vector<EmbeddedSample> m_references;
  bool m_isReady = false;  ///< The references have been read.

  CameraView* m_view;
  QComboBox* m_sources;
  QLabel* m_hint;
  QLabel* m_similarity;
  QProgressBar* m_progress;
  QPushButton* m_again;
  QPushButton* m_use;
  std::unique_ptr<CameraFeed> m_feed;
  QPointer<CameraFeed> m_closing;  ///< One that lets its camera go.
  bool m_isWaiting = false;        ///< To start once it has.
};

}  // namespace countersign::ui
