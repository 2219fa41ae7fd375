// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QImage>
#include <QPixmap>
#include <QPolygonF>
#include <QWidget>
#include <functional>
#include <optional>
#include <vector>

#include "core/metric/EmbeddingLayout.h"

namespace countersign::ui {

/// A map of samples: dots from afar, the samples themselves when few are in sight. All of them are
/// always drawn. Wheel or + and − zoom, drag or arrows move, 0 shows all, Shift and drag selects
/// what is encircled, a click or Page up and Page down choose one.
class EmbeddingMapView final : public QWidget {
  Q_OBJECT

 public:
  explicit EmbeddingMapView(QWidget* parent = nullptr);

  /// @param groups  colour of each point, by its number; −1 stands out (the questioned sample).
  void setPoints(std::vector<MapPoint> points, std::vector<int> groups);
  /// The same points elsewhere.
  void movePoints(std::vector<MapPoint> points);
  void setGroups(std::vector<int> groups);
  void setNameOf(std::function<QString(std::size_t)> nameOf) { m_nameOf = std::move(nameOf); }
  void setPicture(std::size_t point, const QImage& picture);
  void choose(std::optional<std::size_t> point);
  std::optional<std::size_t> chosen() const { return m_chosen; }
  const std::vector<std::size_t>& selection() const { return m_selection; }
  const std::vector<MapPoint>& points() const { return m_points; }
  std::size_t count() const { return m_points.size(); }
  double zoom() const { return m_zoom; }
  void zoomBy(double factor, QPointF at);
  void fit();
  /// Where a point is in the widget.
  QPointF position(std::size_t point) const;
  std::optional<std::size_t> pointAt(QPointF position) const;

  QSize sizeHint() const override { return {520, 420}; }

 Q_SIGNALS:
  void pointChosen(std::size_t point);
  void selectionChanged();
  /// Points are in sight whose pictures are missing.
  void picturesWanted(const std::vector<std::size_t>& points);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  double scale() const;
  void paintDots(QPainter& painter);
  void paintPictures(QPainter& painter, const std::vector<std::size_t>& inSight);
  std::vector<std::size_t> pointsInSight() const;
  void askForPictures(const std::vector<std::size_t>& inSight);

  std::vector<MapPoint> m_points;
  std::vector<int> m_groups;
  std::vector<std::size_t> m_selection;
  std::optional<std::size_t> m_chosen;
  std::function<QString(std::size_t)> m_nameOf;
  QHash<std::size_t, QPixmap> m_pictures;
  QHash<std::size_t, bool> m_asked;
  std::vector<QPixmap> m_dots;  ///< One a colour; made anew with the theme.
  double m_zoom = 1;
  QPointF m_centre;  ///< Of the view, in the map's coordinates.
  QPointF m_pressed;
  QPointF m_lastMouse;
  QPolygonF m_lasso;
  bool m_isLasso = false;
};

/// The colour of a group, apart from its neighbours'.
QColor groupColour(int group);

}  // namespace countersign::ui
