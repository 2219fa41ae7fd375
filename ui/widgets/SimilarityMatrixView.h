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
/// that somebody else chose. The arrows move, Return chooses.
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

  QSize sizeHint() const override { return {420, 420}; }

 Q_SIGNALS:
  void pairChosen(std::size_t one, std::size_t other);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
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
  void chooseCell(Cell cell);

  std::shared_ptr<const PeopleSimilarity> m_similarity;
  double m_threshold = 0;
  std::vector<std::size_t> m_order;
  QImage m_image;  ///< One pixel a pair.
  Cell m_current;
};

}  // namespace countersign::ui
