// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <memory>
#include <optional>

#include "core/evaluation/ThresholdChoice.h"
#include "ui/support/ThresholdEvidence.h"
#include "ui/widgets/EvidencePlot.h"

class QComboBox;
class QHBoxLayout;
class QLabel;
class QStackedWidget;

namespace countersign::ui {

class OfficeSession;
class PairGallery;

/// The linked views of one threshold: how scores are distributed, two curves to choose, and in
/// their place the comparisons behind a bar or a count.
class ThresholdPlots final : public QWidget {
  Q_OBJECT

 public:
  explicit ThresholdPlots(OfficeSession& session, QWidget* parent = nullptr);

  /// @param compared  the same trials by another network, drawn beside; may be null.
  void show(std::shared_ptr<const ThresholdEvidence> evidence,
            std::shared_ptr<const ComparedEvidence> compared, const ThresholdGoal& goal);
  void setGoal(const ThresholdGoal& goal);
  void setThreshold(double threshold);
  /// Nothing of what was shown stays on the screen.
  void clear();
  /// The comparisons of one kind with scores in (low, high], the worst first, in place of curves.
  void showTrials(TrialKind kind, double low, double high);
  void showCurves();

  EvidencePlot* distributions() const { return m_distributions; }
  EvidencePlot* curves(int pane) const { return m_panes.at(static_cast<std::size_t>(pane)).plot; }
  QComboBox* viewBox(int pane) const { return m_panes.at(static_cast<std::size_t>(pane)).view; }
  PairGallery* gallery() const { return m_gallery; }
  QString galleryTitle() const;
  std::vector<EvidencePlot*> plots() const;

 Q_SIGNALS:
  void thresholdDragged(double threshold);
  void problem(const QString& sentence);
  void notice(const QString& sentence);

 private:
  struct Pane {
    QComboBox* view;
    EvidencePlot* plot;
  };
  void addExport(QHBoxLayout& row, EvidencePlot* plot);
  QWidget* buildCurves();
  QWidget* buildTrials();
  void renderPane(const Pane& pane);
  /// Of a bar, those that err there; where none does, whoever is there.
  void showBar(double low, double high);
  void exportPlot(EvidencePlot* plot);
  QString readOut(double threshold) const;

  OfficeSession& m_session;
  std::shared_ptr<const ThresholdEvidence> m_evidence;
  std::shared_ptr<const ComparedEvidence> m_compared;
  ThresholdGoal m_goal;
  double m_threshold = 0;
  EvidencePlot* m_distributions;
  QStackedWidget* m_lower;
  std::array<Pane, 2> m_panes{};
  QLabel* m_galleryTitle;
  PairGallery* m_gallery;
};

}  // namespace countersign::ui
