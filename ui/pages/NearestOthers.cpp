// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/NearestOthers.h"

#include <algorithm>

#include "core/imaging/InkComplexity.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/VerdictText.h"

namespace countersign::ui {

NearestOthers::NearestOthers(OfficeSession& session, QWidget* parent)
    : QLabel(parent), m_session(session) {
  setWordWrap(true);
  setProperty("look", "caption");
  setTextFormat(Qt::PlainText);
  hide();
}

void NearestOthers::setExamination(const std::optional<Examination>& examination) {
  const int request = ++m_request;
  m_examination = examination && examination->fused ? examination : std::nullopt;
  m_others.clear();
  m_complexity.reset();
  m_isKnown = false;
  m_isPartial = false;
  render();
  if (!m_examination) return;
  struct Looked {
    Identification others;
    std::optional<double> complexity;
  };
  m_session.withImages<Looked>(
      this,
      [probe = m_examination->probe](const Desk& desk) -> Result<Looked> {
        constexpr int kMost = 10;  // three others, perhaps the claimed person, and who is left out
        auto others = desk.identify(probe, kMost);
        if (!others) return others.error();
        return Looked{*std::move(others), probe->sample.signature
                                              ? std::optional(inkComplexity(probe->sample.canvas))
                                              : std::nullopt};
      },
      [this, request](const Result<Looked>& looked) {
        if (request != m_request || !looked) return;
        m_complexity = looked->complexity;
        for (const auto& candidate : looked->others.candidates) {
          if (candidate.person.key == m_examination->person.key) continue;
          Examination about;
          about.person = candidate.person;
          about.probe = m_examination->probe;
          about.service = m_examination->service;
          about.fused = candidate.score;
          if (m_isPending && m_isPending(about))
            m_isPartial = true;
          else
            m_others.push_back(candidate);
        }
        constexpr std::size_t kShown = 3;
        m_others.resize(std::min(kShown, m_others.size()));
        m_isKnown = true;
        render();
        Q_EMIT found();
      });
}

void NearestOthers::setHushed(bool isHushed) {
  if (isHushed == m_isHushed) return;
  m_isHushed = isHushed;
  render();
}

void NearestOthers::setThreshold(double threshold) {
  if (threshold == m_threshold) return;
  m_threshold = threshold;
  render();
}

void NearestOthers::render() {
  setVisible(m_examination.has_value() && !m_isHushed);
  if (!m_examination) return;
  const auto& scores = m_examination->scores;
  const auto above = std::count_if(scores.begin(), scores.end(), [&](const SimilarityScore& score) {
    return score.value > m_threshold;
  });
  QStringList sentences{tr("By themselves, %1 of %n reference(s) lie above τ.", nullptr,
                           static_cast<int>(scores.size()))
                            .arg(above)};
  if (!m_others.empty()) {
    QStringList names;
    for (const auto& other : m_others)
      names += tr("%1 (%2)").arg(
          QString::fromStdString(other.person.name.empty() ? other.person.identifier
                                                           : other.person.name),
          scoreText(other.score.value));
    sentences += (m_others.front().score > *m_examination->fused
                      ? tr("Somebody else on file comes closer: %1.")
                      : tr("Closest others on file: %1."))
                     .arg(names.join(QStringLiteral(", ")));
  } else if (m_isKnown && !m_isPartial) {
    sentences += tr("Nobody else is on file.");
  }
  const auto& service = m_session.service();
  const auto table = service ? service->tableFor(static_cast<int>(scores.size())) : nullptr;
  sentences += simplicityOf(m_complexity, table.get());
  sentences.removeAll(QString());
  sentences += tr("Evidence, not proof.");
  setText(sentences.join(u' '));
}

}  // namespace countersign::ui
