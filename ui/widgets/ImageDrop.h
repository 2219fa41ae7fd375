// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QImage>
#include <QStringList>

class QLabel;
class QMimeData;
class QPushButton;

namespace countersign::ui {

/// An image file, or a picture from the clipboard or another program.
struct ImageSource {
  QString file;             ///< Empty for a picture.
  QImage picture;           ///< Of this program.
  QByteArray encoded = {};  ///< Of another program, an image file: nothing of it is decoded yet.
  QString name = {};        ///< Of a picture: where it came from; empty for the clipboard.
};

/// A place to drop, paste or open images, that shows one of them. Folders are opened one level
/// deep. Nothing is decoded here, since that is not done in this process.
class ImageDrop final : public QFrame {
  Q_OBJECT

 public:
  explicit ImageDrop(QWidget* parent = nullptr);

  /// What the empty area says, for example "Drop the questioned signature here".
  void setInvitation(const QString& text);
  void setMultiple(bool isMultiple) { m_isMultiple = isMultiple; }
  /// Shows a picture; a null one shows the invitation.
  void setPicture(const QImage& picture);
  /// The buttons below the area, for a page to focus or hide.
  QPushButton* openButton() const { return m_open; }
  QPushButton* pasteButton() const { return m_paste; }
  QPushButton* cropButton() const { return m_crop; }
  /// Hidden until a page shows it.
  QPushButton* cameraButton() const { return m_camera; }

  void openFiles();
  void paste();

 Q_SIGNALS:
  void imagesChosen(const QList<countersign::ui::ImageSource>& images);
  void cropRequested();
  void cameraRequested();

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QRectF area() const;
  void take(const QMimeData* content);

  QString m_invitation;
  QImage m_picture;
  bool m_isMultiple = false;
  bool m_isTarget = false;
  QPushButton* m_open;
  QPushButton* m_paste;
  QPushButton* m_crop;
  QPushButton* m_camera;
};

}  // namespace countersign::ui
