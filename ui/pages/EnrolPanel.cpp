// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/EnrolPanel.h"

#include <QFileInfo>
#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/CameraDialog.h"
#include "ui/widgets/CropDialog.h"
#include "ui/widgets/ImageDrop.h"

namespace countersign::ui {

namespace {

constexpr QSize kTile(184, 92);

QLabel* pictureLabel(const QImage& picture, const QString& name) {
  auto* label = new QLabel;
  label->setFixedSize(kTile);
  label->setAlignment(Qt::AlignCenter);
  label->setAccessibleName(name);
  label->setToolTip(name);
  label->setStyleSheet(QStringLiteral("background: %1; border: 1px solid %2; border-radius: 4px;")
                           .arg(colours().paper.name(), colours().line.name()));
  if (picture.isNull()) return label;
  const double ratio = label->devicePixelRatioF();
  auto pixmap = QPixmap::fromImage(picture.scaled((kTile - QSize(12, 12)) * ratio,
                                                  Qt::KeepAspectRatio, Qt::SmoothTransformation));
  pixmap.setDevicePixelRatio(ratio);
  label->setPixmap(pixmap);
  return label;
}

}  // namespace

EnrolPanel::EnrolPanel(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_title(new QLabel),
      m_identifier(new QLineEdit),
      m_name(new QLineEdit),
      m_drop(new ImageDrop),
      m_alike(new QWidget),
      m_alikeText(new QLabel),
      m_addToAlike(new QPushButton),
      m_advice(new QLabel),
      m_rows(new QVBoxLayout),
      m_save(new QPushButton),
      m_cancel(new QPushButton(tr("Cancel"))) {
  m_title->setFont(scaled(font(), 1.3, true));
  m_identifier->setPlaceholderText(tr("For example a customer number"));
  m_name->setPlaceholderText(tr("First and last name"));
  m_drop->setMultiple(true);
  m_drop->cropButton()->hide();
  m_drop->setMinimumHeight(128);
  m_drop->setMaximumHeight(176);
  m_advice->setWordWrap(true);
  m_save->setProperty("look", "primary");
  auto* form = new QFormLayout;
  form->setSpacing(kGrid);
  form->addRow(tr("&Identifier"), m_identifier);
  form->addRow(tr("&Name"), m_name);
  m_rows->setSpacing(kGrid);
  m_rows->setContentsMargins(0, 0, kGrid, 0);
  m_rows->addStretch();
  auto* rows = new QWidget;
  rows->setLayout(m_rows);
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setWidget(rows);
  m_alikeText->setWordWrap(true);
  auto* alike = new QHBoxLayout(m_alike);
  alike->setContentsMargins(0, 0, 0, 0);
  alike->setSpacing(kGrid);
  alike->addWidget(m_alikeText, 1);
  alike->addWidget(m_addToAlike);
  m_alike->hide();
  auto* actions = new QHBoxLayout;
  actions->setSpacing(kGrid);
  actions->addWidget(m_advice, 1);
  actions->addWidget(m_cancel);
  actions->addWidget(m_save);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(m_title);
  layout->addLayout(form);
  layout->addWidget(m_drop);
  layout->addWidget(scroll, 1);
  layout->addWidget(m_alike);
  layout->addLayout(actions);
  connect(m_addToAlike, &QPushButton::clicked, this, [this] {
    if (!m_lookalike) return;
    m_identifier->setText(QString::fromStdString(m_lookalike->person.identifier));
    m_save->setFocus();
  });
  connect(m_drop, &ImageDrop::imagesChosen, this, &EnrolPanel::takeImages);
  connect(m_drop, &ImageDrop::cameraRequested, this, [this] {
    CameraDialog::open(m_session, {}, this,
                       [this](const ImageSource& image) { takeImages({image}); });
  });
  connect(m_identifier, &QLineEdit::textChanged, this, [this] {
    render();
    // With whom they are compared changes with who they are of, not with every letter.
    const auto person = personOnFile();
    if (m_comparedAs != (person ? std::optional(person->key) : std::nullopt)) checkAgreement();
  });
  connect(m_name, &QLineEdit::textChanged, this, &EnrolPanel::render);
  connect(m_save, &QPushButton::clicked, this, &EnrolPanel::save);
  connect(m_cancel, &QPushButton::clicked, this, &EnrolPanel::cancelled);
  connect(&m_session, &OfficeSession::opening, this, [this] { begin({}); });
  connect(&m_session, &OfficeSession::serviceChanged, this, &EnrolPanel::reexamine);
  connect(&m_session, &OfficeSession::modalityChanged, this, &EnrolPanel::showModality);
  showModality();
}

bool EnrolPanel::isAboutFaces() const { return m_session.modality() == Modality::Face; }

void EnrolPanel::showModality() {
  m_drop->cameraButton()->setVisible(isAboutFaces());
  m_drop->setInvitation(
      (isAboutFaces()
           ? tr("Drop %1 to %2 photos of this person here, from the front and from both sides")
           : tr("Drop %1 to %2 images of this person's own signature here, files or a folder"))
          .arg(Desk::kFewestAdvised)
          .arg(Desk::kMostAdvised));
  // Images of the other kind go; who it is stays.
  const auto name = m_name->text();
  begin(m_person, m_identifier->text());
  if (!m_person) m_name->setText(name);
}

void EnrolPanel::begin(const std::optional<Person>& person, const QString& identifier) {
  ++m_round;
  m_person = person;
  m_images.clear();
  m_agreement.clear();
  ++m_agreementRequest;  // answers about other images
  m_lookalike.reset();
  m_comparedAs.reset();
  renderLookalike();
  m_waiting.clear();
  m_unreadable.clear();
  m_isReading = false;
  m_isSaving = false;
  m_typedName.clear();
  m_name->setEnabled(true);
  m_title->setText(!person ? tr("Enrol a person")
                           : (isAboutFaces() ? tr("Add faces of %1") : tr("Add signatures of %1"))
                                 .arg(personText(*person)));
  m_identifier->setText(person ? QString::fromStdString(person->identifier) : identifier);
  m_name->setText(person ? QString::fromStdString(person->name) : QString());
  m_identifier->setEnabled(!person);
  renderRows();
  render();
  (person ? static_cast<QWidget*>(m_drop->openButton()) : m_identifier)->setFocus();
}

std::optional<Person> EnrolPanel::personOnFile() const {
  if (m_person) return m_person;
  const auto identifier = m_identifier->text().trimmed().toStdString();
  const auto& people = m_session.people();
  const auto found = std::find_if(people.begin(), people.end(), [&](const auto& summary) {
    return summary.person.identifier == identifier;
  });
  return found == people.end() ? std::nullopt : std::optional(found->person);
}

void EnrolPanel::takeImages(const QList<ImageSource>& sources) {
  m_waiting += sources;
  m_unreadable.clear();
  if (!m_isReading) readNext();
}

void EnrolPanel::reexamine() {
  const auto& service = m_session.service();
  const bool isStale = service && std::any_of(m_images.begin(), m_images.end(), [&](const auto& i) {
                         return i.examined->network != service->service.identity;
                       });
  if (!isStale || m_isReading) return;
  m_isReading = true;
  render();
  std::vector<std::shared_ptr<const ExaminedImage>> images;
  images.reserve(m_images.size());
  for (const auto& image : m_images) images.push_back(image.examined);
  m_session.withDesk<std::vector<ShownImage>>(
      this,
      [images](const Desk& desk) -> Result<std::vector<ShownImage>> {
        std::vector<ShownImage> anew;
        for (const auto& image : images) {
          auto again = showAnew(desk, *image);
          if (!again) return again.error();
          anew.push_back(*std::move(again));
        }
        return anew;
      },
      [this, round = m_round](Result<std::vector<ShownImage>> anew) {
        if (round != m_round) return;
        if (anew)
          m_images = *std::move(anew);
        else
          Q_EMIT problem(QString::fromStdString(anew.error().message));
        renderRows();
        readNext();
      });
}

void EnrolPanel::readNext() {
  if (m_waiting.isEmpty()) {
    m_isReading = false;
    if (!m_unreadable.isEmpty()) Q_EMIT problem(m_unreadable.join(u'\n'));
    checkAgreement();
    Q_EMIT imagesReady();
    return;
  }
  m_isReading = true;
  const auto source = m_waiting.takeFirst();
  m_session.withDesk<ShownImage>(
      this, [source](const Desk& desk) { return showSource(desk, source); },
      [this, round = m_round](Result<ShownImage> image) {
        if (round != m_round) return;
        const auto isTwin = [&](const ShownImage& other) {
          return other.examined->image.sourceHash == image->examined->image.sourceHash;
        };
        if (!image) {
          m_unreadable += QString::fromStdString(image.error().message);
        } else if (std::any_of(m_images.begin(), m_images.end(), isTwin)) {
          m_unreadable += tr("%1 is the same image as one that is here already; it was left out.")
                              .arg(QString::fromStdString(image->examined->image.sourceName));
        } else {
          m_images.push_back(*std::move(image));
          m_agreement.clear();
          renderRows();
        }
        render();
        readNext();
      });
}

void EnrolPanel::checkAgreement() {
  const int request = ++m_agreementRequest;
  const auto person = personOnFile();
  m_comparedAs = person ? std::optional(person->key) : std::nullopt;
  checkLookalikes();
  std::vector<std::shared_ptr<const ExaminedImage>> images;
  for (const auto& image : m_images) images.push_back(image.examined);
  if (images.empty()) return;
  m_session.withDesk<std::vector<ReferenceAgreement>>(
      this, [images, key = m_comparedAs](const Desk& desk) { return desk.agreement(images, key); },
      [this, request](Result<std::vector<ReferenceAgreement>> agreement) {
        if (request != m_agreementRequest || !agreement || agreement->size() != m_images.size())
          return;
        m_agreement = *std::move(agreement);
        renderRows();
        render();
      });
}

void EnrolPanel::checkLookalikes() {
  m_lookalike.reset();
  renderLookalike();
  std::vector<std::shared_ptr<const ExaminedImage>> images;
  for (const auto& image : m_images) images.push_back(image.examined);
  if (images.empty()) return;
  m_session.withImages<std::vector<Candidate>>(
      this,
      [images, key = m_comparedAs](const Desk& desk) { return desk.lookalikes(images, key, 1); },
      [this, request = m_agreementRequest](Result<std::vector<Candidate>> alike) {
        if (request != m_agreementRequest || !alike || alike->empty()) return;
        m_lookalike = std::move(alike->front());
        renderLookalike();
      });
}

void EnrolPanel::renderLookalike() {
  m_alike->setVisible(m_lookalike.has_value());
  if (!m_lookalike) return;
  const auto onFile = personOnFile();
  const auto whom = personText(m_lookalike->person);
  m_alikeText->setText(
      (onFile
           ? tr("Looks like %1 (%2), too. If they are one person, merge them on the People page.")
           : tr("Looks like %1 (%2), who is on file already."))
          .arg(whom, scoreText(m_lookalike->score.value)));
  m_alikeText->setStyleSheet(
      QStringLiteral("color: %1; font-weight: 600;").arg(colours().refer.name()));
  m_addToAlike->setText(
      tr("Add to %1").arg(QString::fromStdString(m_lookalike->person.identifier)));
  m_addToAlike->setVisible(!onFile);
}

void EnrolPanel::crop(int index) {
  auto* dialog = new CropDialog(m_session, image(index).examined, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog, index, round = m_round] {
    if (round != m_round || index >= imageCount()) return;
    m_images[static_cast<std::size_t>(index)] = shown(*dialog->result());
    m_agreement.clear();
    renderRows();
    render();
    checkAgreement();
  });
  dialog->open();
}

void EnrolPanel::remove(int index) {
  m_images.erase(m_images.begin() + index);
  m_agreement.clear();
  renderRows();
  render();
  checkAgreement();
}

QWidget* EnrolPanel::rowFor(int index) {
  const auto& shownImage = image(index);
  const auto& sample = shownImage.examined->image;
  auto* card = new QFrame;
  card->setProperty("look", "card");
  auto* layout = new QHBoxLayout(card);
  layout->setContentsMargins(kGrid, kGrid, kGrid, kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(pictureLabel(shownImage.exhibit->picture, tr("As it was read")));
  layout->addWidget(pictureLabel(shownImage.exhibit->normalised, tr("As the network sees it")));
  auto* words = new QVBoxLayout;
  words->setSpacing(4);
  auto* name = new QLabel(QString::fromStdString(sample.sourceName));
  name->setProperty("look", "heading");
  name->setMinimumWidth(0);
  name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  words->addWidget(name);
  auto* quality = new QLabel(tr("Quality: %1").arg(qualityText(sample.quality)));
  quality->setWordWrap(true);
  words->addWidget(quality);
  const auto position = static_cast<std::size_t>(index);
  if (position < m_agreement.size() && !m_agreement[position].agrees) {
    auto* doubt = new QLabel(tr("Differs from the others: similarity %1, which is not above τ.")
                                 .arg(scoreText(m_agreement[position].score.value)));
    doubt->setWordWrap(true);
    doubt->setStyleSheet(
        QStringLiteral("color: %1; font-weight: 600;").arg(colours().refer.name()));
    words->addWidget(doubt);
  } else if (position < m_agreement.size() && m_agreement[position].score.value != 0) {
    words->addWidget(new QLabel(tr("Agrees with the others: similarity %1")
                                    .arg(scoreText(m_agreement[position].score.value))));
  }
  words->addStretch();
  layout->addLayout(words, 1);
  auto* buttons = new QVBoxLayout;
  auto* cropButton = new QPushButton(tr("Crop…"));
  auto* removeButton = new QPushButton(tr("Leave out"));
  buttons->addWidget(cropButton);
  buttons->addWidget(removeButton);
  buttons->addStretch();
  layout->addLayout(buttons);
  connect(cropButton, &QPushButton::clicked, this, [this, index] { crop(index); });
  // Later: the row that holds the button goes with it.
  connect(
      removeButton, &QPushButton::clicked, this, [this, index] { remove(index); },
      Qt::QueuedConnection);
  return card;
}

void EnrolPanel::renderRows() {
  while (m_rows->count() > 1) {
    auto* item = m_rows->takeAt(0);
    item->widget()->deleteLater();
    delete item;
  }
  for (int i = 0; i < imageCount(); ++i) m_rows->insertWidget(i, rowFor(i));
}

void EnrolPanel::render() {
  const auto onFile = personOnFile();
  const bool isNameShown = !m_person && !m_name->isEnabled();
  if (!m_person && onFile) {
    if (!isNameShown) m_typedName = m_name->text();
    m_name->setEnabled(false);
    m_name->setText(QString::fromStdString(onFile->name));
  } else {
    m_name->setEnabled(!m_person);
    // An identifier may pass through somebody else's while it is typed.
    if (isNameShown) m_name->setText(m_typedName);
  }
  const auto unusable = std::count_if(m_images.begin(), m_images.end(), [](const auto& image) {
    return !image.examined->isComparable();
  });
  const bool hasPerson = !m_identifier->text().trimmed().isEmpty();
  QString advice;
  if (!m_session.isWritable() && m_session.isOpen())
    advice = tr("This store is open for reading only.");
  else if (m_isReading)
    advice = tr("Reading images.");
  else if (unusable > 0)
    advice = tr("%n image(s) cannot be used as they are: crop them, or leave them out.", nullptr,
                static_cast<int>(unusable));
  else if (!hasPerson)
    advice = tr("An identifier is needed.");
  else if (m_images.empty())
    advice = onFile && !m_person ? tr("On file already: the references will be added.") : QString();
  else if (imageCount() > Desk::kMostAdvised)
    advice =
        tr("More than %1 references make comparing slow and gain nothing.").arg(Desk::kMostAdvised);
  else if (!onFile && imageCount() < Desk::kFewestAdvised)
    advice = (isAboutFaces()
                  ? tr("%1 to %2 faces are advised, of different poses; with fewer, this person "
                       "will be missed more often.")
                  : tr("%1 to %2 signatures are advised; with fewer, more own signatures will be "
                       "missed."))
                 .arg(Desk::kFewestAdvised)
                 .arg(Desk::kMostAdvised);
  else if (onFile && !m_person)
    advice = tr("On file already: the references will be added.");
  m_advice->setText(advice);
  m_save->setText(m_images.empty() ? tr("Enrol")
                  : isAboutFaces() ? tr("Enrol %n face(s)", nullptr, imageCount())
                                   : tr("Enrol %n signature(s)", nullptr, imageCount()));
  m_save->setEnabled(m_session.isWritable() && hasPerson && !m_images.empty() && unusable == 0 &&
                     !m_isReading && !m_isSaving);
}

void EnrolPanel::save() {
  m_isSaving = true;
  render();
  std::vector<std::shared_ptr<const ExaminedImage>> images;
  for (const auto& image : m_images) images.push_back(image.examined);
  m_session.saveWithDesk<Enrolled>(
      this,
      [images, identifier = m_identifier->text().trimmed().toStdString(),
       name = m_name->text().trimmed().toStdString()](const Desk& desk) {
        return desk.enrol(identifier, name, images);
      },
      [this, round = m_round, modality = m_session.modality()](const Result<Enrolled>& result) {
        if (round == m_round) m_isSaving = false;
        if (!result) {
          Q_EMIT problem(QString::fromStdString(result.error().message));
          render();
          return;
        }
        const auto count = static_cast<int>(result->references.size());
        const auto done =
            (modality == Modality::Face ? tr("%n face(s) of %1 enrolled.", nullptr, count)
                                        : tr("%n signature(s) of %1 enrolled.", nullptr, count))
                .arg(personText(result->person));
        m_session.noteChange(modality, done, [enrolment = *result](const Desk& desk) {
          auto& repository = desk.repository();
          return enrolment.isNewPerson
                     ? repository.retirePerson(enrolment.person.key, desk.author())
                     : repository.retireReferences(enrolment.references, desk.author());
        });
        Q_EMIT enrolled(result->person.key);
      });
}

}  // namespace countersign::ui
