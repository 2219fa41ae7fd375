// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/RecordPanel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>

#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

RecordPanel::RecordPanel(QWidget* parent)
    : QWidget(parent),
      m_note(new QLineEdit),
      m_match(new QPushButton(tr("Record &match"))),
      m_nonMatch(new QPushButton(tr("Record &non-match"))),
      m_refer(new QPushButton(tr("&Refer"))),
      m_recorded(new QLabel),
      m_report(new QPushButton(tr("Save as PDF…"))),
      m_next(new QPushButton(tr("Next one"))) {
  m_note->setPlaceholderText(tr("Note for the record (optional)"));
  m_note->setAccessibleName(tr("Note for the record"));
  constexpr int kLongestNote = 2000;
  m_note->setMaxLength(kLongestNote);
  m_recorded->setWordWrap(true);
  m_next->setProperty("look", "primary");
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  for (auto* button : {m_match, m_nonMatch, m_refer}) buttons->addWidget(button, 1);
  auto* done = new QHBoxLayout;
  done->setSpacing(kGrid);
  done->addWidget(m_recorded, 1);
  done->addWidget(m_report);
  done->addWidget(m_next);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(m_note);
  layout->addLayout(buttons);
  layout->addLayout(done);

  for (const auto finding : {Finding::Match, Finding::NonMatch, Finding::Refer})
    connect(button(finding), &QPushButton::clicked, this,
            [this, finding] { Q_EMIT findingChosen(finding); });
  connect(m_report, &QPushButton::clicked, this, &RecordPanel::reportWanted);
  connect(m_next, &QPushButton::clicked, this, &RecordPanel::nextWanted);
  ask({});
}

QPushButton* RecordPanel::button(Finding finding) const {
  switch (finding) {
    case Finding::Match:
      return m_match;
    case Finding::NonMatch:
      return m_nonMatch;
    case Finding::Refer:
    case Finding::CannotJudge:
      break;
  }
  return m_refer;
}

void RecordPanel::ask(std::optional<Finding> advised, const QString& why) {
  for (auto* each : {m_match, m_nonMatch, m_refer}) {
    each->setEnabled(advised.has_value());
    each->setToolTip(why);
    each->setProperty("look", advised && button(*advised) == each ? "primary" : "");
    each->style()->polish(each);  // reads the property anew
  }
  m_note->setEnabled(advised.has_value());
  showAsked(true);
}

void RecordPanel::showRecorded(Finding finding, DecisionKey decision) {
  m_recorded->setText(
      tr("Recorded as %1, decision %2.").arg(findingText(finding)).arg(decision.value));
  showAsked(false);
  m_next->setFocus();
}

void RecordPanel::showAsked(bool isAsked) {
  for (QWidget* each : {static_cast<QWidget*>(m_note), static_cast<QWidget*>(m_match),
                        static_cast<QWidget*>(m_nonMatch), static_cast<QWidget*>(m_refer)})
    each->setVisible(isAsked);
  for (QWidget* each : {static_cast<QWidget*>(m_recorded), static_cast<QWidget*>(m_report),
                        static_cast<QWidget*>(m_next)})
    each->setVisible(!isAsked);
}

}  // namespace countersign::ui
