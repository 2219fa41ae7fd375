// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/TrainSetupPanel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QRadioButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <set>

#include "ui/jobs/OfficeSession.h"
#include "ui/jobs/TrainingSession.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/FolderDrop.h"
#include "ui/widgets/OptionsForm.h"
#include "ui/widgets/PairGallery.h"
#include "ui/widgets/WaitingPanel.h"

namespace countersign::ui {

namespace {

/// Pages of the stack.
enum Place { Empty, Looking, Found };

QString layoutText(CorpusLayout layout) {
  switch (layout) {
    case CorpusLayout::Manifest:
      return TrainSetupPanel::tr("as its manifest.csv says");
    case CorpusLayout::Cedar:
      return TrainSetupPanel::tr("named like the CEDAR corpus");
    case CorpusLayout::BhSig260:
      return TrainSetupPanel::tr("named like the BHSig260 corpus");
    case CorpusLayout::FolderPerPerson:
      break;
  }
  return TrainSetupPanel::tr("one folder for each person");
}

int peopleIn(const CorpusManifest& manifest, Split split) {
  std::set<std::string> people;
  for (const auto& sample : manifest.samples) {
    if (sample.split == split) people.insert(sample.subject);
  }
  return static_cast<int>(people.size());
}

QLabel* caption(const QString& text = {}) {
  auto* label = new QLabel(text);
  label->setProperty("look", "caption");
  label->setWordWrap(true);
  return label;
}

}  // namespace

TrainSetupPanel::TrainSetupPanel(OfficeSession& office, TrainingSession& training, QWidget* parent)
    : QWidget(parent),
      m_office(office),
      m_training(training),
      m_stack(new QStackedWidget),
      m_title(new QLabel),
      m_text(new QLabel),
      m_drop(new FolderDrop),
      m_looking(new WaitingPanel(tr("Looking at the images"))),
      m_summary(new QLabel),
      m_split(caption()),
      m_gallery(new PairGallery),
      m_leaks(new QLabel),
      m_problemTitle(new QLabel),
      m_problems(new QListWidget),
      m_fineTune(new QRadioButton(tr("&Fine-tune the network in service"))),
      m_anew(new QRadioButton(tr("Train a &new network from nothing"))),
      m_plan(caption()),
      m_showOptions(new QToolButton),
      m_form(new OptionsForm),
      m_start(new QPushButton(tr("&Start training"))),
      m_other(new QPushButton(tr("&Another folder"))) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  m_stack->addWidget(buildEmpty());
  m_stack->addWidget(m_looking);
  m_stack->addWidget(buildFound());
  connect(m_drop, &FolderDrop::folderChosen, this,
          [this](const QString& folder) { m_training.look(folder.toStdString()); });
  connect(m_looking, &WaitingPanel::cancelled, &m_training, &TrainingSession::stop);
  connect(m_other, &QPushButton::clicked, &m_training, &TrainingSession::clear);
  connect(m_start, &QPushButton::clicked, this, &TrainSetupPanel::begin);
  connect(m_fineTune, &QRadioButton::toggled, this, &TrainSetupPanel::suggest);
  connect(m_showOptions, &QToolButton::toggled, this, &TrainSetupPanel::render);
  connect(&m_training, &TrainingSession::changed, this, &TrainSetupPanel::render);
  connect(&m_office, &OfficeSession::serviceChanged, this, &TrainSetupPanel::render);
  connect(&m_training, &TrainingSession::lookedAt, m_looking, &WaitingPanel::setProgress);
  connect(&m_training.jobs(), &JobQueue::longJobProgressed, this, [this](int done, int total) {
    if (m_training.stage() != TrainingSession::Stage::Looking) return;
    const QLocale locale;
    m_looking->setText(
        tr("Looking at the images: %1 of %2").arg(locale.toString(done), locale.toString(total)));
    m_looking->setProgress(done, total);
  });
  render();
}

QWidget* TrainSetupPanel::buildEmpty() {
  m_title->setFont(scaled(font(), 1.5, true));
  m_title->setWordWrap(true);
  m_text->setWordWrap(true);
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2 * kGrid);
  column->addWidget(m_title);
  column->addWidget(m_text);
  column->addWidget(m_drop, 1);
  return page;
}

void TrainSetupPanel::renderEmpty() {
  if (m_office.modality() == Modality::Face) {
    m_title->setText(tr("Teach the network the faces that you see every day"));
    m_text->setText(
        tr("The network that comes with Countersign knows nobody, and needs no training for a new "
           "person. It has learned from very many faces; fine-tuning it on a collection of your "
           "own can help with your camera and your people, and can also do harm: at least a few "
           "dozen people with several photos each. Some of the people are kept out of the "
           "training, and show whether it helped. Nothing leaves this computer."));
    m_drop->setInvitation(
        tr("Drop a folder here: one with a folder for each person, or one with a manifest.csv. "
           "Photos with several faces are left out"));
    return;
  }
  m_title->setText(tr("Teach the network the hands that you see every day"));
  m_text->setText(
      tr("The network that comes with Countersign knows nobody, and needs no training for a new "
         "person. It can become better at your kind of signature when it is fine-tuned on a "
         "collection of your own: at least a few dozen people with several signatures each, and "
         "forgeries if there are any. Some of the people are kept out of the training, and show "
         "whether it helped. Nothing leaves this computer."));
  m_drop->setInvitation(
      tr("Drop a folder here: one with a folder for each person, forgeries in a folder named "
         "forgeries, or a corpus such as CEDAR or BHSig260, or one with a manifest.csv"));
}

QWidget* TrainSetupPanel::buildFound() {
  m_summary->setFont(scaled(font(), 1.3, true));
  m_summary->setWordWrap(true);
  m_leaks->setWordWrap(true);
  m_leaks->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_problemTitle->setProperty("look", "heading");
  m_problems->setAccessibleName(tr("What is wrong with the images"));
  m_problems->setWordWrap(true);
  m_problems->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_problems->setSelectionMode(QAbstractItemView::NoSelection);
  m_gallery->setAccessibleName(tr("Some of the images"));
  m_start->setProperty("look", "primary");
  m_fineTune->setChecked(true);
  m_showOptions->setText(tr("&Options"));
  m_showOptions->setCheckable(true);
  m_showOptions->setProperty("look", "button");
  m_showOptions->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);

  auto* left = new QVBoxLayout;
  left->setSpacing(kGrid);
  left->addWidget(m_summary);
  left->addWidget(m_split);
  left->addWidget(m_gallery, 3);
  left->addWidget(m_leaks);
  left->addWidget(m_problemTitle);
  left->addWidget(m_problems, 2);

  auto* title = new QLabel(tr("Training"));
  title->setFont(scaled(font(), 1.15, true));
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  right->addWidget(title);
  right->addWidget(m_fineTune);
  right->addWidget(m_anew);
  right->addWidget(m_plan);
  right->addWidget(m_showOptions, 0, Qt::AlignLeft);
  right->addWidget(m_form, 1);
  right->addStretch();
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(kGrid);
  buttons->addWidget(m_start, 1);
  buttons->addWidget(m_other);
  right->addLayout(buttons);

  auto* page = new QWidget;
  auto* layout = new QHBoxLayout(page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(3 * kGrid);
  layout->addLayout(left, 11);
  layout->addLayout(right, 9);
  return page;
}

void TrainSetupPanel::start() {
  if (m_stack->currentIndex() == Found)
    m_start->setFocus();
  else
    m_drop->openButton()->setFocus();
}

QString TrainSetupPanel::summary() const { return m_summary->text(); }

void TrainSetupPanel::suggest() {
  const auto corpus = m_training.corpus();
  if (!corpus) return;
  const bool isFineTuned = m_fineTune->isChecked();
  const auto serving = m_office.servingNetwork(corpus->modality);
  if (!serving) {
    Q_EMIT problem(QString::fromStdString(serving.error().message));
    return;
  }
  auto options =
      suggestedOptions(corpus->manifest, isFineTuned ? &serving->network->card() : nullptr);
  const bool isFace = corpus->modality == Modality::Face;
  const std::string folder = corpus->folder.filename().string();
  options.name = isFace ? "own-faces" : "own-signatures";
  options.data = {(isFace ? "Faces in the folder " : "Signatures in the folder ") + folder + "."};
  // What the network in service decides is not asked.
  m_form->setOptions(options, isFineTuned ? QStringList{"architecture", "score"} : QStringList{});
  m_plan->setText(
      isFineTuned
          ? tr("%1 batches of %2 images. The network in service serves on meanwhile, and stays "
               "unless you put the new one into its place.")
                .arg(QLocale().toString(options.steps))
                .arg(options.batch.size())
          : tr("%1 batches of %2 images: hours rather than minutes, and good only with "
               "hundreds of people.")
                .arg(QLocale().toString(options.steps))
                .arg(options.batch.size()));
}

void TrainSetupPanel::render() {
  using Stage = TrainingSession::Stage;
  const auto stage = m_training.stage();
  if (stage == Stage::Looking) {
    m_looking->begin(m_training.isStopping());
    m_stack->setCurrentIndex(Looking);
    return;
  }
  const auto& corpus = m_training.corpus();
  m_stack->setCurrentIndex(corpus ? Found : Empty);
  m_form->setVisible(m_showOptions->isChecked());
  renderEmpty();
  m_showOptions->setArrowType(m_showOptions->isChecked() ? Qt::DownArrow : Qt::RightArrow);
  if (!corpus) {
    m_shown = nullptr;
    return;
  }
  if (m_shown != corpus.get()) {
    m_shown = corpus.get();
    renderFound();
    // Networks for faces have learned from more people than anybody has at hand.
    m_anew->setVisible(corpus->modality == Modality::Signature);
    if (corpus->modality == Modality::Face) m_fineTune->setChecked(true);
    suggest();
    m_start->setFocus();
  }
  // Whether the suggestion holds: two people to tell apart, among those to be trained on.
  std::map<std::string, int> genuine;
  for (const auto& sample : corpus->manifest.of(Split::Train))
    if (sample.label == SampleLabel::Genuine) ++genuine[sample.subject];
  const auto trainable = std::count_if(genuine.begin(), genuine.end(),
                                       [](const auto& person) { return person.second > 1; });
  const bool isEnough = trainable > 1;
  m_start->setEnabled(isEnough && m_office.isWritable() && m_office.service().has_value());
  m_start->setToolTip(
      !isEnough ? tr("Training needs at least two people with two genuine images each.")
      : !m_office.isWritable() ? tr("Another window or program is writing to this store.")
                               : QString());
}

void TrainSetupPanel::renderFound() {
  const auto& corpus = *m_training.corpus();
  const auto& audit = corpus.audit;
  QStringList parts{tr("%n people", nullptr, audit.people),
                    corpus.modality == Modality::Face
                        ? tr("%n photos", nullptr, audit.genuine)
                        : tr("%n genuine signatures", nullptr, audit.genuine)};
  if (audit.forgeries > 0) parts += tr("%n forgeries", nullptr, audit.forgeries);
  m_summary->setText(parts.join(QStringLiteral(", ")));
  const auto& manifest = corpus.manifest;
  m_split->setText(
      tr("%1: %2. %3 people to train on, %4 by whom the best moment is chosen, %5 held out for "
         "the comparison at the end.")
          .arg(QString::fromStdString(corpus.folder.filename().string()), layoutText(corpus.layout))
          .arg(peopleIn(manifest, Split::Train))
          .arg(peopleIn(manifest, Split::Development))
          .arg(peopleIn(manifest, Split::Validation)));
  std::vector<PairGallery::Item> items;
  for (const auto& thumbnail : corpus.thumbnails)
    items.push_back({thumbnail.canvas, {}, thumbnail.caption, false});
  m_gallery->setItems(std::move(items));
  QStringList leaks;
  for (const auto& leak : audit.leaks) {
    if (leak.isLeak()) leaks += QString::fromStdString(leak.sentence());
  }
  m_leaks->setVisible(!leaks.isEmpty());
  m_leaks->setText(leaks.join(u'\n'));
  m_leaks->setStyleSheet(QStringLiteral("color: %1").arg(colours().refer.name()));
  m_problems->clear();
  for (const auto& found : audit.problems) {
    auto* item = new QListWidgetItem(QString::fromStdString(found.sentence));
    item->setToolTip(item->text());
    m_problems->addItem(item);
  }
  m_problemTitle->setText(audit.problems.empty() ? tr("Every image can be used.")
                                                 : tr("%n things to know", nullptr,
                                                      static_cast<int>(audit.problems.size())));
  m_problems->setVisible(!audit.problems.empty());
  constexpr int kMostShown = 5;
  constexpr int kLinesEach = 3;
  const int shown = std::min(kMostShown, m_problems->count());
  m_problems->setMaximumHeight(shown * kLinesEach * fontMetrics().height() + 2 * kGrid);
}

void TrainSetupPanel::begin() {
  const auto options = m_form->options();
  if (!options) {
    Q_EMIT problem(QString::fromStdString(options.error().message));
    return;
  }
  m_training.start(*options, m_fineTune->isChecked());
}

}  // namespace countersign::ui
