// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QImage>
#include <QTimer>
#include <memory>
#include <optional>
#include <vector>

#include "core/biometrics/Desk.h"

class QLabel;
class QPushButton;
class QSlider;

namespace countersign::ui {

class OfficeSession;

/// A picture with a frame that is drawn by mouse, or moved by the arrow keys and sized by Shift
/// with them.
class CropFrame final : public QWidget {
  Q_OBJECT

 public:
  explicit CropFrame(QImage picture, QWidget* parent = nullptr);

  /// In pixels of the picture; empty for all of it.
  QRect crop() const { return m_crop; }
  void setCrop(const QRect& crop);

  /// Faces to choose among, by a click or by their number on the keyboard: in pixels of the
  /// picture, from left to right.
  void setFaces(std::vector<QRect> faces);
  void setChosenFace(std::optional<int> index);
  /// The middle of a face's box, in pixels of the widget.
  QPoint placeOf(int face) const;

  QSize sizeHint() const override { return {560, 360}; }

 Q_SIGNALS:
  void cropChanged();
  /// @param index  counted from the left, from 0.
  void faceClicked(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QRectF target() const;
  QPoint toPicture(QPointF position) const;
  QRectF fromPicture(const QRectF& rectangle) const;

  QImage m_picture;
  std::vector<QRect> m_faces;
  std::optional<int> m_chosen;
  QRect m_crop;
  QPoint m_anchor;    ///< In the picture.
  QPointF m_pressed;  ///< In the widget.
};

/// Chooses the part of an image that holds the signature, and turns it; shows at once what the
/// network will see and how good it is.
class CropDialog final : public QDialog {
  Q_OBJECT

 public:
  CropDialog(OfficeSession& session, std::shared_ptr<const ExaminedImage> image,
             QWidget* parent = nullptr);

  /// The image as examined with the chosen region; the original one until the first change.
  std::shared_ptr<const ExaminedImage> result() const { return m_result; }
  CropFrame* frame() const { return m_frame; }
  QSlider* rotation() const { return m_rotation; }

 private:
  SampleRegion region() const;
  void chooseFace(std::optional<int> index);
  /// A frame around a face instead of its number.
  void frameFace(int index);
  void examineSoon();
  void examine();
  void render();

  OfficeSession& m_session;
  std::shared_ptr<const ExaminedImage> m_original;
  std::shared_ptr<const ExaminedImage> m_result;
  int m_request = 0;
  std::optional<int> m_face;  ///< The face that is meant, from the left, where there are several.
  CropFrame* m_frame;
  QSlider* m_rotation;
  QLabel* m_rotationText;
  QLabel* m_preview;
  QLabel* m_quality;
  QPushButton* m_accept;
  QTimer m_delay;
};

}  // namespace countersign::ui
