// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QTimer>

class QLabel;
class QPushButton;
class QToolButton;

namespace countersign::ui {

/// One line below the header: what was done (with a way back), or what went wrong. Never a box that
/// has to be clicked away.
class MessageBar final : public QFrame {
  Q_OBJECT

 public:
  enum class Kind {
    Notice,   ///< Goes by itself, once it was there long enough to be read and undone.
    Tidings,  ///< Nothing is wrong, but it stays until it was read.
    Problem
  };

  explicit MessageBar(QWidget* parent = nullptr);

  /// @param action  text of a button, or empty.
  void show(Kind kind, const QString& sentence, const QString& action = {});
  void dismiss();
  QString text() const;
  Kind kind() const { return m_kind; }
  QPushButton* actionButton() const { return m_action; }

 Q_SIGNALS:
  void actionChosen();

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Kind m_kind = Kind::Notice;
  QLabel* m_icon;
  QLabel* m_text;
  QPushButton* m_action;
  QToolButton* m_close;
  QTimer m_timer;
};

}  // namespace countersign::ui
