// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace countersign::ui {

/// What an empty store shows: what this is, and the next step.
class WelcomePage final : public QWidget {
  Q_OBJECT

 public:
  explicit WelcomePage(QWidget* parent = nullptr);
  void start();
  QPushButton* enrolButton() const { return m_enrol; }
  QPushButton* sampleButton() const { return m_sample; }

 Q_SIGNALS:
  void enrolWanted();
  void sampleOfficeWanted();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void showLogo();
  QLabel* m_logo;
  QPushButton* m_enrol;
  QPushButton* m_sample;
};

}  // namespace countersign::ui
