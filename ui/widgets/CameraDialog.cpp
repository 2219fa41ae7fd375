// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CameraDialog.h"

#include <QComboBox>
#include <QDateTime>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/CameraView.h"

namespace countersign::ui {

CameraDialog::CameraDialog(OfficeSession& session, const std::optional<Person>& person,
                           QWidget* parent)
    : QDialog(parent),
      m_session(session),
      m_person(person),
      m_view(new CameraView),
      m_sources(new QComboBox),
      m_hint(new QLabel),
      m_similarity(new QLabel),
      m_progress(new QProgressBar),
      m_again(new QPushButton(tr("Try &again"))),
      m_use(new QPushButton(tr("&Use this picture"))) {
  setWindowTitle(person ? tr("Picture of %1").arg(personText(*person)) : tr("Take a picture"));
  m_hint->setFont(scaled(font(), 1.3, true));
  m_hint->setWordWrap(true);
  m_hint->setMinimumHeight(2 * QFontMetrics(m_hint->font()).lineSpacing());
  m_hint->setAlignment(Qt::AlignVCenter | Qt::AlignLeft);
  m_similarity->setVisible(person.has_value());
  m_similarity->setWordWrap(true);
  m_progress->setRange(0, 100);
  m_progress->setTextVisible(false);
  m_progress->setAccessibleName(tr("How much of a good second has been seen"));
  m_sources->setAccessibleName(tr("Camera"));
  m_use->setProperty("look", "primary");
  m_use->setDefault(true);
  auto* caution = new QLabel(
      tr("Nothing here checks that a living person stands before the camera: a photo held before "
         "it may pass."));
  caution->setProperty("look", "caption");
  caution->setWordWrap(true);
  auto* cancel = new QPushButton(tr("Cancel"));
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_sources, 1);
  buttons->addWidget(m_again);
  buttons->addWidget(m_use);
  buttons->addWidget(cancel);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(kGrid);
  layout->addWidget(m_view, 1);
  layout->addWidget(m_progress);
  layout->addWidget(m_hint);
  layout->addWidget(m_similarity);
  layout->addWidget(caution);
  layout->addLayout(buttons);
  connect(m_sources, &QComboBox::activated, this, &CameraDialog::chooseSource);
  connect(m_again, &QPushButton::clicked, this, [this] {
    if (m_source.isEmpty() && m_sources->count() == 1) listSources();  // one may be there now
    start();
  });
  connect(m_use, &QPushButton::clicked, this, [this] {
    if (m_picture.isNull()) return;
    ImageSource image{{}, m_picture, {}};
    image.name = tr("camera %1").arg(QDateTime::currentDateTime().toString(Qt::ISODate));
    Q_EMIT taken(image);
    accept();
  });
  connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(&m_session, &OfficeSession::modalityChanged, this, &QDialog::reject);
  connect(&m_session, &OfficeSession::opening, this, &QDialog::reject);
  connect(this, &QDialog::finished, this, &CameraDialog::stop);
  m_use->setEnabled(false);
  listSources();
  if (!person) {
    m_isReady = true;
    start();
    return;
  }
  using Samples = std::vector<EmbeddedSample>;
  m_session.withDesk<Samples>(
      this, [key = person->key](const Desk& desk) { return desk.embeddedReferences(key); },
      [this](Result<Samples> references) {
        if (references) m_references = *std::move(references);
        m_isReady = true;
        start();
      });
}

CameraDialog::~CameraDialog() { stop(); }

void CameraDialog::stop() {
  if (!m_feed) return;
  m_feed->disconnect(this);
  m_closing = m_feed.get();
  connect(m_closing, &CameraFeed::stopped, this, [this] {
    m_closing = nullptr;
    if (std::exchange(m_isWaiting, false)) start();
  });
  CameraFeed::retire(std::move(m_feed), m_session);
}

CameraDialog* CameraDialog::open(OfficeSession& session, const std::optional<Person>& person,
                                 QWidget* parent, std::function<void(const ImageSource&)> taken) {
  auto* dialog = new CameraDialog(session, person, parent);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &CameraDialog::taken, parent, std::move(taken));
  dialog->QDialog::open();
  return dialog;
}

void CameraDialog::listSources() {
  m_sources->clear();
  for (const auto& device : cameras())
    m_sources->addItem(QString::fromStdString(device.name), QString::fromStdString(device.path));
  m_sources->addItem(tr("Video file…"));
  m_source = m_sources->itemData(0).toString();
}

void CameraDialog::chooseSource(int index) {
  const auto device = m_sources->itemData(index).toString();
  if (!device.isEmpty()) return look(device);
  const auto file = QFileDialog::getOpenFileName(
      this, tr("Open a video"), {}, tr("Videos (*.mp4 *.avi *.mkv *.mov *.webm);;All files (*)"));
  if (!file.isEmpty()) look(file);
}

void CameraDialog::look(const QString& source) {
  m_source = source;
  start();
}

void CameraDialog::tell(const QString& sentence) { m_hint->setText(sentence); }

void CameraDialog::start() {
  stop();
  m_picture = {};
  m_view->clear();
  m_use->setEnabled(false);
  m_progress->setValue(0);
  m_similarity->clear();
  if (!m_isReady) return;
  if (m_source.isEmpty()) {
    tell(tr("No camera was found. Connect one and try again, or choose a video file."));
    return;
  }
  const auto serving = m_session.servingNetwork(Modality::Face);
  if (!serving) {
    tell(QString::fromStdString(serving.error().message));
    return;
  }
  tell(tr("Starting the camera"));
  if (m_closing) {  // it must be let go before it can be had again
    m_isWaiting = true;
    return;
  }
  m_feed = std::make_unique<CameraFeed>(m_source.toStdString(),
                                        CameraFeed::Subject{serving->network, m_references});
  connect(m_feed.get(), &CameraFeed::seen, this, &CameraDialog::see);
  connect(m_feed.get(), &CameraFeed::captured, this, &CameraDialog::keep);
  connect(m_feed.get(), &CameraFeed::failed, this, [this](const Error& error) {
    m_view->clear();
    tell(QString::fromStdString(error.message));
  });
  connect(m_feed.get(), &CameraFeed::ended, this, [this] {
    if (m_picture.isNull())
      tell(tr("The video is over, and no second of it showed one face well."));
  });
}

void CameraDialog::see(const CameraGlimpse& glimpse) {
  if (!m_picture.isNull()) return;  // what was taken stays in sight
  m_perSecond = glimpse.perSecond;
  if (m_person && glimpse.settled && m_session.service()) {
    const double threshold = m_session.service()->service.rule.threshold.value;
    m_similarity->setText(
        tr("Similarity %1 over the best %n picture(s); τ is %2.", nullptr, glimpse.compared)
            .arg(scoreText(*glimpse.settled), thresholdText(threshold)));
  } else if (m_person && m_references.empty()) {
    m_similarity->setText(tr("This person has no face on file to compare with."));
  } else {
    m_similarity->clear();
  }
  m_view->show(glimpse);
  m_progress->setValue(qRound(100 * glimpse.progress));
  tell(glimpse.hint.isEmpty() ? tr("Good. Hold still for a second.") : glimpse.hint);
}

void CameraDialog::keep(const QImage& picture) {
  m_picture = picture;
  m_view->showPicture(picture);
  m_progress->setValue(100);
  tell(tr("This is the best picture of a second."));
  m_use->setEnabled(true);
  m_use->setFocus();
  stop();
}

}  // namespace countersign::ui
