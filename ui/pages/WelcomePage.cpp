// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/WelcomePage.h"

#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/support/Formatting.h"
#include "ui/support/NarrowPage.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

namespace {

QFrame* card(const QString& title, const QString& text, QPushButton* button) {
  auto* frame = new QFrame;
  frame->setProperty("look", "card");
  auto* heading = new QLabel(title);
  heading->setFont(scaled(frame->font(), 1.15, true));
  heading->setWordWrap(true);
  auto* words = new QLabel(text);
  words->setWordWrap(true);
  words->setAlignment(Qt::AlignTop);
  auto* layout = new QVBoxLayout(frame);
  layout->setContentsMargins(3 * kGrid, 3 * kGrid, 3 * kGrid, 3 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(heading);
  layout->addWidget(words, 1);
  layout->addSpacing(kGrid);
  layout->addWidget(button, 0, Qt::AlignLeft);
  return frame;
}

}  // namespace

WelcomePage::WelcomePage(QWidget* parent)
    : QWidget(parent),
      m_logo(new QLabel),
      m_enrol(new QPushButton(tr("&Enrol the first person"))),
      m_sample(new QPushButton(tr("Open the &sample office"))) {
  m_enrol->setProperty("look", "primary");
  auto* title = new QLabel(tr("Is this signature the same person’s as the ones on file?"));
  title->setFont(scaled(font(), 1.7, true));
  title->setWordWrap(true);
  auto* text = new QLabel(
      tr("Countersign compares a questioned signature with a person’s references, says match, "
         "non-match or refer, and shows how often such a verdict is wrong. The decision stays with "
         "you. Nothing leaves this computer."));
  text->setWordWrap(true);
  auto* cards = new QHBoxLayout;
  cards->setSpacing(2 * kGrid);
  cards->addWidget(card(tr("Start with your own people"),
                        tr("Put a person on file with three to twelve images of their signature: "
                           "scans, photos or "
                           "fax pages. Nothing has to be trained for a new person."),
                        m_enrol),
                   1);
  cards->addWidget(card(tr("Try it first"),
                        tr("An office of twelve invented people, with genuine signatures and "
                           "imitations to verify. "
                           "It is kept apart from your own store."),
                        m_sample),
                   1);
  auto* column = new QVBoxLayout;
  column->setSpacing(2 * kGrid);
  column->addStretch(2);
  column->addWidget(m_logo);
  column->addWidget(title);
  column->addWidget(text);
  column->addSpacing(kGrid);
  column->addLayout(cards);
  column->addStretch(3);
  constexpr int kWidest = 760;
  layOutNarrow(*this, column, kWidest);
  connect(m_enrol, &QPushButton::clicked, this, &WelcomePage::enrolWanted);
  connect(m_sample, &QPushButton::clicked, this, &WelcomePage::sampleOfficeWanted);
  showLogo();
}

void WelcomePage::showLogo() {
  constexpr int kLogo = 56;
  m_logo->setPixmap(
      iconPixmap(QStringLiteral("logo"), colours().accent, kLogo, devicePixelRatioF()));
}

void WelcomePage::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) showLogo();
}

void WelcomePage::start() { m_enrol->setFocus(); }

}  // namespace countersign::ui
