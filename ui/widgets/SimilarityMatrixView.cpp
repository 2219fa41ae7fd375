// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/SimilarityMatrixView.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>
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
  setAccessibleDescription(
      tr("Arrows move, Return shows the two people, plus and minus zoom, 0 shows all."));
  setToolTip(tr("Wheel zooms, dragging moves, a double click shows all"));
}

void SimilarityMatrixView::setSimilarity(std::shared_ptr<const PeopleSimilarity> similarity,
                                         std::vector<std::size_t> order, double threshold) {
  m_similarity = std::move(similarity);
  m_threshold = threshold;
  m_current = {};
  m_order = std::move(order);
  m_order.resize(std::min(m_order.size(), kMostDrawn));
  showAll();
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
  const auto last = static_cast<int>(m_order.size()) - 1;
  const auto along = [&](double from, double size, double share) {
    return std::clamp(static_cast<int>(from + size * share), 0, last);
  };
  return Cell{along(m_visible.top(), m_visible.height(), (place.y() - at.top()) / at.height()),
              along(m_visible.left(), m_visible.width(), (place.x() - at.left()) / at.width())};
}

void SimilarityMatrixView::setSeen(QRectF visible) {
  const auto count = static_cast<double>(m_order.size());
  visible.moveLeft(std::clamp(visible.left(), 0.0, std::max(0.0, count - visible.width())));
  visible.moveTop(std::clamp(visible.top(), 0.0, std::max(0.0, count - visible.height())));
  m_visible = visible;
  update();
}

void SimilarityMatrixView::showAll() {
  const auto count = static_cast<double>(m_order.size());
  m_visible = QRectF(0, 0, count, count);
  update();
}

void SimilarityMatrixView::zoom(double factor, QPointF around) {
  const auto count = static_cast<double>(m_order.size());
  if (count == 0) return;
  constexpr double kFewest = 4;
  const double size = std::clamp(m_visible.width() * factor, std::min(kFewest, count), count);
  const double share = size / m_visible.width();
  // What lies under the pointer stays there.
  setSeen({around.x() - (around.x() - m_visible.left()) * share,
           around.y() - (around.y() - m_visible.top()) * share, size, size});
}

void SimilarityMatrixView::uncover(Cell cell) {
  auto visible = m_visible;
  const auto reach = [](double from, double size, double place) {
    return std::clamp(from, place + 1 - size, place);
  };
  visible.moveLeft(reach(visible.left(), visible.width(), cell.column));
  visible.moveTop(reach(visible.top(), visible.height(), cell.row));
  setSeen(visible);
}

void SimilarityMatrixView::choose(std::size_t one, std::size_t other) {
  const auto placeOf = [&](std::size_t person) {
    return static_cast<int>(std::find(m_order.begin(), m_order.end(), person) - m_order.begin());
  };
  const Cell cell{placeOf(one), placeOf(other)};
  const auto count = static_cast<int>(m_order.size());
  if (cell.row < count && cell.column < count) {
    m_current = cell;
    uncover(cell);
  }
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
    painter.drawImage(at, m_image, m_visible);
    const double cell = at.width() / m_visible.width();
    painter.save();
    painter.setClipRect(at.adjusted(-1, -1, 1, 1));
    painter.setPen(QPen(colours().text, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(at.left() + (m_current.column - m_visible.left()) * cell,
                            at.top() + (m_current.row - m_visible.top()) * cell, cell, cell));
    painter.restore();
  }
  painter.setPen(hasFocus() ? QPen(colours().accent, 2) : QPen(colours().line, 1));
  painter.drawRect(at.adjusted(-2, -2, 2, 2));
}

void SimilarityMatrixView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  m_pressed = event->position();
  m_visibleWhenPressed = m_visible;
  m_isDragging = false;
}

void SimilarityMatrixView::mouseReleaseEvent(QMouseEvent* event) {
  const bool isClick = m_pressed && !m_isDragging;
  m_pressed.reset();
  m_isDragging = false;
  if (!isClick) return;
  if (const auto cell = cellAt(event->position())) chooseCell(*cell);
}

void SimilarityMatrixView::mouseDoubleClickEvent(QMouseEvent* /*event*/) { showAll(); }

void SimilarityMatrixView::wheelEvent(QWheelEvent* event) {
  const auto at = square();
  if (!at.contains(event->position()) || m_order.empty()) return;
  const auto share = event->position() - at.topLeft();
  constexpr double kStep = 1.25;
  constexpr double kNotch = 120;
  zoom(std::pow(kStep, -event->angleDelta().y() / kNotch),
       {m_visible.left() + share.x() / at.width() * m_visible.width(),
        m_visible.top() + share.y() / at.height() * m_visible.height()});
  event->accept();
}

void SimilarityMatrixView::mouseMoveEvent(QMouseEvent* event) {
  if (m_pressed && event->buttons().testFlag(Qt::LeftButton)) {
    const auto moved = event->position() - *m_pressed;
    constexpr double kDrag = 4;
    m_isDragging = m_isDragging || std::hypot(moved.x(), moved.y()) >= kDrag;
    const double cells = m_visible.width() / square().width();
    if (m_isDragging) setSeen(m_visibleWhenPressed.translated(-moved * cells));
    return;
  }
  sayWhatIsAt(*event);
}

void SimilarityMatrixView::sayWhatIsAt(const QMouseEvent& event) {
  const auto cell = cellAt(event.position());
  if (!cell) return;
  const auto one = m_order[static_cast<std::size_t>(cell->row)];
  const auto other = m_order[static_cast<std::size_t>(cell->column)];
  const double mean = double{m_similarity->between(one, other)};
  const auto value = std::isfinite(mean) ? scoreText(mean) : tr("one reference only");
  QToolTip::showText(
      event.globalPosition().toPoint(),
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
    case Qt::Key_Plus:
    case Qt::Key_Minus: {
      constexpr double kStep = 1.5;
      zoom(event->key() == Qt::Key_Plus ? 1 / kStep : kStep,
           {m_current.column + 0.5, m_current.row + 0.5});
      return;
    }
    case Qt::Key_0:
      showAll();
      return;
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
  uncover(m_current);
}

void SimilarityMatrixView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && m_similarity) draw();
}

}  // namespace countersign::ui
