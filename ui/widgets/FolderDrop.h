// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QPushButton;

namespace countersign::ui {

/// A place to drop or choose one folder.
class FolderDrop final : public QFrame {
  Q_OBJECT

 public:
  explicit FolderDrop(QWidget* parent = nullptr);

  /// What the area says, for example "Drop a folder of signatures here".
  void setInvitation(const QString& text);
  QPushButton* openButton() const { return m_open; }

 Q_SIGNALS:
  void folderChosen(const QString& folder);

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void setTarget(bool isTarget);

  QString m_invitation;
  bool m_isTarget = false;
  QPushButton* m_open;
};

}  // namespace countersign::ui
