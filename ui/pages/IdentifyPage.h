// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>

#include "core/biometrics/Desk.h"
#include "ui/support/ImageLoading.h"

class QLineEdit;
class QPushButton;
class QTableView;

namespace countersign::ui {

class CandidateTableModel;
class CompareView;
class ImageDrop;
class OfficeSession;
class VerdictBanner;

/// Whose signature is this? One probe against everybody on file, with an explicit "unknown".
class IdentifyPage final : public QWidget {
  Q_OBJECT

 public:
  explicit IdentifyPage(OfficeSession& session, QWidget* parent = nullptr);

  void takeImage(const ImageSource& source);
  void start();
  ImageDrop* drop() const { return m_drop; }
  QTableView* table() const { return m_table; }
  const std::optional<Identification>& identification() const { return m_found; }
  QPushButton* recordFound() const { return m_recordFound; }
  QPushButton* recordUnknown() const { return m_recordUnknown; }

 Q_SIGNALS:
  void problem(const QString& sentence);
  void recorded(countersign::DecisionKey decision);
  void identified();
  /// The user wants to compare with one candidate closely.
  void verifyWanted(countersign::PersonKey person, const countersign::ui::ImageSource& probe);

 private:
  void crop();
  void identify();
  /// The probe again by the network that serves now.
  void reexamine();
  void showCandidate();
  void record(bool isFound);
  void clear();
  void showModality();
  void render();
  const Candidate* chosen() const;

  OfficeSession& m_session;
  ImageSource m_source;
  std::optional<ShownImage> m_probe;
  std::optional<Identification> m_found;
  bool m_isRecorded = false;
  QString m_failure;
  int m_request = 0;
  int m_candidateRequest = 0;

  ImageDrop* m_drop;
  VerdictBanner* m_banner;
  CandidateTableModel* m_model;
  QTableView* m_table;
  CompareView* m_compare;
  QLineEdit* m_note;
  QPushButton* m_recordFound;
  QPushButton* m_recordUnknown;
  QPushButton* m_verify;
};

}  // namespace countersign::ui
