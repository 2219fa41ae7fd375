// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/LikenessPanel.h"

#include <QHBoxLayout>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Likeness.h"
#include "ui/support/Theme.h"
#include "ui/widgets/CompareView.h"

namespace countersign::ui {

namespace {

QToolButton* tool(const QString& text, const QString& tip) {
  auto* button = new QToolButton;
  button->setText(text);
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  return button;
}

QToolButton* toggle(const QString& text, const QString& tip) {
  auto* button = tool(text, tip);
  button->setCheckable(true);
  button->setAutoExclusive(true);
  button->setAccessibleName(text);
  return button;
}

}  // namespace

LikenessPanel::LikenessPanel(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_view(new CompareView),
      m_sideBySide(
          toggle(tr("Side by side"), tr("Questioned sample and reference beside each other"))),
      m_overlay(toggle(tr("Overlay"), tr("One over the other, aligned; space blinks"))),
      m_heatMap(toggle(tr("Differences"),
                       tr("Where the network finds the one in the other, and where it does not"))),
      m_balance(new QSlider(Qt::Horizontal)) {
  m_sideBySide->setChecked(true);
  constexpr int kHalf = 100;
  m_balance->setRange(-kHalf, kHalf);
  m_balance->setToolTip(tr("Fades the questioned signature or the reference"));
  m_balance->setAccessibleName(m_balance->toolTip());
  constexpr int kWidth = 96;
  m_balance->setFixedWidth(kWidth);
  auto* tools = new QHBoxLayout;
  tools->setSpacing(4);
  for (auto* button : {m_sideBySide, m_overlay, m_heatMap}) tools->addWidget(button);
  tools->addWidget(m_balance);
  tools->addStretch();
  auto* smaller = tool(QStringLiteral("−"), tr("Zoom out"));
  auto* larger = tool(QStringLiteral("+"), tr("Zoom in"));
  auto* fit = tool(tr("Fit"), tr("Fit into the view"));
  constexpr double kStep = 1.25;
  connect(smaller, &QToolButton::clicked, m_view, [this] { m_view->zoomBy(1 / kStep); });
  connect(larger, &QToolButton::clicked, m_view, [this] { m_view->zoomBy(kStep); });
  connect(fit, &QToolButton::clicked, m_view, &CompareView::fit);
  for (auto* button : {smaller, larger, fit}) tools->addWidget(button);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(kGrid);
  layout->addLayout(tools);
  layout->addWidget(m_view, 1);
  const auto choose = [this](CompareView::Mode mode) {
    return [this, mode] {
      m_view->setMode(mode);
      renderTools();
    };
  };
  connect(m_sideBySide, &QToolButton::clicked, this, choose(CompareView::Mode::SideBySide));
  connect(m_overlay, &QToolButton::clicked, this, choose(CompareView::Mode::Overlay));
  connect(m_heatMap, &QToolButton::clicked, this, choose(CompareView::Mode::Differences));
  connect(m_balance, &QSlider::valueChanged, this,
          [this](int value) { m_view->setBalance(static_cast<double>(value) / kHalf); });
  renderTools();
}

void LikenessPanel::renderTools() {
  m_balance->setVisible(m_view->mode() == CompareView::Mode::Overlay);
  m_overlay->setEnabled(m_modality == Modality::Signature);
  m_heatMap->setEnabled(!m_isBlind);
}

void LikenessPanel::showSideBySide() {
  m_sideBySide->setChecked(true);
  m_view->setMode(CompareView::Mode::SideBySide);
  renderTools();
}

void LikenessPanel::setBlind(bool isBlind) {
  if (isBlind == m_isBlind) return;
  m_isBlind = isBlind;
  if (isBlind && m_view->mode() == CompareView::Mode::Differences) showSideBySide();
  renderTools();
}

void LikenessPanel::setModality(Modality modality) {
  m_modality = modality;
  showSideBySide();
}

void LikenessPanel::setProbe(std::shared_ptr<const Exhibit> exhibit,
                             std::shared_ptr<const ExaminedImage> examined) {
  m_probe = std::move(exhibit);
  m_examined = std::move(examined);
  m_view->setProbe(m_probe);
  findLikeness();
}

void LikenessPanel::setReference(std::shared_ptr<const Exhibit> exhibit, const QString& caption,
                                 const EmbeddedSample& sample) {
  const bool isSame = exhibit == m_reference && sample.embedding == m_sample.embedding;
  m_view->setReference(exhibit, caption);
  if (isSame) return;
  m_reference = std::move(exhibit);
  m_sample = sample;
  findLikeness();
}

void LikenessPanel::findLikeness() {
  const int request = ++m_request;
  m_view->setLikeness(nullptr);
  if (!m_probe || !m_reference) return;
  using Found = std::shared_ptr<const Likeness>;
  m_session.withImages<Found>(
      this,
      [probe = m_probe, reference = m_reference, examined = m_examined,
       sample = m_sample](const Desk& desk) -> Result<Found> {
        const auto* embedded = examined && examined->embedded ? &*examined->embedded : nullptr;
        return std::make_shared<const Likeness>(
            likenessOf(desk.network(), *probe, *reference, embedded,
                       sample.embedding.empty() ? nullptr : &sample));
      },
      [this, request](const Result<Found>& found) {
        if (request == m_request && found) m_view->setLikeness(*found);
      });
}

}  // namespace countersign::ui
