// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QVector>
#include <QWidget>
#include <functional>
#include <vector>

class QCPItemLine;
class QCPItemTracer;
class QCPLayer;
class QCustomPlot;
class QMouseEvent;

namespace countersign::ui {

struct Colours;

/// Curves with one operating point, which is dragged in any of several plots and followed in all:
/// as a line where an axis tells the threshold, as discs on curves that were drawn from it. What
/// moves lies on a layer of its own, so that following costs the same whatever is drawn below.
class EvidencePlot final : public QWidget {
  Q_OBJECT

 public:
  enum class Meaning { Mated, Skilled, Random, Plain };
  struct Series {
    QString name;
    Meaning meaning = Meaning::Plain;
    QVector<double> x;
    QVector<double> y;
    QVector<double> threshold;  ///< Of each point, rising; empty where an axis tells it.
    bool isFilled = false;      ///< A histogram: steps, filled.
    bool isDotted = false;
    bool isInLegend = true;
  };
  enum class Scale {
    Linear,
    Percent,  ///< Shares, in [0, 1].
    Deviate,  ///< Shares by their normal deviate, as DET curves have them (Martin et al., 1997).
  };
  struct Axis {
    QString label;
    Scale scale = Scale::Linear;
    double low = 0;
    double high = 1;
  };

  explicit EvidencePlot(QWidget* parent = nullptr);

  /// What the place on the horizontal axis says about the threshold, and back; both empty where the
  /// series' own thresholds do, or nothing does.
  struct Mapping {
    std::function<double(double)> toX;
    std::function<double(double)> fromX;
  };
  void show(const Axis& horizontal, const Axis& vertical, std::vector<Series> series,
            Mapping mapping);
  void setThreshold(double threshold);
  /// What is said at a threshold while the pointer rests there.
  void setReadOut(std::function<QString(double)> readOut) { m_readOut = std::move(readOut); }
  /// A click says where it was instead of moving the threshold.
  void setPickable(bool isPickable) { m_isPickable = isPickable; }
  void resetZoom();

  bool savePng(const QString& path) const;
  bool saveSvg(const QString& path) const;
  /// The points of all series, as comma-separated values.
  QString csv() const;
  /// Paints the plot on paper, in the light colours.
  void paintOn(QPainter& painter, const QRectF& place);

  QCustomPlot* plot() const { return m_plot; }
  int seriesCount() const { return static_cast<int>(m_series.size()); }
  /// Where the threshold stands, in pixels of plot(); for a line, at its middle.
  QPointF markerPosition() const;

 Q_SIGNALS:
  void thresholdDragged(double threshold);
  /// A click at a place of the horizontal axis, between two borders of a filled series.
  void picked(double low, double high);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  static double place(double value, Scale scale);
  void applyColours(const Colours& colours);
  void setAxes();
  void placeMarkers();
  double thresholdAt(const QPointF& position) const;
  bool hasThreshold() const;
  void press(const QMouseEvent& event);
  void move(const QMouseEvent& event);
  void release(const QMouseEvent& event);

  QCustomPlot* m_plot;
  QCPLayer* m_markers;
  QCPItemLine* m_line;
  std::vector<QCPItemTracer*> m_discs;
  std::vector<Series> m_series;
  Axis m_horizontal;
  Axis m_vertical;
  Mapping m_mapping;
  std::function<QString(double)> m_readOut;
  double m_threshold = 0;
  bool m_isPickable = false;
  bool m_isDragging = false;
  QPointF m_pressed;
};

}  // namespace countersign::ui
