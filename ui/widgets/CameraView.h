// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/jobs/CameraFeed.h"

namespace countersign::ui {

/// The picture of a camera as in a mirror, with what was found in it.
class CameraView final : public QWidget {
  Q_OBJECT

 public:
  explicit CameraView(QWidget* parent = nullptr);

  void show(const CameraGlimpse& glimpse);
  /// A picture that was taken, without marks.
  void showPicture(const QImage& picture);
  void clear();
  bool isEmpty() const { return m_glimpse.picture.isNull(); }

  QSize sizeHint() const override { return {560, 420}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  CameraGlimpse m_glimpse;
};

}  // namespace countersign::ui
