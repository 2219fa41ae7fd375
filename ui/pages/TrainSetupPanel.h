// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QListWidget;
class QPushButton;
class QRadioButton;
class QStackedWidget;
class QToolButton;

namespace countersign::ui {

class FolderDrop;
class OfficeSession;
class OptionsForm;
class PairGallery;
class TrainingSession;
class WaitingPanel;

/// The first step of training: a folder is dropped, what it holds and what is wrong with it is
/// shown, and training starts with options that suit it.
class TrainSetupPanel final : public QWidget {
  Q_OBJECT

 public:
  TrainSetupPanel(OfficeSession& office, TrainingSession& training, QWidget* parent = nullptr);

  void start();
  FolderDrop* drop() const { return m_drop; }
  OptionsForm* form() const { return m_form; }
  QToolButton* optionsButton() const { return m_showOptions; }
  QPushButton* startButton() const { return m_start; }
  QRadioButton* anewButton() const { return m_anew; }
  PairGallery* gallery() const { return m_gallery; }
  QString summary() const;

 Q_SIGNALS:
  void problem(const QString& sentence);

 private:
  QWidget* buildEmpty();
  QWidget* buildFound();
  void renderEmpty();
  void suggest();
  void render();
  void renderFound();
  void begin();

  OfficeSession& m_office;
  TrainingSession& m_training;
  const void* m_shown = nullptr;  ///< The corpus whose options the form shows.
  QStackedWidget* m_stack;
  QLabel* m_title;
  QLabel* m_text;
  FolderDrop* m_drop;
  WaitingPanel* m_looking;
  QLabel* m_summary;
  QLabel* m_split;
  PairGallery* m_gallery;
  QLabel* m_leaks;
  QLabel* m_problemTitle;
  QListWidget* m_problems;
  QRadioButton* m_fineTune;
  QRadioButton* m_anew;
  QLabel* m_plan;
  QToolButton* m_showOptions;
  OptionsForm* m_form;
  QPushButton* m_start;
  QPushButton* m_other;
};

}  // namespace countersign::ui
