// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/SimilarityMatrixView.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

/// From the ground over the accent at τ to the colour of a false match beyond it; the diagonal
/// turns round, since there a low value is what needs a look.
/// Fainter and fainter from τ down to the lowest similarity there is.
QColor colourOf(double mean, double threshold, double lowest, bool isOwn) {
  const auto& c = colours();
  const auto mixed = [](const QColor& from, const QColor& to, double share) {
    const auto s = static_cast<float>(std::clamp(share, 0.0, 1.0));
    return QColor::fromRgbF(from.redF() + s * (to.redF() - from.redF()),
                            from.greenF() + s * (to.greenF() - from.greenF()),
                            from.blueF() + s * (to.blueF() - from.blueF()));
  };
  if (isOwn) return mean > threshold ? c.match : c.nonMatch;
  if (mean > threshold) return c.nonMatch;
  constexpr double kFaint = 0.85;
  const double share = threshold > lowest ? (mean - lowest) / (threshold - lowest) : 0;
  return mixed(c.surface, c.refer, kFaint * std::pow(std::clamp(share, 0.0, 1.0), 3));
}

}  // namespace

SimilarityMatrixView::SimilarityMatrixView(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setMinimumSize(200, 200);
  setAccessibleName(tr("Similarity of everybody with everybody"));
  setAccessibleDescription(tr("Arrows move, Return shows the two people."));
}

void SimilarityMatrixView::setSimilarity(std::shared_ptr<const PeopleSimilarity> similarity,
                                         std::vector<std::size_t> order, double threshold) {
  m_similarity = std::move(similarity);
  m_threshold = threshold;
  m_current = {};
  m_order = std::move(order);
  m_order.resize(std::min(m_order.size(), kMostDrawn));
  draw();
}

void SimilarityMatrixView::draw() {
  const auto count = static_cast<int>(m_order.size());
  m_image = count > 0 ? QImage(count, count, QImage::Format_RGB32) : QImage();
  const QRgb nothing = colours().sunken.rgb();
  double lowest = m_threshold;
  if (m_similarity)
    for (const float mean : m_similarity->means) lowest = std::fmin(lowest, double{mean});
  for (int row = 0; row < count; ++row) {
    auto* line = reinterpret_cast<QRgb*>(m_image.scanLine(row));
    for (int column = 0; column < count; ++column) {
      const double mean = double{m_similarity->between(m_order[static_cast<std::size_t>(row)],
                                                       m_order[static_cast<std::size_t>(column)])};
      line[column] =
          std::isfinite(mean) ? colourOf(mean, m_threshold, lowest, row == column).rgb() : nothing;
    }
  }
  update();
}

QRectF SimilarityMatrixView::square() const {
  constexpr double kMargin = 8;
  const double side = std::min(width(), height()) - 2 * kMargin;
  QRectF square(0, 0, side, side);
  square.moveCenter(QRectF(rect()).center());
  return square;
}

std::optional<SimilarityMatrixView::Cell> SimilarityMatrixView::cellAt(QPointF place) const {
  const auto at = square();
  if (m_order.empty() || !at.contains(place)) return {};
  const auto count = static_cast<double>(m_order.size());
  const auto last = static_cast<int>(m_order.size()) - 1;
  return Cell{std::min(last, static_cast<int>((place.y() - at.top()) / at.height() * count)),
              std::min(last, static_cast<int>((place.x() - at.left()) / at.width() * count))};
}

void SimilarityMatrixView::choose(std::size_t one, std::size_t other) {
  const auto placeOf = [&](std::size_t person) {
    return static_cast<int>(std::find(m_order.begin(), m_order.end(), person) - m_order.begin());
  };
  const Cell cell{placeOf(one), placeOf(other)};
  const auto count = static_cast<int>(m_order.size());
  if (cell.row < count && cell.column < count) m_current = cell;
  update();
}

void SimilarityMatrixView::chooseCell(Cell cell) {
  m_current = cell;
  update();
  Q_EMIT pairChosen(m_order[static_cast<std::size_t>(cell.row)],
                    m_order[static_cast<std::size_t>(cell.column)]);
}

void SimilarityMatrixView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const auto at = square();
  if (!m_image.isNull()) {
    painter.drawImage(at, m_image, QRectF(m_image.rect()));
    const double cell = at.width() / m_image.width();
    painter.setPen(QPen(colours().text, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(
        QRectF(at.left() + m_current.column * cell, at.top() + m_current.row * cell, cell, cell));
  }
  painter.setPen(hasFocus() ? QPen(colours().accent, 2) : QPen(colours().line, 1));
  painter.drawRect(at.adjusted(-2, -2, 2, 2));
}

void SimilarityMatrixView::mousePressEvent(QMouseEvent* event) {
  if (const auto cell = cellAt(event->position())) chooseCell(*cell);
}

void SimilarityMatrixView::mouseMoveEvent(QMouseEvent* event) {
  const auto cell = cellAt(event->position());
  if (!cell) return;
  const auto one = m_order[static_cast<std::size_t>(cell->row)];
  const auto other = m_order[static_cast<std::size_t>(cell->column)];
  const double mean = double{m_similarity->between(one, other)};
  const auto value = std::isfinite(mean) ? scoreText(mean) : tr("one reference only");
  QToolTip::showText(
      event->globalPosition().toPoint(),
      one == other ? tr("%1: own references %2").arg(personText(m_similarity->people[one]), value)
                   : tr("%1 and %2: %3")
                         .arg(personText(m_similarity->people[one]),
                              personText(m_similarity->people[other]), value),
      this);
}

void SimilarityMatrixView::keyPressEvent(QKeyEvent* event) {
  const auto last = static_cast<int>(m_order.size()) - 1;
  auto cell = m_current;
  switch (event->key()) {
    case Qt::Key_Left:
      cell.column -= 1;
      break;
    case Qt::Key_Right:
      cell.column += 1;
      break;
    case Qt::Key_Up:
      cell.row -= 1;
      break;
    case Qt::Key_Down:
      cell.row += 1;
      break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (last >= 0) chooseCell(m_current);
      return;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  if (last < 0) return;
  m_current = {std::clamp(cell.row, 0, last), std::clamp(cell.column, 0, last)};
  update();
}

void SimilarityMatrixView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && m_similarity) draw();
}

}  // namespace countersign::ui
