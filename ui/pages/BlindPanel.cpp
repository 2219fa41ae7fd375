// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/BlindPanel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "core/office/BlindChecks.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"

namespace countersign::ui {

BlindPanel::BlindPanel(QWidget* parent)
    : QWidget(parent),
      m_match(new QPushButton(tr("The same"))),
      m_nonMatch(new QPushButton(tr("Not the same"))),
      m_refer(new QPushButton(tr("I cannot say"))) {
  auto* title = new QLabel(tr("You first"));
  title->setFont(scaled(font(), 1.3, true));
  auto* question = new QLabel(
      tr("Is it the same person's? This check is one of those in which your office wants to know "
         "what you see before the program says anything. Both answers are recorded; yours does not "
         "bind you."));
  question->setWordWrap(true);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  for (auto* button : {m_match, m_nonMatch, m_refer}) buttons->addWidget(button, 1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(title);
  layout->addWidget(question);
  layout->addLayout(buttons);
  layout->addStretch(1);
  for (const auto finding : {Finding::Match, Finding::NonMatch, Finding::Refer})
    connect(button(finding), &QPushButton::clicked, this, [this, finding] {
      m_answers[m_about] = {m_region, finding};
      Q_EMIT answered();
    });
}

BlindPanel::About BlindPanel::aboutOf(const Examination& examination) {
  return {examination.service.identity, examination.probe->image.sourceHash,
          examination.person.key};
}

bool BlindPanel::isPending(const Examination& examination) const {
  return !m_answers.contains(aboutOf(examination)) && isDrawnBlind(examination);
}

std::optional<Finding> BlindPanel::answer(const Examination& examination) const {
  const auto known = m_answers.find(aboutOf(examination));
  // Whoever has seen the program's answer about one part of an image is not blind to another.
  return known == m_answers.end() || known->second.region != examination.probe->image.region
             ? std::nullopt
             : known->second.finding;
}

void BlindPanel::noteRecorded(const Examination& examination) {
  const auto known = m_answers.find(aboutOf(examination));
  if (known != m_answers.end()) known->second.finding.reset();
}

void BlindPanel::ask(const Examination& examination) {
  m_about = aboutOf(examination);
  m_region = examination.probe->image.region;
}

QPushButton* BlindPanel::button(Finding finding) const {
  if (finding == Finding::Match) return m_match;
  return finding == Finding::NonMatch ? m_nonMatch : m_refer;
}

}  // namespace countersign::ui
