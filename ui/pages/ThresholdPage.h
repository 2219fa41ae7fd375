// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <stop_token>

#include "ui/pages/ThresholdPlots.h"
#include "ui/support/ThresholdEvidence.h"

class QComboBox;
class QLabel;
class QPushButton;
class QStackedWidget;
class QTableWidget;

namespace countersign::ui {

class OfficeSession;
class OperatingPointPanel;
class PairGallery;
class ThresholdGoalPanel;
class WaitingPanel;

/// Chooses τ knowing what it costs: one operating point, in several linked views of the same
/// trials, with the trials themselves behind every bar and every count.
class ThresholdPage final : public QWidget {
  Q_OBJECT

 public:
  explicit ThresholdPage(OfficeSession& session, QWidget* parent = nullptr);

  void start();
  void setThreshold(double threshold);
  double threshold() const { return m_threshold; }
  /// Shows evidence that is there already.
  void showEvidence(std::shared_ptr<const ThresholdEvidence> evidence);
  void useTable(const std::filesystem::path& table);
  bool saveReport(const QString& path) const;

  EvidencePlot* distributions() const { return m_plots->distributions(); }
  EvidencePlot* curves(int pane) const { return m_plots->curves(pane); }
  QComboBox* viewBox(int pane) const { return m_plots->viewBox(pane); }
  QTableWidget* counts() const;
  PairGallery* gallery() const { return m_plots->gallery(); }
  QString galleryTitle() const { return m_plots->galleryTitle(); }
  ThresholdGoalPanel* goalPanel() const { return m_goal; }
  QComboBox* sourceBox() const { return m_source; }
  QPushButton* applyButton() const;
  QPushButton* policyButton() const { return m_policy; }
  /// Puts the people on file in use for verdicts, or the card again.
  QPushButton* weighButton() const { return m_weigh; }
  /// Measures the people on file anew, where their figures are another network's or out of date.
  QPushButton* remeasureButton() const { return m_remeasure; }
  /// Draws the same trials by another network, or from a table of its scores, beside.
  void compareWith(const std::filesystem::path& other);
  /// How far the two differ; empty while nothing is compared.
  QString comparison() const;
  QPushButton* stopComparingButton() const { return m_stopComparing; }
  QString blindChecks() const;
  QString provenance() const;
  bool isWaiting() const;

 Q_SIGNALS:
  void problem(const QString& sentence);
  void notice(const QString& sentence);

 private:
  QWidget* buildSide();
  QWidget* buildComparison();
  void chooseSource();
  void gather(EvidenceSource source);
  void cancelGathering();
  /// After gathering came to nothing: what was there before, or that there is nothing.
  void showWhatIsThere();
  void forgetEvidence();
  void renderService();
  void loadBlindChecks();
  void askPolicy();
  void weigh();
  void renderWeighing();
  void render();
  void renderPoint();
  void findThreshold();
  void stopComparing();
  void chooseReport();

  OfficeSession& m_session;
  std::shared_ptr<const ThresholdEvidence> m_evidence;
  std::shared_ptr<const ComparedEvidence> m_compared;  ///< Of the same trials; may be null.
  std::filesystem::path m_table;
  double m_threshold = 0;
  std::optional<EvidenceSource> m_gathered;  ///< Asked for, and not there yet.
  std::stop_source m_stop;
  int m_asked = 0;  ///< Counts wishes for evidence: the last one counts.
  bool m_isShown = false;
  QComboBox* m_source;
  QLabel* m_provenance;
  QStackedWidget* m_body;
  QLabel* m_nothing;
  WaitingPanel* m_waiting;
  ThresholdPlots* m_plots;
  OperatingPointPanel* m_point;
  ThresholdGoalPanel* m_goal;
  QLabel* m_blind;
  QWidget* m_comparison = nullptr;
  QLabel* m_comparedText;
  QPushButton* m_stopComparing;
  QLabel* m_outdated;
  QPushButton* m_remeasure;
  QPushButton* m_weigh;
  QPushButton* m_policy;
};

}  // namespace countersign::ui
