// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <memory>
#include <optional>
#include <stop_token>

#include "ui/support/ThresholdEvidence.h"
#include "ui/widgets/EvidencePlot.h"

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

  EvidencePlot* distributions() const { return m_distributions; }
  EvidencePlot* curves(int pane) const { return m_panes.at(static_cast<std::size_t>(pane)).plot; }
  QComboBox* viewBox(int pane) const { return m_panes.at(static_cast<std::size_t>(pane)).view; }
  QTableWidget* counts() const;
  PairGallery* gallery() const { return m_gallery; }
  QString galleryTitle() const;
  ThresholdGoalPanel* goalPanel() const { return m_goal; }
  QComboBox* sourceBox() const { return m_source; }
  QPushButton* applyButton() const;
  QPushButton* policyButton() const { return m_policy; }
  /// Puts the people on file in use for verdicts, or the card again.
  QPushButton* weighButton() const { return m_weigh; }
  QString blindChecks() const;
  QString provenance() const;
  bool isWaiting() const;

 Q_SIGNALS:
  void problem(const QString& sentence);
  void notice(const QString& sentence);
  void comparisonWanted(const QString& file);

 private:
  struct Pane {
    QComboBox* view;
    EvidencePlot* plot;
  };

  QWidget* buildPlots();
  QWidget* buildSide();
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
  void renderPane(const Pane& pane);
  void renderPoint();
  void findThreshold();
  void showTrials(TrialKind kind, double low, double high);
  void exportPlot(EvidencePlot* plot);
  void chooseReport();
  QString readOut(double threshold) const;

  OfficeSession& m_session;
  std::shared_ptr<const ThresholdEvidence> m_evidence;
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
  EvidencePlot* m_distributions;
  QStackedWidget* m_lower;
  std::array<Pane, 2> m_panes{};
  QLabel* m_galleryTitle;
  PairGallery* m_gallery;
  OperatingPointPanel* m_point;
  ThresholdGoalPanel* m_goal;
  QLabel* m_blind;
  QPushButton* m_weigh;
  QPushButton* m_policy;
};

}  // namespace countersign::ui
