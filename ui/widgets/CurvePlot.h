// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVector>
#include <QWidget>
#include <vector>

class QCustomPlot;

namespace countersign::ui {

/// One line of a CurvePlot.
struct Curve {
  QString name;
  QVector<double> x;
  QVector<double> y;
  /// Drawn dashed, for what only accompanies another line.
  bool isAside = false;
};

/// Curves over the steps of a training run: every one in a colour of its own, named in a legend.
/// The value at the mouse is told in the tool tip.
class CurvePlot final : public QWidget {
  Q_OBJECT

 public:
  /// @param label     of the vertical axis.
  /// @param isFilled  the lines are outlines of distributions, not curves over steps.
  CurvePlot(const QString& horizontal, const QString& vertical, bool isFilled = false,
            QWidget* parent = nullptr);

  void setCurves(const std::vector<Curve>& curves);
  /// Where the horizontal axis ends; 0: with the curves.
  void setEnd(double end);
  int curveCount() const;
  int pointCount(int curve) const;

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void applyColours();
  void fit();
  QString textAt(double x) const;

  bool m_isFilled;
  double m_end = 0;
  QCustomPlot* m_plot;
};

}  // namespace countersign::ui
