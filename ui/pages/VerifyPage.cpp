// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/VerifyPage.h"

#include <QDoubleSpinBox>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/pages/BlindPanel.h"
#include "ui/pages/LikenessPanel.h"
#include "ui/pages/NearestOthers.h"
#include "ui/pages/RecordPanel.h"
#include "ui/pages/SecondVerdict.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/support/VerdictText.h"
#include "ui/widgets/CameraDialog.h"
#include "ui/widgets/CropDialog.h"
#include "ui/widgets/ImageDrop.h"
#include "ui/widgets/PersonPicker.h"
#include "ui/widgets/ReferenceStrip.h"
#include "ui/widgets/ThresholdPanel.h"
#include "ui/widgets/ThresholdPlot.h"
#include "ui/widgets/VerdictBanner.h"

namespace countersign::ui {

VerifyPage::VerifyPage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_picker(new PersonPicker),
      m_amountField(new QWidget),
      m_amount(new QDoubleSpinBox),
      m_drop(new ImageDrop),
      m_samples(new QToolButton),
      m_references(new ReferenceStrip),
      m_likeness(new LikenessPanel(session)),
      m_blind(new BlindPanel),
      m_answer(new QWidget),
      m_banner(new VerdictBanner),
      m_others(new NearestOthers(session)),
      m_second(new SecondVerdict(session)),
      m_threshold(new ThresholdPanel),
      m_record(new RecordPanel) {
  auto* left = new QVBoxLayout;
  left->setSpacing(kGrid);
  buildLeft(*left);
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  buildRight(*right);
  auto* rightSide = new QWidget;
  rightSide->setLayout(right);
  right->setContentsMargins(0, 0, 0, 0);
  constexpr int kNarrowest = 344;
  constexpr int kWidest = 520;
  rightSide->setMinimumWidth(kNarrowest);
  rightSide->setMaximumWidth(kWidest);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(2 * kGrid);
  layout->addLayout(left, 3);
  layout->addWidget(rightSide, 2);

  connect(m_picker, &PersonPicker::personChosen, this, [this](const Person& person) {
    if (!m_person || m_person->key != person.key) forgetPerson();
    m_person = person;
    m_second->offerOther(m_person);
    loadReferences();
  });
  connect(m_picker, &PersonPicker::personCleared, this, &VerifyPage::forgetPerson);
  connect(m_drop, &ImageDrop::imagesChosen, this,
          [this](const QList<ImageSource>& images) { takeImage(images.first()); });
  connect(m_drop, &ImageDrop::cropRequested, this, &VerifyPage::crop);
  connect(m_drop, &ImageDrop::cameraRequested, this, [this] {
    CameraDialog::open(m_session, m_picker->person(), this,
                       [this](const ImageSource& image) { takeImage(image); });
  });
  connect(m_references, &QListWidget::currentRowChanged, this, &VerifyPage::compareWith);
  connect(m_threshold, &ThresholdPanel::thresholdChanged, this, &VerifyPage::renderVerdict);
  connect(m_threshold, &ThresholdPanel::ruleChosen, &m_session, &OfficeSession::setRule);
  connect(m_record, &RecordPanel::findingChosen, this, &VerifyPage::record);
  connect(m_record, &RecordPanel::reportWanted, this, [this] {
    if (m_decision) Q_EMIT reportWanted(*m_decision);
  });
  connect(m_record, &RecordPanel::nextWanted, this, &VerifyPage::goOn);
  const auto switchModality = [this] {
    m_session.setModality(isAboutFaces() ? Modality::Signature : Modality::Face);
  };
  m_second->setPending([this](const Examination& e) { return m_blind->isPending(e); });
  connect(m_blind, &BlindPanel::answered, this, [this] {
    renderReferences();
    renderVerdict();
    renderActions();
    compareWith(m_references->currentRow());
    m_others->setExamination(m_examination);
  });
  m_others->setPending([this](const Examination& about) { return m_blind->isPending(about); });
  connect(m_amount, &QDoubleSpinBox::valueChanged, this, [this] {
    m_second->setAmount(amountGiven());
    if (m_person && !isSettled()) verify();
  });
  connect(m_second, &SecondVerdict::otherWanted, this, switchModality);
  connect(m_second, &SecondVerdict::changed, this, &VerifyPage::renderVerdict);
  connect(&m_session, &OfficeSession::peopleChanged, this, [this] {
    m_picker->setPeople(m_session.people());
    if (m_person && !m_picker->person()) {
      forgetPerson();
    } else if (m_person && !isSettled()) {
      loadReferences();
    }
    fillSamples();
    m_second->offerOther(m_person);
  });
  connect(&m_session, &OfficeSession::serviceChanged, this, [this] {
    showService();
    const auto& service = m_session.service();
    if (!m_probe || isSettled() || !service) return;
    if (m_probe->examined->network != service->service.identity)
      reexamine();
    else if (m_person)
      verify();
  });
  connect(&m_session, &OfficeSession::modalityChanged, this, &VerifyPage::showModality);
  connect(&m_session, &OfficeSession::opening, this, [this] {
    m_picker->clearPerson();
    forgetPerson();
    clearProbe();
    m_amount->setValue(0);
    m_blind->forget();
  });
  for (const auto key : {QKeySequence::Open, QKeySequence::Paste}) {
    auto* shortcut = new QShortcut(QKeySequence(key), this);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this,
            [this, key] { key == QKeySequence::Open ? m_drop->openFiles() : m_drop->paste(); });
  }
  showModality();
}

void VerifyPage::setAside() {
  if (!m_person || !m_probe || m_isReading) {
    m_second->clear();
    return;
  }
  m_second->setAside(m_shown, {m_person->key, *m_probe, m_record->note()->text(),
                               m_decision ? std::optional(m_recorded) : std::nullopt, m_decision});
}

void VerifyPage::takeBack() {
  auto aside =
      m_second->take(m_session.modality(), m_person ? std::optional(m_person->key) : std::nullopt);
  if (m_shown != m_session.modality()) setAside();
  m_shown = m_session.modality();
  clearProbe();
  if (!aside) return;
  m_probe = std::move(aside->probe);
  m_drop->setPicture(m_probe->exhibit->picture);
  m_likeness->setProbe(m_probe->exhibit, m_probe->examined);
  m_record->note()->setText(aside->note);
  if (aside->decision && aside->recorded) {
    m_decision = aside->decision;
    m_recorded = *aside->recorded;
    m_record->showRecorded(m_recorded, *m_decision);
    loadReferences();  // changes of the store leave alone what is recorded
  }
}

QString VerifyPage::verdictWord(Finding finding) const {
  auto word = findingText(finding);
  if (!m_second->hasVerdict()) return word;
  return isAboutFaces() ? tr("Face: %1").arg(word) : tr("Signature: %1").arg(word);
}

void VerifyPage::goOn() {
  if (m_second->isUnrecorded()) {
    m_session.setModality(isAboutFaces() ? Modality::Signature : Modality::Face);
    return;
  }
  clearProbe();
  m_second->clear();
  m_amount->setValue(0);
  if (m_person) loadReferences();  // the store may have changed meanwhile
  start();
}

void VerifyPage::showModality() {
  m_drop->cameraButton()->setVisible(isAboutFaces());
  m_drop->setInvitation(isAboutFaces() ? tr("Drop the questioned photo here")
                                       : tr("Drop the questioned signature here"));
  m_likeness->setModality(m_session.modality());
  m_onFile.clear();
  m_references->showPlaces({});
  takeBack();
  m_second->offerOther(m_person);
}

bool VerifyPage::isAboutFaces() const { return m_session.modality() == Modality::Face; }

void VerifyPage::buildLeft(QVBoxLayout& column) {
  constexpr double kLargestAmount = 1e12;
  m_amount->setRange(0, kLargestAmount);
  m_amount->setGroupSeparatorShown(true);
  m_amount->setButtonSymbols(QAbstractSpinBox::NoButtons);
  m_amount->setSpecialValueText(tr("not given"));
  m_amount->setKeyboardTracking(false);
  m_amount->setAccessibleName(tr("Amount that is signed for"));
  auto* amountName = new QLabel(tr("Am&ount"));
  amountName->setBuddy(m_amount);
  auto* amountRow = new QHBoxLayout(m_amountField);
  amountRow->setContentsMargins(0, 0, 0, 0);
  amountRow->addWidget(amountName);
  amountRow->addWidget(m_amount);
  m_amountField->hide();
  auto* who = new QHBoxLayout;
  who->setSpacing(2 * kGrid);
  who->addWidget(m_picker, 1);
  who->addWidget(m_amountField);
  column.addLayout(who);
  m_samples->setText(tr("Samples"));
  m_samples->setToolTip(tr("Questioned signatures of this invented person"));
  m_samples->setPopupMode(QToolButton::InstantPopup);
  m_samples->setProperty("look", "button");
  m_samples->setMenu(new QMenu(m_samples));
  m_samples->hide();
  auto* questioned = new QVBoxLayout;
  questioned->setSpacing(kGrid);
  auto* questionedHead = new QHBoxLayout;
  auto* questionedTitle = new QLabel(tr("Questioned"));
  questionedTitle->setProperty("look", "heading");
  questionedTitle->setMinimumHeight(m_samples->sizeHint().height());
  questionedHead->addWidget(questionedTitle, 1);
  questionedHead->addWidget(m_samples);
  questioned->addLayout(questionedHead);
  questioned->addWidget(m_drop, 1);
  auto* onFile = new QVBoxLayout;
  onFile->setSpacing(kGrid);
  auto* onFileTitle = new QLabel(tr("References on file"));
  onFileTitle->setProperty("look", "heading");
  onFileTitle->setMinimumHeight(m_samples->sizeHint().height());
  onFile->addWidget(onFileTitle);
  onFile->addWidget(m_references, 1);
  auto* pictures = new QHBoxLayout;
  pictures->setSpacing(2 * kGrid);
  pictures->addLayout(questioned, 5);
  pictures->addLayout(onFile, 6);
  column.addLayout(pictures, 3);

  column.addWidget(m_likeness, 4);
}

void VerifyPage::buildRight(QVBoxLayout& column) {
  auto* answer = new QVBoxLayout(m_answer);
  answer->setContentsMargins(0, 0, 0, 0);
  answer->setSpacing(kGrid);
  answer->addWidget(m_banner);
  answer->addWidget(m_others);
  answer->addWidget(m_second);
  answer->addWidget(m_threshold, 1);
  answer->addWidget(m_record);
  m_blind->hide();
  column.addWidget(m_blind);
  column.addWidget(m_answer, 1);
}

void VerifyPage::start() {
  if (m_person)
    m_drop->openButton()->setFocus();
  else
    m_picker->setFocus();
}

void VerifyPage::choosePerson(PersonKey person) { m_picker->choose(person); }

void VerifyPage::forgetPerson() {
  ++m_personRequest;
  ++m_verifyRequest;
  m_person.reset();
  m_onFile.clear();
  m_examination.reset();
  m_decision.reset();
  m_isRecording = false;
  m_references->showPlaces({});
  m_likeness->setReference(nullptr, {});
  m_second->clear();
  m_second->offerOther({});
  fillSamples();
  renderVerdict();
  renderActions();
}

void VerifyPage::reexamine() {
  const int request = ++m_readRequest;
  ++m_verifyRequest;
  m_examination.reset();
  m_isReading = true;
  renderVerdict();
  renderActions();
  m_session.withDesk<ShownImage>(
      this, [image = m_probe->examined](const Desk& desk) { return showAnew(desk, *image); },
      [this, request](Result<ShownImage> image) {
        if (request != m_readRequest) return;
        m_isReading = false;
        if (image)
          m_probe = *std::move(image);
        else
          Q_EMIT problem(m_failure = QString::fromStdString(image.error().message));
        verify();
      });
}

void VerifyPage::loadReferences() {
  const int request = ++m_personRequest;
  fillSamples();
  const auto key = m_person->key;
  m_session.withDesk<std::vector<Reference>>(
      this, [key](const Desk& desk) { return desk.references(key); },
      [this, request](Result<std::vector<Reference>> references) {
        if (request != m_personRequest) return;
        if (!references) {
          Q_EMIT problem(QString::fromStdString(references.error().message));
          return;
        }
        m_onFile = *std::move(references);
        renderReferences();
        showService();
        verify();
        std::vector<ReferenceKey> keys;
        for (const auto& reference : m_onFile) keys.push_back(reference.key);
        m_session.withImages<std::vector<std::shared_ptr<const Exhibit>>>(
            this,
            [keys](const Desk& desk) -> Result<std::vector<std::shared_ptr<const Exhibit>>> {
              return exhibitsOf(desk, keys);
            },
            [this, request](Result<std::vector<std::shared_ptr<const Exhibit>>> exhibits) {
              if (request != m_personRequest || !exhibits) return;
              m_references->setExhibits(*std::move(exhibits));
              const int row = std::max(0, m_references->currentRow());
              m_references->setCurrentRow(row);
              compareWith(row);
            });
      });
}

void VerifyPage::compareWith(int row) {
  EmbeddedSample sample;
  const auto at = static_cast<std::size_t>(row);
  if (row >= 0 && at < m_onFile.size() && m_examination && !isBlind())
    for (std::size_t i = 0; i < m_examination->references.size(); ++i)
      if (m_examination->references[i].key == m_onFile[at].key) sample = m_examination->embedded[i];
  m_likeness->setReference(m_references->exhibit(row), tr("Reference %1").arg(row + 1), sample);
}

void VerifyPage::takeImage(const ImageSource& source) {
  const int request = ++m_readRequest;
  ++m_verifyRequest;
  m_isReading = true;
  m_threshold->reset();
  // The store may have changed while a recorded decision stood here, and this is another case.
  if (isSettled() && m_person) loadReferences();
  if (isSettled() && !m_second->isUnrecorded()) {
    const QSignalBlocker blocker(m_amount);
    m_amount->setValue(0);
    m_second->setAmount({});
  }
  m_examination.reset();
  m_decision.reset();
  m_isRecording = false;
  m_failure.clear();
  renderVerdict();
  renderActions();
  m_session.withDesk<ShownImage>(
      this, [source](const Desk& desk) { return showSource(desk, source); },
      [this, request](Result<ShownImage> image) {
        if (request != m_readRequest) return;
        m_isReading = false;
        if (!image) {
          clearProbe();
          m_failure = QString::fromStdString(image.error().message);
          Q_EMIT problem(m_failure);
          renderVerdict();
          return;
        }
        m_probe = *std::move(image);
        m_drop->setPicture(m_probe->exhibit->picture);
        m_likeness->setProbe(m_probe->exhibit, m_probe->examined);
        m_record->note()->clear();
        verify();
      });
}

void VerifyPage::crop() {
  if (!m_probe) return;
  auto* dialog = new CropDialog(m_session, m_probe->examined, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    m_probe = shown(*dialog->result());
    m_drop->setPicture(m_probe->exhibit->picture);
    m_likeness->setProbe(m_probe->exhibit, m_probe->examined);
    m_decision.reset();
    m_isRecording = false;
    verify();
  });
  dialog->open();
}

void VerifyPage::verify() {
  if (m_isRecording) return;
  m_examination.reset();
  const int request = ++m_verifyRequest;
  m_failure.clear();
  renderVerdict();
  renderActions();
  if (!m_person || !m_probe || m_isReading || m_onFile.empty()) return;
  m_session.withDesk<Examination>(
      this,
      [key = m_person->key, probe = m_probe->examined, amount = amountGiven()](const Desk& desk) {
        return desk.verify(key, probe, amount);
      },
      [this, request](Result<Examination> examination) {
        if (request != m_verifyRequest) return;
        if (examination)
          m_examination = *std::move(examination);
        else
          Q_EMIT problem(m_failure = QString::fromStdString(examination.error().message));
        renderReferences();
        showService();
        renderActions();
        compareWith(m_references->currentRow());
        m_others->setExamination(isBlind() ? std::nullopt : m_examination);
        if (m_examination) Q_EMIT verified();
      });
}

void VerifyPage::record(Finding finding) {
  m_amount->interpretText();  // what was typed and not yet left decides, too
  if (!m_examination || isSettled()) return;
  m_isRecording = true;
  renderActions();
  m_session.saveWithDesk<DecisionKey>(
      this,
      [examination = *m_examination,
       answer = RecordedAnswer{finding, m_record->note()->text().toStdString(),
                               m_blind->answer(*m_examination)}](const Desk& desk) {
        return desk.record(examination, answer);
      },
      [this, finding, request = m_verifyRequest,
       examination = *m_examination](const Result<DecisionKey>& key) {
        if (request == m_verifyRequest) m_isRecording = false;
        if (key) m_blind->noteRecorded(examination);
        if (!key) {
          Q_EMIT problem(QString::fromStdString(key.error().message));
          renderActions();
          return;
        }
        if (request != m_verifyRequest) {  // another signature is on the screen already
          Q_EMIT recorded(*key);
          return;
        }
        m_decision = *key;
        m_recorded = finding;
        m_record->showRecorded(finding, *key);
        Q_EMIT recorded(*key);
      });
}

void VerifyPage::clearProbe() {
  ++m_readRequest;
  ++m_verifyRequest;
  m_isReading = false;
  m_probe.reset();
  m_examination.reset();
  m_decision.reset();
  m_isRecording = false;
  m_failure.clear();
  m_record->note()->clear();
  m_drop->setPicture({});
  m_likeness->setProbe(nullptr, nullptr);
  renderReferences();
  renderVerdict();
  renderActions();
}

void VerifyPage::showService() {
  const auto& service = m_session.service();
  if (!service) return;
  renderAmount();
  // The office's τ is changed here; one for an amount or a person is not.
  const bool isOfOffice =
      !m_examination || m_examination->applied.source == ThresholdSource::Office;
  m_threshold->showRule(service->tableFor(static_cast<int>(m_onFile.size())),
                        m_examination ? m_examination->applied.rule : service->service.rule,
                        service->initial.threshold.value, m_session.isWritable() && isOfOffice);
  renderVerdict();
}

void VerifyPage::renderAmount() {
  const auto& service = m_session.service();
  m_amountField->setVisible(service && !service->service.policy.amounts.empty());
}

std::optional<double> VerifyPage::amountGiven() const {
  return m_amount->value() > 0 ? std::optional(m_amount->value()) : std::nullopt;
}

std::shared_ptr<const ExaminedImage> VerifyPage::probe() const {
  return m_probe && !isBlind() ? m_probe->examined : nullptr;
}

bool VerifyPage::isBlind() const { return m_examination && m_blind->isPending(*m_examination); }

void VerifyPage::renderReferences() {
  QStringList captions;
  for (std::size_t i = 0; i < m_onFile.size(); ++i) {
    QString caption = QString::number(i + 1);
    if (m_examination && i < m_examination->scores.size() && !isBlind())
      caption = tr("%1:  %2").arg(i + 1).arg(scoreText(m_examination->scores[i].value));
    captions.push_back(caption);
  }
  if (captions.size() == m_references->count())
    m_references->setCaptions(captions);
  else
    m_references->showPlaces(captions);
  if (m_onFile.empty()) m_likeness->setReference(nullptr, {});
}

void VerifyPage::renderVerdict() {
  m_blind->setVisible(isBlind());
  m_answer->setVisible(!isBlind());
  m_likeness->setBlind(isBlind());
  if (isBlind()) {
    m_blind->ask(*m_examination);
    return;
  }
  m_threshold->setScore(m_examination && m_examination->fused
                            ? std::optional(m_examination->fused->value)
                            : std::nullopt);
  m_second->setFirst({});
  m_others->setThreshold(m_threshold->threshold());
  m_others->setHushed(m_second->hasVerdict());
  if (!m_examination) m_others->setExamination({});
  if (m_examination) {
    const auto& e = *m_examination;
    if (!e.fused) {
      m_banner->showFinding(Finding::CannotJudge, verdictWord(Finding::CannotJudge), {},
                            QString::fromStdString(e.probe->image.quality));
      return;
    }
    const auto& rule = e.applied.rule;
    const auto table = m_session.service()
                           ? m_session.service()->tableFor(static_cast<int>(e.references.size()))
                           : nullptr;
    const auto strength =
        m_session.service()
            ? m_session.service()->strengthFor(static_cast<int>(e.references.size()))
            : nullptr;
    const auto& random = strength ? strength->against(TrialKind::Random) : std::nullopt;
    m_second->setFirst(random ? std::optional(random->logLikelihoodRatio(e.fused->value))
                              : std::nullopt);
    QStringList sentences;
    // Two verdicts must fit into a small window.
    sentences += ruleOf(e.applied);
    if (!m_second->hasVerdict()) sentences += meaningOf(e, table.get());
    sentences += strengthOf(e.fused->value, strength.get());
    sentences.removeAll(QString());
    auto sentence = sentences.join(u' ');
    if (m_threshold->isTrying()) {
      const auto tried = findingOf(decide(*e.fused, {{m_threshold->threshold()}, rule.band}));
      sentence = tr("With the τ being tried, %1, it would be: %2.")
                     .arg(thresholdText(m_threshold->threshold()), findingText(tried));
    }
    if (const auto blind = m_blind->answer(e))
      sentence += u' ' + tr("You said: %1.").arg(findingText(*blind));
    if (!e.probe->image.quality.empty())
      sentence += u' ' + QString::fromStdString(e.probe->image.quality);
    m_banner->showFinding(e.finding, verdictWord(e.finding),
                          tr("similarity %1,  τ %2")
                              .arg(scoreText(e.fused->value), thresholdText(rule.threshold.value)),
                          sentence);
    return;
  }
  if (!m_failure.isEmpty())
    m_banner->showInvitation(m_failure);
  else if (!m_person)
    m_banner->showInvitation(isAboutFaces()
                                 ? tr("Choose the person whose face it is said to be.")
                                 : tr("Choose the person whose signature it is said to be."));
  else if (m_onFile.empty())
    m_banner->showInvitation(
        (isAboutFaces()
             ? tr("%1 has no reference face yet. Enrol some on the People page (F3).")
             : tr("%1 has no reference signature yet. Enrol some on the People page (F3)."))
            .arg(personText(*m_person)));
  else if (!m_probe && !m_isReading)
    m_banner->showInvitation(isAboutFaces()
                                 ? tr("Now drop, paste or open the questioned photo.")
                                 : tr("Now drop, paste or open the questioned signature."));
  else
    m_banner->showInvitation(tr("Comparing."));
}

void VerifyPage::renderActions() {
  if (m_decision) return;  // the record stands there until the next signature
  if (!m_session.isWritable() && m_session.isOpen())
    m_record->ask({}, tr("This store is open for reading only."));
  else if (m_examination && !m_isRecording)
    m_record->ask(m_examination->finding);
  else
    m_record->ask({});
}

void VerifyPage::fillSamples() {
  m_samples->setVisible(m_session.isSampleOffice() && !isAboutFaces());
  auto* menu = m_samples->menu();
  menu->clear();
  for (const auto& probe : m_session.sampleProbes()) {
    const auto name = QFileInfo(QString::fromStdString(probe.file.string())).completeBaseName();
    auto* action = menu->addAction(probe.isForgery ? tr("%1, an imitation").arg(name)
                                                   : tr("%1, by their own hand").arg(name));
    action->setVisible(!m_person || m_person->identifier == probe.identifier);
    connect(action, &QAction::triggered, this, [this, probe] {
      for (const auto& summary : m_session.people()) {
        if (summary.person.identifier == probe.identifier &&
            (!m_person || m_person->key != summary.person.key))
          choosePerson(summary.person.key);
      }
      takeImage({QString::fromStdString(probe.file.string()), {}});
    });
  }
}

}  // namespace countersign::ui
