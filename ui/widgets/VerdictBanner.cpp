// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/VerdictBanner.h"

#include <QPainter>
#include <QPainterPath>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

VerdictBanner::VerdictBanner(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

VerdictBanner::Size VerdictBanner::size() const {
  return m_isCompact ? Size{28, 9, 1.3} : Size{40, 16, 1.9};
}

void VerdictBanner::setCompact(bool isCompact) {
  m_isCompact = isCompact;
  updateGeometry();
  update();
}

void VerdictBanner::showInvitation(const QString& text) {
  m_finding.reset();
  m_word.clear();
  m_numbers.clear();
  m_sentence = text;
  setAccessibleName(text);
  updateGeometry();
  update();
}

void VerdictBanner::showFinding(Finding finding, const QString& word, const QString& numbers,
                                const QString& sentence) {
  m_finding = finding;
  m_word = word;
  m_numbers = numbers;
  m_sentence = sentence;
  setAccessibleName(tr("Verdict: %1. %2. %3").arg(word, numbers, sentence));
  updateGeometry();
  update();
}

QSize VerdictBanner::sizeHint() const { return {340, heightForWidth(340)}; }

int VerdictBanner::heightForWidth(int width) const {
  const auto [icon, inset, wordFactor] = size();
  const QFontMetrics metrics(font());
  const auto text =
      metrics.boundingRect(QRect(0, 0, width - 2 * inset, 1000), Qt::TextWordWrap, m_sentence);
  int height = 2 * inset + text.height();
  if (m_finding) {
    const QFontMetrics large(scaled(font(), wordFactor, true));
    height += std::max(icon, large.height() + (m_numbers.isEmpty() ? 0 : metrics.height())) + kGrid;
  }
  return height;
}

void VerdictBanner::paintEvent(QPaintEvent*) {
  const auto [icon, inset, wordFactor] = size();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const auto& c = colours();
  const QRectF frame = QRectF(rect()).adjusted(1, 1, -1, -1);
  QPainterPath outline;
  outline.addRoundedRect(frame, 8, 8);
  const int width = rect().width() - 2 * inset;
  if (!m_finding) {
    painter.fillPath(outline, c.sunken);
    painter.setPen(c.muted);
    painter.drawText(QRect(inset, inset, width, rect().height() - 2 * inset),
                     Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, m_sentence);
    return;
  }
  const auto colour = findingColour(*m_finding);
  auto ground = colour;
  ground.setAlpha(c.isDark ? 44 : 26);
  painter.fillPath(outline, c.surface);
  painter.fillPath(outline, ground);
  // A border of its own for each finding: full, double, dashed, dotted.
  QPen border(colour, 2);
  if (*m_finding == Finding::Refer) border.setStyle(Qt::DashLine);
  if (*m_finding == Finding::CannotJudge) border.setStyle(Qt::DotLine);
  if (*m_finding == Finding::NonMatch) border.setWidth(4);
  painter.setPen(border);
  painter.drawPath(outline);

  painter.drawPixmap(inset, inset,
                     iconPixmap(findingIcon(*m_finding), colour, icon, devicePixelRatioF()));
  const int left = inset + icon + kGrid + 4;
  painter.setFont(scaled(font(), wordFactor, true));
  painter.setPen(colour);
  const auto large = painter.fontMetrics();
  int top = inset;
  const QRect wordBox(left, top, rect().width() - left - inset,
                      m_numbers.isEmpty() ? icon : large.height());
  painter.drawText(wordBox, Qt::AlignLeft | Qt::AlignVCenter,
                   large.elidedText(m_word, Qt::ElideRight, wordBox.width()));
  painter.setFont(font());
  painter.setPen(c.text);
  if (!m_numbers.isEmpty()) {
    const QRect numberBox(left, wordBox.bottom(), wordBox.width(), painter.fontMetrics().height());
    painter.drawText(
        numberBox, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(m_numbers, Qt::ElideRight, numberBox.width()));
    top = std::max(numberBox.bottom(), inset + icon);
  } else {
    top = inset + icon;
  }
  painter.drawText(QRect(inset, top + kGrid, width, rect().height() - top - kGrid),
                   Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_sentence);
}

}  // namespace countersign::ui
