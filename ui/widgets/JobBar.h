// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QFrame>
#include <QTimer>

class QLabel;
class QProgressBar;
class QPushButton;

namespace countersign::ui {

class JobQueue;

/// The running long job: what, how many of how many, time left, Cancel. What takes under a second
/// shows nothing.
class JobBar final : public QFrame {
  Q_OBJECT

 public:
  explicit JobBar(JobQueue& jobs, QWidget* parent = nullptr);

  /// Stays hidden although a job runs, while something else shows it.
  void setHushed(bool isHushed);
  QPushButton* cancelButton() const { return m_cancel; }
  QString text() const;

 private:
  void start(const QString& title);
  void progress(int done, int total);
  void finish();

  JobQueue& m_jobs;
  QString m_title;
  bool m_isHushed = false;
  bool m_isDue = false;  ///< A job has been running for long enough to be shown.
  QLabel* m_text;
  QProgressBar* m_bar;
  QPushButton* m_cancel;
  QElapsedTimer m_since;
  int m_firstDone = -1;  ///< Where this run began: a resumed job has a head start.
  QTimer m_delay;
};

}  // namespace countersign::ui
