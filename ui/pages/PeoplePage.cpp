// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/PeoplePage.h"

#include <QCheckBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/itemmodels/PersonTableModel.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/pages/EnrolPanel.h"
#include "ui/support/Formatting.h"
#include "ui/support/Theme.h"
#include "ui/widgets/ErasureDialog.h"
#include "ui/widgets/GroundsDialog.h"
#include "ui/widgets/MergeDialog.h"
#include "ui/widgets/PassphraseDialog.h"
#include "ui/widgets/PersonThresholdDialog.h"
#include "ui/widgets/ReferenceStrip.h"

namespace countersign::ui {

PeoplePage::PeoplePage(OfficeSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_stack(new QStackedWidget),
      m_search(new QLineEdit),
      m_model(new PersonTableModel(this)),
      m_filter(new QSortFilterProxyModel(this)),
      m_table(new QTableView),
      m_count(new QLabel),
      m_name(new QLabel),
      m_details(new QLabel),
      m_references(new ReferenceStrip),
      m_referenceText(new QLabel),
      m_enrol(new QPushButton(tr("&Enrol a person"))),
      m_add(new QPushButton),
      m_verify(new QPushButton),
      m_removeReference(new QPushButton(tr("Remove reference"))),
      m_removePerson(new QPushButton(tr("Remove person"))),
      m_merge(new QPushButton(tr("Merge…"))),
      m_threshold(new QPushButton(tr("Threshold…"))),
      m_import(new QPushButton(tr("&Import"))),
      m_export(new QPushButton(tr("E&xport"))),
      m_grounds(new QPushButton(tr("&Grounds…"))),
      m_erase(new QPushButton(tr("Erase…"))),
      m_due(new QPushButton),
      m_enrolPanel(new EnrolPanel(session)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  m_stack->addWidget(buildList());
  m_stack->addWidget(m_enrolPanel);

  const auto showModality = [this] {
    const bool isFace = m_session.modality() == Modality::Face;
    m_add->setText(isFace ? tr("&Add faces") : tr("&Add signatures"));
    m_verify->setText(isFace ? tr("&Verify a face") : tr("&Verify a signature"));
    m_table->setColumnHidden(PersonTableModel::Signatures, isFace);
    m_table->setColumnHidden(PersonTableModel::Faces, !isFace);
    m_references->showPlaces({});
  };
  showModality();
  connect(&m_session, &OfficeSession::modalityChanged, this, showModality);
  connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
    m_filter->setFilterFixedString(text.trimmed());
    if (!m_table->currentIndex().isValid() && m_filter->rowCount() > 0) m_table->selectRow(0);
  });
  connect(m_search, &QLineEdit::returnPressed, this, [this] { m_table->setFocus(); });
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &PeoplePage::showPerson);
  connect(m_table, &QTableView::activated, this, [this] {
    if (const auto person = chosen()) Q_EMIT verifyWanted(person->key);
  });
  connect(m_references, &QListWidget::currentRowChanged, this, &PeoplePage::renderActions);
  connect(m_enrol, &QPushButton::clicked, this, [this] { enrol({}); });
  connect(m_add, &QPushButton::clicked, this, [this] { enrol(chosen()); });
  connect(m_verify, &QPushButton::clicked, this, [this] {
    if (const auto person = chosen()) Q_EMIT verifyWanted(person->key);
  });
  connect(m_removeReference, &QPushButton::clicked, this, &PeoplePage::removeReference);
  connect(m_removePerson, &QPushButton::clicked, this, &PeoplePage::removePerson);
  connect(m_merge, &QPushButton::clicked, this, &PeoplePage::askMerge);
  connect(m_threshold, &QPushButton::clicked, this, &PeoplePage::askThreshold);
  auto* imports = new QMenu(m_import);
  imports->addAction(tr("A &folder of images…"), this, &PeoplePage::chooseFolder);
  imports->addAction(tr("People from an encrypted &file…"), this, &PeoplePage::chooseImport);
  m_import->setMenu(imports);
  auto* exports = new QMenu(m_export);
  exports->addAction(tr("&This person…"), this, [this] { chooseExport(false); });
  exports->addAction(tr("&Everybody…"), this, [this] { chooseExport(true); });
  m_export->setMenu(exports);
  connect(m_grounds, &QPushButton::clicked, this, &PeoplePage::askGrounds);
  connect(m_erase, &QPushButton::clicked, this, [this] {
    if (const auto person = chosen()) askErasure({*person});
  });
  connect(m_due, &QPushButton::clicked, this, [this] { askErasure(duePeople()); });
  connect(&m_session, &OfficeSession::erased, this, &PeoplePage::offerReceipt);
  connect(&m_session, &OfficeSession::peopleImported, this,
          [this](const std::shared_ptr<const PeopleImport>& result) {
            QStringList sentences;
            if (result->isStopped)
              sentences += tr("The import was stopped. Import the file again to go on.");
            for (const auto& sentence : result->leftOut)
              sentences += tr("Left out %1").arg(QString::fromStdString(sentence));
            tell(tr("Exported by %1 on %2.")
                     .arg(QString::fromStdString(result->from.author),
                          QString::fromStdString(result->from.made)),
                 sentences);
          });
  connect(&m_session, &OfficeSession::folderImported, this,
          [this](const std::shared_ptr<const FolderImport>& result) { tellImport(*result); });
  connect(m_enrolPanel, &EnrolPanel::problem, this, &PeoplePage::problem);
  connect(m_enrolPanel, &EnrolPanel::cancelled, this, [this] {
    m_stack->setCurrentIndex(0);
    start();
  });
  connect(m_enrolPanel, &EnrolPanel::enrolled, this, [this](PersonKey person) {
    m_references->showPlaces({});
    m_shown = person;
    m_search->clear();
    m_stack->setCurrentIndex(0);
  });
  connect(&m_session, &OfficeSession::opening, this, [this] { m_stack->setCurrentIndex(0); });
  connect(&m_session, &OfficeSession::peopleChanged, this, [this] {
    const auto before = m_shown;
    m_model->show(m_session.people());
    const QLocale locale;
    m_count->setText(tr("%n person(s)", nullptr, m_model->rowCount()));
    const auto due = static_cast<int>(duePeople().size());
    m_due->setText(tr("Due: %n person(s)…", nullptr, due));
    m_due->setVisible(due > 0);
    if (m_model->rowOf(before) >= 0)
      select(before);
    else if (m_filter->rowCount() > 0)
      m_table->selectRow(0);
    showPerson();
  });
  renderActions();
}

QWidget* PeoplePage::buildList() {
  m_search->setPlaceholderText(tr("Search by identifier or name"));
  m_search->setAccessibleName(tr("Search people"));
  m_search->setClearButtonEnabled(true);
  m_filter->setSourceModel(m_model);
  m_filter->setFilterRole(PersonTableModel::kSearchRole);
  m_filter->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_filter->setSortCaseSensitivity(Qt::CaseInsensitive);
  m_filter->setSortLocaleAware(true);
  m_table->setModel(m_filter);
  m_table->setSortingEnabled(true);
  m_table->sortByColumn(PersonTableModel::Name, Qt::AscendingOrder);
  m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setShowGrid(false);
  m_table->setTabKeyNavigation(false);
  m_table->setAccessibleName(tr("People"));
  m_table->verticalHeader()->hide();
  m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 2 * kGrid);
  m_table->horizontalHeader()->setHighlightSections(false);
  constexpr int kIdentifierWidth = 104;
  constexpr int kSignaturesWidth = 112;
  m_table->setColumnWidth(PersonTableModel::Identifier, kIdentifierWidth);
  m_table->setColumnWidth(PersonTableModel::Signatures, kSignaturesWidth);
  m_table->horizontalHeader()->setSectionResizeMode(PersonTableModel::Name, QHeaderView::Stretch);
  m_table->setColumnHidden(PersonTableModel::Enrolled, true);
  m_count->setProperty("look", "caption");
  m_enrol->setProperty("look", "primary");

  auto* top = new QHBoxLayout;
  top->setSpacing(kGrid);
  top->addWidget(m_search, 1);
  top->addWidget(m_enrol);
  auto* left = new QVBoxLayout;
  left->setSpacing(kGrid);
  left->addLayout(top);
  left->addWidget(m_table, 1);
  auto* bottom = new QHBoxLayout;
  bottom->setSpacing(kGrid);
  bottom->addWidget(m_count, 1);
  bottom->addWidget(m_due);
  bottom->addWidget(m_import);
  bottom->addWidget(m_export);
  left->addLayout(bottom);
  m_import->setToolTip(
      tr("From a folder that has a folder of images for each person, named by the identifier, or "
         "by the identifier and the name; or people whom another store exported"));
  m_export->setToolTip(tr("People with their images, in one file that a passphrase encrypts"));
  m_due->setToolTip(tr("People whose last day is over"));
  m_grounds->setToolTip(tr("Why this person is on file, what for, and until when"));
  m_removePerson->setToolTip(
      tr("Off the file; comes back with Undo until the store is closed, and then is deleted unless "
         "a decision rests on it"));
  m_erase->setToolTip(tr("Deletes everything of this person at once, for good, with a receipt"));
  m_merge->setToolTip(tr("For one person who is on file twice"));

  m_name->setFont(scaled(font(), 1.3, true));
  m_name->setWordWrap(true);
  m_details->setProperty("look", "caption");
  m_details->setWordWrap(true);
  m_referenceText->setWordWrap(true);
  m_referenceText->setMinimumHeight(2 * fontMetrics().lineSpacing());
  m_referenceText->setAlignment(Qt::AlignTop);
  auto* actions = new QHBoxLayout;
  actions->setSpacing(kGrid);
  actions->addWidget(m_verify);
  actions->addWidget(m_add);
  actions->addStretch();
  m_threshold->setToolTip(tr("The threshold that this person is verified with"));
  const auto rowOf = [](std::initializer_list<QPushButton*> buttons) {
    auto* row = new QHBoxLayout;
    row->setSpacing(kGrid);
    for (auto* button : buttons) row->addWidget(button);
    row->addStretch();
    return row;
  };
  auto* right = new QVBoxLayout;
  right->setSpacing(kGrid);
  right->addWidget(m_name);
  right->addWidget(m_details);
  right->addLayout(actions);
  right->addWidget(m_references, 1);
  right->addWidget(m_referenceText);
  right->addLayout(rowOf({m_threshold, m_grounds, m_merge}));
  right->addLayout(rowOf({m_removeReference, m_removePerson, m_erase}));

  auto* page = new QWidget;
  auto* layout = new QHBoxLayout(page);
  layout->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
  layout->setSpacing(2 * kGrid);
  layout->addLayout(left, 1);
  layout->addLayout(right, 1);
  return page;
}

bool PeoplePage::isEnrolling() const { return m_stack->currentIndex() == 1; }

void PeoplePage::start() {
  if (isEnrolling())
    m_enrolPanel->identifier()->setFocus();
  else
    m_search->setFocus();
}

void PeoplePage::enrol(const std::optional<Person>& person, const QString& identifier) {
  m_stack->setCurrentIndex(1);
  m_enrolPanel->begin(person, identifier);
}

void PeoplePage::select(PersonKey person) {
  const int row = m_model->rowOf(person);
  if (row < 0) return;
  auto index = m_filter->mapFromSource(m_model->index(row, 0));
  if (!index.isValid()) {
    m_search->clear();
    index = m_filter->mapFromSource(m_model->index(row, 0));
  }
  m_table->selectRow(index.row());
  m_table->scrollTo(index);
}

std::optional<Person> PeoplePage::chosen() const {
  const auto index = m_table->currentIndex();
  if (!index.isValid()) return std::nullopt;
  return m_model->at(m_filter->mapToSource(index).row()).person;
}

void PeoplePage::showPerson() {
  const int request = ++m_request;
  const auto person = chosen();
  m_onFile.clear();
  m_rule.reset();
  if (!person) {
    m_shown = {};
    m_name->setText(m_session.people().empty() ? tr("Nobody is on file yet") : QString());
    m_details->setText(m_session.people().empty()
                           ? tr("Enrol the first person with a few images of their own signature "
                                "or face.")
                           : QString());
    m_references->showPlaces({});
    renderActions();
    return;
  }
  if (m_shown != person->key) {
    // Nobody's pictures beside another one's name.
    m_references->showPlaces({});
    m_details->clear();
  }
  m_shown = person->key;
  m_name->setText(personText(*person));
  struct Loaded {
    std::vector<Reference> references;
    std::vector<std::shared_ptr<const Exhibit>> exhibits;
    PersonRule rule;
    ProcessingGrounds grounds;
  };
  m_session.withImages<Loaded>(
      this,
      [key = person->key](const Desk& desk) -> Result<Loaded> {
        auto references = desk.references(key);
        if (!references) return references.error();
        std::vector<ReferenceKey> keys;
        for (const auto& reference : *references) keys.push_back(reference.key);
        const auto rule = desk.ruleFor(key);
        if (!rule) return rule.error();
        const auto known = desk.repository().person(key);
        if (!known) return known.error();
        return Loaded{*std::move(references), exhibitsOf(desk, keys), *rule, known->grounds};
      },
      [this, request](Result<Loaded> loaded) {
        if (request != m_request) return;
        if (!loaded) {
          Q_EMIT problem(QString::fromStdString(loaded.error().message));
          return;
        }
        m_onFile = std::move(loaded->references);
        QStringList captions;
        for (std::size_t i = 0; i < m_onFile.size(); ++i) captions += QString::number(i + 1);
        m_references->showPlaces(captions);
        m_references->setExhibits(std::move(loaded->exhibits));
        const auto count = static_cast<int>(m_onFile.size());
        m_rule = loaded->rule;
        m_details->setText((count < Desk::kFewestAdvised
                                ? tr("%n reference(s); %1 to %2 are advised.", nullptr, count)
                                      .arg(Desk::kFewestAdvised)
                                      .arg(Desk::kMostAdvised)
                                : tr("%n reference(s)", nullptr, count)) +
                           u'\n' + personRuleText(*m_rule) + u'\n' + groundsText(loaded->grounds));
        renderActions();
      });
  renderActions();
}

void PeoplePage::renderActions() {
  const bool hasPerson = chosen().has_value();
  const bool mayChange = m_session.isWritable();
  const int row = m_references->currentRow();
  const bool hasReference = row >= 0 && row < static_cast<int>(m_onFile.size());
  m_enrol->setEnabled(mayChange);
  m_add->setEnabled(mayChange && hasPerson);
  m_verify->setEnabled(hasPerson);
  m_removePerson->setEnabled(mayChange && hasPerson);
  const bool isSupervisor = m_session.isSupervisor();
  m_threshold->setEnabled(mayChange && isSupervisor && m_rule.has_value());
  m_merge->setEnabled(mayChange && isSupervisor && hasPerson && m_session.people().size() > 1);
  m_import->setEnabled(mayChange);
  m_export->setEnabled(isSupervisor && !m_session.people().empty());
  m_export->menu()->actions().front()->setEnabled(hasPerson);
  m_grounds->setEnabled(mayChange && hasPerson);
  m_erase->setEnabled(mayChange && hasPerson && isSupervisor);
  m_due->setEnabled(mayChange && isSupervisor);
  m_removeReference->setEnabled(mayChange && hasReference);
  if (!hasReference) {
    m_referenceText->clear();
    return;
  }
  const auto& reference = m_onFile[static_cast<std::size_t>(row)];
  auto text = tr("%1, enrolled %2 by %3")
                  .arg(QString::fromStdString(reference.sourceName), timeText(reference.added.time),
                       QString::fromStdString(reference.added.author));
  if (reference.dotsPerInch) text += tr(", %1 dpi").arg(qRound(*reference.dotsPerInch));
  if (!reference.quality.empty()) text += u'\n' + QString::fromStdString(reference.quality);
  m_referenceText->setText(text);
}

void PeoplePage::removePerson() {
  const auto person = chosen();
  if (!person) return;
  m_session.change(
      tr("%1 was removed with all references.").arg(personText(*person)),
      [key = person->key](const Desk& desk) {
        return desk.repository().retirePerson(key, desk.author());
      },
      [key = person->key](const Desk& desk) {
        return desk.repository().restorePerson(key, desk.author());
      });
}

QString PeoplePage::details() const { return m_details->text(); }

std::function<void(const Status&)> PeoplePage::answerOf(SavingDialog* dialog,
                                                        std::function<void()> wasSecond) {
  return [this, dialog = QPointer(dialog), wasSecond = std::move(wasSecond)](const Status& status) {
    if (!status && status.error().code == ErrorCode::StoreConflict) wasSecond();
    if (dialog && dialog->isVisible())
      dialog->answered(status);
    else if (!status)
      Q_EMIT problem(QString::fromStdString(status.error().message));
  };
}

void PeoplePage::askThreshold() {
  const auto person = chosen();
  const auto& service = m_session.service();
  if (!person || !m_rule || !service) return;
  auto* dialog = new PersonThresholdDialog(*person, *m_rule, service->range, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  // A threshold of one network means nothing for another.
  connect(&m_session, &OfficeSession::serviceChanged, dialog,
          [this, dialog, network = service->service.identity] {
            if (m_session.service() && m_session.service()->service.identity != network)
              dialog->reject();
          });
  using Target = std::optional<PersonThreshold>;
  const auto to = [key = person->key, network = service->service.identity](const Target& target,
                                                                           const Target& seen) {
    return [key, network, target, seen](const Desk& desk) {
      if (auto status = desk.checkRulesOf(network); !status) return status;
      return target ? desk.setPersonThreshold(key, target->threshold.value, target->reason, seen)
                    : desk.clearPersonThreshold(key, seen);
    };
  };
  // Whoever was told what somebody else wrote has seen that.
  const auto before = std::make_shared<Target>(m_rule->byHand);
  const auto answered = answerOf(dialog, [this, before, key = person->key] {
    m_session.withDesk<PersonRule>(
        this, [key](const Desk& desk) { return desk.ruleFor(key); },
        [this, before](const Result<PersonRule>& rule) {
          if (rule) *before = rule->byHand;
          showPerson();
        });
  });
  connect(dialog, &PersonThresholdDialog::chosen, this,
          [this, to, before, answered, who = personText(*person)](double threshold,
                                                                  const QString& reason) {
            const PersonThreshold target{{threshold}, reason.toStdString(), {}};
            m_session.change(tr("%1 has a threshold of their own.").arg(who), to(target, *before),
                             to(*before, target), answered);
          });
  connect(dialog, &PersonThresholdDialog::cleared, this,
          [this, to, before, answered, who = personText(*person)] {
            m_session.change(tr("%1 has no threshold of their own any more.").arg(who),
                             to({}, *before), to(*before, {}), answered);
          });
  dialog->open();
}

void PeoplePage::askMerge() {
  const auto person = chosen();
  if (!person) return;
  auto* dialog = new MergeDialog(*person, m_session.people(), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &MergeDialog::mergeWanted, this, &PeoplePage::merge);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);  // other people
  dialog->open();
}

void PeoplePage::merge(const Person& from, const Person& into) {
  m_session.saveWithDesk<Merge>(
      this,
      [from = from.key, into = into.key](const Desk& desk) {
        return desk.repository().mergePeople(from, into, desk.author());
      },
      [this, from, into, modality = m_session.modality()](const Result<Merge>& merge) {
        if (!merge) {
          Q_EMIT problem(QString::fromStdString(merge.error().message));
          return;
        }
        m_shown = into.key;
        m_session.noteChange(modality,
                             tr("%1 was merged into %2.").arg(personText(from), personText(into)),
                             [merge = *merge](const Desk& desk) {
                               return desk.repository().undoMerge(merge, desk.author());
                             });
      });
}

std::vector<Person> PeoplePage::duePeople() const {
  const auto today = dayOf(systemTime());
  std::vector<Person> due;
  for (const auto& summary : m_session.people())
    if (summary.person.grounds.isDue(today)) due.push_back(summary.person);
  for (const auto& person : m_session.removedPeople())
    if (person.grounds.isDue(today)) due.push_back(person);
  return due;
}

struct PeoplePage::KnownGrounds {
  Person person;
  UsualGrounds usual;

  static std::function<Result<KnownGrounds>(const Desk&)> of(PersonKey key) {
    return [key](const Desk& desk) -> Result<KnownGrounds> {
      const auto whose = desk.repository().person(key);
      if (!whose) return whose.error();
      const auto start = desk.repository().usualGrounds();
      if (!start) return start.error();
      return KnownGrounds{*whose, *start};
    };
  }
};

void PeoplePage::askGrounds() {
  const auto person = chosen();
  if (!person) return;
  m_session.withDesk<KnownGrounds>(
      this, KnownGrounds::of(person->key), [this](const Result<KnownGrounds>& known) {
        if (known)
          openGrounds(*known);
        else
          Q_EMIT problem(QString::fromStdString(known.error().message));
      });
}

void PeoplePage::openGrounds(const KnownGrounds& known) {
  auto* dialog = new GroundsDialog(known.person, known.usual, dayOf(systemTime()), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->asUsual()->setEnabled(m_session.isSupervisor());
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  // Whoever was told what somebody else wrote has seen that.
  const auto seen = std::make_shared<KnownGrounds>(known);
  const auto answered = answerOf(dialog, [this, seen] {
    m_session.withDesk<KnownGrounds>(this, KnownGrounds::of(seen->person.key),
                                     [seen](const Result<KnownGrounds>& now) {
                                       if (now) *seen = *now;
                                     });
  });
  const auto hasFailed = std::make_shared<bool>(false);  // the usual ones
  connect(dialog, &GroundsDialog::usualChosen, this,
          [this, seen, answered, hasFailed](const UsualGrounds& usual) {
            const auto to = [](const UsualGrounds& target, const UsualGrounds& from) {
              return [target, from](const Desk& desk) {
                return desk.repository().setUsualGrounds(target, desk.author(), from);
              };
            };
            const auto before = seen->usual;
            if (usual == before) return;
            m_session.change(tr("Whoever is enrolled starts with these grounds."),
                             to(usual, before), to(before, usual),
                             [seen, usual, answered, hasFailed](const Status& status) {
                               *hasFailed = !status;
                               if (status)
                                 seen->usual = usual;
                               else
                                 answered(status);
                             });
          });
  connect(dialog, &GroundsDialog::chosen, this,
          [this, seen, answered, hasFailed](const ProcessingGrounds& grounds) {
            const auto before = seen->person.grounds;
            if (grounds == before) {
              answered(ok());
              return;
            }
            const auto to = [key = seen->person.key](const ProcessingGrounds& target,
                                                     const ProcessingGrounds& from) {
              return [key, target, from](const Desk& desk) {
                return desk.repository().setGrounds(key, target, desk.author(), from);
              };
            };
            m_session.change(tr("The grounds of %1 were set.").arg(personText(seen->person)),
                             to(grounds, before), to(before, grounds),
                             [seen, grounds, answered, hasFailed](const Status& status) {
                               if (status) seen->person.grounds = grounds;
                               // It stays for what was not saved.
                               if (status && std::exchange(*hasFailed, false)) return;
                               answered(status);
                             });
          });
  dialog->open();
}

void PeoplePage::askErasure(const std::vector<Person>& people) {
  if (people.empty()) return;
  auto* dialog = new ErasureDialog(people, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  connect(dialog, &ErasureDialog::erasureWanted, &m_session, &OfficeSession::erase);
  dialog->open();
}

void PeoplePage::offerReceipt(const ErasureReceipt& receipt, const AuditHead& head) {
  auto* dialog = new ReceiptDialog(receipt, head, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  dialog->open();
}

void PeoplePage::chooseExport(bool isEverybody) {
  std::vector<PersonKey> people;
  QString name = tr("people.csp");
  if (isEverybody) {
    for (const auto& summary : m_session.people()) people.push_back(summary.person.key);
  } else if (const auto person = chosen()) {
    people.push_back(person->key);
    name = QString::fromStdString(person->identifier).replace(u'/', u'-') + QStringLiteral(".csp");
  }
  if (people.empty()) return;
  const auto file = QFileDialog::getSaveFileName(this, tr("Export people"), name,
                                                 tr("People of Countersign (*.csp)"));
  if (!file.isEmpty()) exportTo(file, people);
}

void PeoplePage::exportTo(const QString& file, const std::vector<PersonKey>& people) {
  auto* dialog = new PassphraseDialog(
      PassphraseDialog::Kind::New, tr("A passphrase for the file"),
      tr("%n person(s) with their images will be encrypted by it. Tell it to whoever imports the "
         "file, by another way than the file.",
         nullptr, static_cast<int>(people.size())),
      this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  connect(dialog, &PassphraseDialog::chosen, &m_session,
          [this, file, people](const std::shared_ptr<const Secret>& passphrase) {
            m_session.exportPeople(people, file.toStdString(), passphrase);
          });
  dialog->open();
}

void PeoplePage::chooseImport() {
  const auto file = QFileDialog::getOpenFileName(
      this, tr("Import people"), {}, tr("People of Countersign (*.csp);;All files (*)"));
  if (!file.isEmpty()) importFrom(file);
}

void PeoplePage::importFrom(const QString& file) {
  auto* dialog = new PassphraseDialog(
      PassphraseDialog::Kind::Known, tr("The passphrase of the file"),
      tr("Whoever exported %1 knows it. Their images are read, judged and embedded anew here.")
          .arg(QFileInfo(file).fileName()),
      this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(&m_session, &OfficeSession::opening, dialog, &QDialog::reject);
  connect(dialog, &PassphraseDialog::chosen, &m_session,
          [this, file](const std::shared_ptr<const Secret>& passphrase) {
            m_session.importPeople(file.toStdString(), passphrase);
          });
  dialog->open();
}

void PeoplePage::chooseFolder() {
  const auto folder = QFileDialog::getExistingDirectory(this, tr("Choose a folder of folders"));
  if (!folder.isEmpty()) m_session.importFolder(folder.toStdString());
}

void PeoplePage::tellImport(const FolderImport& result) {
  QStringList sentences;
  for (const auto& one : result.people) {
    for (const auto& sentence : one.leftOut)
      sentences += tr("Left out %1").arg(QString::fromStdString(sentence));
    for (const auto& sentence : one.doubtful) sentences += QString::fromStdString(sentence);
    if (one.lookalike)
      sentences += tr("%1 looks like %2 (%3), who is on file already.")
                       .arg(QString::fromStdString(one.folder), personText(one.lookalike->person),
                            scoreText(one.lookalike->score.value));
  }
  if (result.isStopped)
    sentences.prepend(tr("The import was stopped. Import the folder again to go on."));
  tell(OfficeSession::importText(result), sentences);
}

void PeoplePage::tell(const QString& title, const QStringList& sentences) {
  if (sentences.isEmpty()) return;
  auto* dialog =
      new QMessageBox(QMessageBox::Information, tr("Import"), title, QMessageBox::Ok, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  constexpr int kMostShown = 6;
  auto shown = sentences.mid(0, kMostShown);
  if (sentences.size() > kMostShown)
    shown += tr("%n more below.", nullptr, static_cast<int>(sentences.size()) - kMostShown);
  dialog->setInformativeText(shown.join(u'\n'));
  if (sentences.size() > kMostShown) dialog->setDetailedText(sentences.join(u'\n'));
  dialog->open();
}

void PeoplePage::removeReference() {
  const int row = m_references->currentRow();
  if (row < 0 || row >= static_cast<int>(m_onFile.size())) return;
  const auto key = m_onFile[static_cast<std::size_t>(row)].key;
  m_session.change(
      tr("Reference %1 of %2 was removed.").arg(row + 1).arg(m_name->text()),
      [key](const Desk& desk) { return desk.repository().retireReferences({key}, desk.author()); },
      [key](const Desk& desk) {
        return desk.repository().restoreReferences({key}, desk.author());
      });
}

}  // namespace countersign::ui
