// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace countersign::ui {

/// What fills a page while a job runs that it cannot go on without: what is done, how far, Cancel.
class WaitingPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit WaitingPanel(const QString& text, QWidget* parent = nullptr);

  /// Begins to wait anew: how far is not known yet.
  void begin(bool isStopping);
  void setText(const QString& text);
  void setProgress(int done, int total);

 Q_SIGNALS:
  void cancelled();

 private:
  QLabel* m_text;
  QProgressBar* m_bar;
  QPushButton* m_cancel;
};

}  // namespace countersign::ui
