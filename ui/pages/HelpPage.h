// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QTextBrowser;

namespace countersign::ui {

/// How a threshold is chosen, what a verdict says, and the keys: a text that comes with the
/// program.
class HelpPage final : public QWidget {
  Q_OBJECT

 public:
  explicit HelpPage(QWidget* parent = nullptr);

  void start();
  QTextBrowser* text() const { return m_text; }

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void render();

  QTextBrowser* m_text;
};

}  // namespace countersign::ui
