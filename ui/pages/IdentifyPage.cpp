// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/IdentifyPage.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QShortcut>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/itemmodels/CandidateTableModel.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/CameraDialog.h"
#include "ui/widgets/CompareView.h"
#include "ui/widgets/CropDialog.h"
#include "ui/widgets/ImageDrop.h"
#include "ui/widgets/VerdictBanner.h"

namespace countersign::ui {

IdentifyPage::IdentifyPage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_drop(new ImageDrop),
      m_banner(new VerdictBanner),
      m_model(new CandidateTableModel(this)),
      m_table(new QTableView),
      m_compare(new CompareView),
      m_note(new QLineEdit),
      m_recordFound(new QPushButton(tr("Record this &person"))),
      m_recordUnknown(new QPushButton(tr("Record as &unknown"))),
      m_verify(new QPushButton(tr("&Verify against this person"))) {
  m_table->setModel(m_model);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->verticalHeader()->hide();
  m_table->setShowGrid(false);
  m_table->setTabKeyNavigation(false);
  m_table->setAccessibleName(tr("Candidates"));
  m_table->horizontalHeader()->setHighlightSections(false);
  m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
  m_table->horizontalHeader()->setSectionResizeMode(CandidateTableModel::Subject,
                                                    QHeaderView::Stretch);
  m_note->setPlaceholderText(tr("Note for the record (optional)"));
  m_note->setAccessibleName(tr("Note for the record"));

  auto* title = new QLabel(tr("Questioned"));
  title->setProperty("look", "heading");
  auto* left = new QVBoxLayout;
  left->setSpacing(kGrid);
  left->addWidget(title);
  left->addWidget(m_drop, 2);
  left->addWidget(m_compare, 3);
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  right->addWidget(m_banner);
  right->addWidget(m_table, 1);
  right->addStretch(0);  // takes the room of the table while that is hidden
  right->addWidget(m_note);
  auto* actions = new QHBoxLayout;
  actions->setSpacing(kGrid);
  for (auto* button : {m_verify, m_recordFound, m_recordUnknown}) actions->addWidget(button, 1);
  right->addLayout(actions);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(2 * kGrid);
  layout->addLayout(left, 1);
  layout->addLayout(right, 1);

  connect(m_drop, &ImageDrop::imagesChosen, this,
          [this](const QList<ImageSource>& images) { takeImage(images.first()); });
  connect(m_drop, &ImageDrop::cropRequested, this, &IdentifyPage::crop);
  connect(m_drop, &ImageDrop::cameraRequested, this, [this] {
    CameraDialog::open(m_session, {}, this, [this](const ImageSource& image) { takeImage(image); });
  });
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &IdentifyPage::showCandidate);
  connect(m_recordFound, &QPushButton::clicked, this, [this] { record(true); });
  connect(m_recordUnknown, &QPushButton::clicked, this, [this] { record(false); });
  connect(m_verify, &QPushButton::clicked, this, [this] {
    if (const auto* candidate = chosen()) Q_EMIT verifyWanted(candidate->person.key, m_source);
  });
  connect(&m_session, &OfficeSession::opening, this, &IdentifyPage::clear);
  connect(&m_session, &OfficeSession::modalityChanged, this, &IdentifyPage::showModality);
  connect(&m_session, &OfficeSession::serviceChanged, this, [this] {
    const auto& service = m_session.service();
    if (!m_probe || m_isRecorded || !service) return;
    m_probe->examined->network == service->service.identity ? identify() : reexamine();
  });
  for (const auto key : {QKeySequence::Open, QKeySequence::Paste}) {
    auto* shortcut = new QShortcut(QKeySequence(key), this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this,
            [this, key] { key == QKeySequence::Open ? m_drop->openFiles() : m_drop->paste(); });
  }
  showModality();
}

void IdentifyPage::showModality() {
  m_drop->cameraButton()->setVisible(m_session.modality() == Modality::Face);
  m_drop->setInvitation(m_session.modality() == Modality::Face
                            ? tr("Drop a photo of somebody whom you look for")
                            : tr("Drop a signature whose writer you look for"));
  clear();
}

void IdentifyPage::start() { m_drop->openButton()->setFocus(); }

void IdentifyPage::clear() {
  ++m_request;
  ++m_candidateRequest;
  m_probe.reset();
  m_found.reset();
  m_isRecorded = false;
  m_failure.clear();
  m_note->clear();
  m_drop->setPicture({});
  m_compare->setProbe(nullptr);
  m_compare->setReference(nullptr, {});
  render();
}

void IdentifyPage::takeImage(const ImageSource& source) {
  const int request = ++m_request;
  m_source = source;
  m_session.withDesk<ShownImage>(
      this, [source](const Desk& desk) { return showSource(desk, source); },
      [this, request](Result<ShownImage> image) {
        if (request != m_request) return;
        clear();
        if (!image) {
          m_failure = QString::fromStdString(image.error().message);
          Q_EMIT problem(m_failure);
          render();
          return;
        }
        m_probe = *std::move(image);
        m_drop->setPicture(m_probe->exhibit->picture);
        m_compare->setProbe(m_probe->exhibit);
        identify();
      });
}

void IdentifyPage::crop() {
  if (!m_probe) return;
  auto* dialog = new CropDialog(m_session, m_probe->examined, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    m_probe = shown(*dialog->result());
    m_isRecorded = false;
    m_drop->setPicture(m_probe->exhibit->picture);
    m_compare->setProbe(m_probe->exhibit);
    identify();
  });
  dialog->open();
}

void IdentifyPage::reexamine() {
  const int request = ++m_request;
  m_found.reset();
  render();
  m_session.withDesk<ShownImage>(
      this, [image = m_probe->examined](const Desk& desk) { return showAnew(desk, *image); },
      [this, request](Result<ShownImage> image) {
        if (request != m_request) return;
        if (image) m_probe = *std::move(image);
        identify();
      });
}

void IdentifyPage::identify() {
  const int request = ++m_request;
  ++m_candidateRequest;
  m_found.reset();
  m_failure.clear();
  render();
  m_session.withDesk<Identification>(
      this, [probe = m_probe->examined](const Desk& desk) { return desk.identify(probe); },
      [this, request](Result<Identification> found) {
        if (request != m_request) return;
        if (!found) {
          Q_EMIT problem(m_failure = QString::fromStdString(found.error().message));
          render();
          return;
        }
        m_found = *std::move(found);
        m_model->show(m_found->candidates, m_found->service.rule);
        if (m_model->rowCount() > 0) m_table->selectRow(0);
        render();
        Q_EMIT identified();
      });
}

const Candidate* IdentifyPage::chosen() const {
  const auto row = m_table->currentIndex().row();
  return row >= 0 && row < m_model->rowCount() ? &m_model->at(row) : nullptr;
}

void IdentifyPage::showCandidate() {
  const int request = ++m_candidateRequest;
  const auto* candidate = chosen();
  if (candidate == nullptr) {
    m_compare->setReference(nullptr, {});
    return;
  }
  struct Best {
    std::shared_ptr<const Exhibit> exhibit;
  };
  const auto caption = QString::fromStdString(candidate->person.identifier);
  // The reference that the probe is most alike to is the one to look at.
  m_session.withImages<Best>(
      this,
      [key = candidate->person.key, probe = m_probe->examined](const Desk& desk) -> Result<Best> {
        const auto examination = desk.verify(key, probe);
        if (!examination) return examination.error();
        const auto best = std::max_element(examination->scores.begin(), examination->scores.end());
        if (best == examination->scores.end()) return Best{};
        const auto index = static_cast<std::size_t>(best - examination->scores.begin());
        return Best{exhibitsOf(desk, {examination->references[index].key}).front()};
      },
      [this, request, caption](const Result<Best>& best) {
        if (request != m_candidateRequest || !best) return;
        m_compare->setReference(best->exhibit, tr("Reference of %1").arg(caption));
      });
  render();
}

void IdentifyPage::record(bool isFound) {
  const auto* candidate = chosen();
  if (!m_found || m_isRecorded || (isFound && candidate == nullptr)) return;
  m_isRecorded = true;  // until the answer comes: nothing is recorded twice
  render();
  const auto person = isFound ? std::optional(candidate->person.key) : std::nullopt;
  m_session.saveWithDesk<DecisionKey>(
      this,
      [found = *m_found, person, note = m_note->text().toStdString()](const Desk& desk) {
        return desk.record(found, person, person ? Finding::Match : Finding::NonMatch, note);
      },
      [this](const Result<DecisionKey>& key) {
        if (!key) {
          m_isRecorded = false;
          Q_EMIT problem(QString::fromStdString(key.error().message));
        } else {
          m_note->clear();
          Q_EMIT recorded(*key);
        }
        render();
      });
}

void IdentifyPage::render() {
  if (!m_found) m_model->show({}, {});
  const bool isEmpty = m_model->rowCount() == 0;
  m_table->setVisible(!isEmpty);
  const bool mayRecord = m_found && !m_isRecorded && m_session.isWritable() &&
                         m_found->finding != Finding::CannotJudge;
  m_recordFound->setEnabled(mayRecord && chosen() != nullptr);
  m_recordUnknown->setEnabled(mayRecord);
  m_note->setEnabled(mayRecord);
  m_verify->setEnabled(chosen() != nullptr);
  if (!m_found) {
    m_banner->showInvitation(
        !m_failure.isEmpty() ? m_failure
        : m_probe            ? tr("Searching.")
        : m_session.modality() == Modality::Face
            ? tr("Drop, paste or open a photo. Its face is compared with everybody on file, and "
                 "the "
                 "program says \"unknown\" when nobody comes close enough.")
            : tr("Drop, paste or open a signature. It is compared with everybody on file, and "
                 "the program says \"unknown\" when nobody comes close enough."));
    return;
  }
  const auto& found = *m_found;
  const auto numbers = found.candidates.empty()
                           ? QString()
                           : tr("best similarity %1,  τ %2")
                                 .arg(scoreText(found.candidates.front().score.value),
                                      thresholdText(found.service.rule.threshold.value));
  const auto compared = tr("Compared with %n person(s) on file.", nullptr, found.people);
  switch (found.finding) {
    case Finding::Match:
      m_banner->showFinding(
          found.finding, personText(found.candidates.front().person), numbers,
          compared + u' ' +
              tr("The more people are on file, the more often somebody else comes "
                 "close: verify before you decide."));
      break;
    case Finding::NonMatch:
      m_banner->showFinding(found.finding, tr("Unknown"), numbers,
                            compared + u' ' + tr("Nobody scores above the threshold."));
      break;
    case Finding::Refer:
      m_banner->showFinding(
          found.finding, tr("Refer"), numbers,
          compared + u' ' + tr("The best candidate is too close to the threshold."));
      break;
    case Finding::CannotJudge:
      m_banner->showFinding(found.finding, findingText(found.finding), {},
                            QString::fromStdString(found.probe->image.quality));
      break;
  }
}

}  // namespace countersign::ui
