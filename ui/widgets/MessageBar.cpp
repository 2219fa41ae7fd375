// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/MessageBar.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

#include "ui/support/Theme.h"

namespace countersign::ui {

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel),
      m_text(new QLabel),
      m_action(new QPushButton),
      m_close(new QToolButton) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, kGrid, kGrid, kGrid);
  layout->setSpacing(kGrid);
  m_text->setWordWrap(true);
  m_text->setTextFormat(Qt::PlainText);
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
  layout->addWidget(m_icon);
  layout->addWidget(m_text, 1);
  layout->addWidget(m_action);
  layout->addWidget(m_close);
  m_close->setAccessibleName(tr("Dismiss"));
  m_close->setToolTip(tr("Dismiss"));
  m_timer.setSingleShot(true);
  connect(&m_timer, &QTimer::timeout, this, &MessageBar::dismiss);
  connect(m_close, &QToolButton::clicked, this, &MessageBar::dismiss);
  connect(m_action, &QPushButton::clicked, this, [this] {
    dismiss();
    Q_EMIT actionChosen();
  });
  hide();
}

void MessageBar::show(Kind kind, const QString& sentence, const QString& action) {
  m_kind = kind;
  m_text->setText(sentence);
  m_action->setText(action);
  m_action->setVisible(!action.isEmpty());
  const bool isProblem = kind == Kind::Problem;
  constexpr int kIcon = 20;
  m_icon->setPixmap(iconPixmap(isProblem ? QStringLiteral("warning") : QStringLiteral("info"),
                               isProblem ? colours().nonMatch : colours().accent, kIcon,
                               devicePixelRatioF()));
  update();  // its ground is of this kind, too
  m_close->setIcon(icon(QStringLiteral("close")));
  setAccessibleName(sentence);
  setVisible(true);
  QAccessibleEvent event(this, QAccessible::Alert);
  QAccessible::updateAccessibility(&event);
  constexpr int kNotice = 12'000;  // ms
  if (kind == Kind::Notice)
    m_timer.start(kNotice);
  else
    m_timer.stop();
}

void MessageBar::dismiss() {
  m_timer.stop();
  setVisible(false);
}

QString MessageBar::text() const { return isVisible() ? m_text->text() : QString(); }

void MessageBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const auto& c = colours();
  auto ground = m_kind == Kind::Problem ? c.nonMatch : c.accent;
  painter.fillRect(rect(), c.surface);
  painter.fillRect(QRect(0, 0, 4, height()), ground);
  ground.setAlpha(28);
  painter.fillRect(rect(), ground);
}

}  // namespace countersign::ui
