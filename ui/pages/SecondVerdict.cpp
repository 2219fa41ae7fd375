// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/SecondVerdict.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <algorithm>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/VerdictText.h"
#include "ui/widgets/VerdictBanner.h"

namespace countersign::ui {

namespace {

Modality otherThan(Modality modality) {
  return modality == Modality::Face ? Modality::Signature : Modality::Face;
}

bool isSame(const NetworkInService& a, const NetworkInService& b) {
  return a.identity == b.identity && a.rule.threshold == b.rule.threshold &&
         a.rule.band == b.rule.band && a.policy == b.policy;
}

}  // namespace

SecondVerdict::SecondVerdict(OfficeSession& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_banner(new VerdictBanner), m_other(new QPushButton) {
  m_banner->setCompact(true);
  m_other->setProperty("look", "compact");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addWidget(m_banner);
  layout->addWidget(m_other, 0, Qt::AlignLeft);
  connect(m_other, &QPushButton::clicked, this, &SecondVerdict::otherWanted);
  connect(&m_session, &OfficeSession::peopleChanged, this, [this] {
    if (m_aside && !m_aside->decision) verify();
  });
  connect(&m_session, &OfficeSession::serviceChanged, this, [this] {
    const auto& service = m_session.serviceOf(m_modality);
    const bool isOther =
        m_examination && service && !isSame(service->service, m_examination->service);
    if (m_aside && !m_aside->decision && isOther)
      verify();
    else
      render();  // its rates may be known now
  });
  render();
}

void SecondVerdict::setAside(Modality modality, Aside aside) {
  m_modality = modality;
  m_aside = std::move(aside);
  verify();
}

std::optional<SecondVerdict::Aside> SecondVerdict::take(Modality modality,
                                                        std::optional<PersonKey> person) {
  if (!m_aside || m_modality != modality || m_aside->person != person) return {};
  auto taken = std::exchange(m_aside, std::nullopt);
  clear();
  return taken;
}

void SecondVerdict::clear() {
  ++m_request;
  m_aside.reset();
  m_examination.reset();
  m_failure.clear();
  render();
}

void SecondVerdict::setAmount(std::optional<double> amount) {
  if (m_amount == amount) return;
  m_amount = amount;
  if (m_aside && !m_aside->decision) verify();
}

void SecondVerdict::offerOther(std::optional<Person> person) {
  const auto& people = m_session.people();
  const auto at = std::find_if(people.begin(), people.end(), [&](const PersonSummary& one) {
    return person && one.person.key == person->key;
  });
  m_isOffered =
      at != people.end() &&
      (m_session.modality() == Modality::Face ? at->signatureReferences : at->faceReferences) > 0;
  render();
}

void SecondVerdict::setFirst(std::optional<double> llr) {
  if (m_first == llr) return;
  m_first = llr;
  render();
}

QString SecondVerdict::together() const {
  const auto& service = m_session.serviceOf(m_modality);
  if (!m_first || !service || !m_examination || !m_examination->fused) return {};
  if (m_isPending && m_isPending(*m_examination)) return {};
  const auto strength = service->strengthFor(static_cast<int>(m_examination->references.size()));
  if (!strength) return {};
  const auto& own = strength->against(TrialKind::Random);
  if (!own) return {};
  return tr("Both: %1")
      .arg(strengthText(*m_first + own->logLikelihoodRatio(m_examination->fused->value),
                        TrialKind::Random));
}

void SecondVerdict::verify() {
  const int request = ++m_request;
  m_examination.reset();
  m_failure.clear();
  render();
  m_session.withDeskOf<Examination>(
      m_modality, this,
      [key = m_aside->person, probe = m_aside->probe.examined,
       amount = m_amount](const Desk& desk) {
        if (probe->network == desk.network().identity()) return desk.verify(key, probe, amount);
        auto anew = desk.examineAgain(*probe, probe->image.region);
        if (!anew) return Result<Examination>(anew.error());
        return desk.verify(key, std::make_shared<const ExaminedImage>(*std::move(anew)), amount);
      },
      [this, request](Result<Examination> examination) {
        if (request != m_request) return;
        if (examination)
          m_examination = *std::move(examination);
        else
          m_failure = QString::fromStdString(examination.error().message);
        render();
        Q_EMIT changed();
      });
}

void SecondVerdict::render() {
  const bool isFace = (m_aside ? m_modality : otherThan(m_session.modality())) == Modality::Face;
  setVisible(m_aside || m_isOffered);
  m_banner->setVisible(m_aside.has_value());
  m_other->setVisible(!m_aside);  // the switch at the top of the page leads there and back
  setToolTip({});
  if (!m_aside) {
    m_other->setText(isFace ? tr("Compare a face, too…") : tr("Compare a signature, too…"));
    m_other->setToolTip(isFace ? tr("References of this person's face are on file (Ctrl+2)")
                               : tr("References of this person's signature are on file (Ctrl+1)"));
    return;
  }
  setToolTip(isFace ? tr("Ctrl+2 shows the face with its references")
                    : tr("Ctrl+1 shows the signature with its references"));
  if (!m_examination) {
    m_banner->showInvitation(m_failure.isEmpty() ? tr("Comparing.") : m_failure);
    return;
  }
  const auto& e = *m_examination;
  if (m_isPending && m_isPending(e)) {
    m_banner->showInvitation(isFace ? tr("Face: a blind check, answer it first (Ctrl+2).")
                                    : tr("Signature: a blind check, answer it first (Ctrl+1)."));
    return;
  }
  const auto kind = isFace ? tr("Face: %1") : tr("Signature: %1");
  if (!e.fused) {
    m_banner->showFinding(e.finding, kind.arg(findingText(e.finding)), {},
                          QString::fromStdString(e.probe->image.quality));
    return;
  }
  QStringList sentences;
  const auto& service = m_session.serviceOf(m_modality);
  const auto table = service ? service->tableFor(static_cast<int>(e.references.size())) : nullptr;
  if (table) sentences += ratesOf(e.applied.rule.threshold.value, *table);
  sentences += together();
  if (m_aside->decision && m_aside->recorded)
    sentences += tr("Recorded as %1, decision %2.")
                     .arg(findingText(*m_aside->recorded))
                     .arg(m_aside->decision->value);
  m_banner->showFinding(
      e.finding, kind.arg(findingText(e.finding)),
      tr("similarity %1,  τ %2")
          .arg(scoreText(e.fused->value), thresholdText(e.applied.rule.threshold.value)),
      sentences.join(u' '));
  setToolTip(toolTip() + u'\n' +
             tr("Likelihood ratios against somebody else are added as if signature and face were "
                "independent. Of imitators it says nothing. Evidence, not proof."));
}

}  // namespace countersign::ui
