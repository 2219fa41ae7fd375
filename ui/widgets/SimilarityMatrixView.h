// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "core/office/PeopleSimilarity.h"

namespace countersign::ui {

/// Mean similarity of everybody with everybody as a square of colours, in an order
/// that somebody else chose. The arrows move, Return chooses; the wheel, + and − zoom, dragging
/// moves what is zoomed, a double click or 0 shows all.
class SimilarityMatrixView final : public QWidget {
  Q_OBJECT

 public:
  explicit SimilarityMatrixView(QWidget* parent = nullptr);

  /// More people than this are not drawn: nobody could see their cells.
  static constexpr std::size_t kMostDrawn = 2000;
  /// @param order      people as they are drawn; those beyond kMostDrawn are not.
  /// @param threshold  τ: colours change there.
  void setSimilarity(std::shared_ptr<const PeopleSimilarity> similarity,
                     std::vector<std::size_t> order, double threshold);
  const std::vector<std::size_t>& order() const { return m_order; }
  void choose(std::size_t one, std::size_t other);
  /// People along one side that are seen now.
  double visiblePeople() const { return m_visible.width(); }

  QSize sizeHint() const override { return {420, 420}; }

 Q_SIGNALS:
  void pairChosen(std::size_t one, std::size_t other);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Cell {
    int row = 0;
    int column = 0;
  };
  void draw();
  QRectF square() const;
  std::optional<Cell> cellAt(QPointF place) const;
  /// Shows fewer or more people (factor below or above 1) around a place of the matrix.
  void zoom(double factor, QPointF around);
  void showAll();
  /// Keeps what is seen within the matrix.
  void setSeen(QRectF visible);
  void uncover(Cell cell);
  void sayWhatIsAt(const QMouseEvent& event);
  void chooseCell(Cell cell);

  std::shared_ptr<const PeopleSimilarity> m_similarity;
  double m_threshold = 0;
  std::vector<std::size_t> m_order;
  QImage m_image;    ///< One pixel a pair.
  QRectF m_visible;  ///< The part that is seen, in cells.
  Cell m_current;
  std::optional<QPointF> m_pressed;
  QRectF m_visibleWhenPressed;
  bool m_isDragging = false;
};

}  // namespace countersign::ui
