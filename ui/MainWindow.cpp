// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/MainWindow.h"

#include <QCloseEvent>
#include <QDBusConnection>
#include <QDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QSettings>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/jobs/OfficeSession.h"
#include "ui/jobs/TrainingSession.h"
#include "ui/pages/AuditPage.h"
#include "ui/pages/ExplorePage.h"
#include "ui/pages/HelpPage.h"
#include "ui/pages/HistoryPage.h"
#include "ui/pages/IdentifyPage.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/PeoplePage.h"
#include "ui/pages/SetUpPage.h"
#include "ui/pages/ThresholdPage.h"
#include "ui/pages/TrainPage.h"
#include "ui/pages/UnlockPage.h"
#include "ui/pages/VerifyPage.h"
#include "ui/pages/WelcomePage.h"
#include "ui/support/Formatting.h"
#include "ui/support/LockWatch.h"
#include "ui/support/Theme.h"
#include "ui/widgets/ConfirmDialog.h"
#include "ui/widgets/Finder.h"
#include "ui/widgets/JobBar.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/ServerPrompt.h"

namespace countersign::ui {

namespace {

struct PageFacts {
  MainWindow::Page page;
  const char* title;
  Qt::Key key;
  const char* icon;
};
constexpr PageFacts kPages[] = {
    {MainWindow::Page::Verify, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Verify"),
     Qt::Key_F1, "verify"},
    {MainWindow::Page::Identify, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Identify"),
     Qt::Key_F2, "identify"},
    {MainWindow::Page::People, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "People"),
     Qt::Key_F3, "people"},
    {MainWindow::Page::Threshold, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Threshold"),
     Qt::Key_F4, "threshold"},
    {MainWindow::Page::Explore, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Explore"),
     Qt::Key_F5, "explore"},
    {MainWindow::Page::Train, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Train"), Qt::Key_F6,
     "train"},
    {MainWindow::Page::History, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "History"),
     Qt::Key_F7, "history"},
    {MainWindow::Page::Network, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Network"),
     Qt::Key_F8, "network"},
    {MainWindow::Page::Audit, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Audit"), Qt::Key_F9,
     "audit"},
    {MainWindow::Page::Help, QT_TRANSLATE_NOOP("countersign::ui::MainWindow", "Help"), Qt::Key_F10,
     "help"},
};

}  // namespace

MainWindow::MainWindow(OfficeSession& session, std::filesystem::path ownStore,
                       std::filesystem::path sampleOffice, QWidget* parent)
    : QMainWindow(parent),
      m_session(session),
      m_ownStore(std::move(ownStore)),
      m_sampleOffice(std::move(sampleOffice)),
      m_stack(new QStackedWidget),
      m_welcome(new WelcomePage),
      m_setUp(new SetUpPage),
      m_unlock(new UnlockPage),
      m_verify(new VerifyPage(session)),
      m_identify(new IdentifyPage(session)),
      m_people(new PeoplePage(session)),
      m_threshold(new ThresholdPage(session)),
      m_explore(new ExplorePage(session)),
      m_network(new NetworkPage(session)),
      m_training(new TrainingSession(session, this)),
      m_train(new TrainPage(session, *m_training)),
      m_history(new HistoryPage(session)),
      m_audit(new AuditPage(session)),
      m_help(new HelpPage),
      m_logo(new QLabel),
      m_title(new QLabel),
      m_context(new QLabel),
      m_signatures(new QToolButton),
      m_faces(new QToolButton),
      m_watch(new LockWatch(QDBusConnection::sessionBus(), QDBusConnection::systemBus(), this)),
      m_server(new ServerPrompt(session, this)),
      m_messages(new MessageBar),
      m_jobs(new JobBar(session.longJobs())),
      m_trainingJobs(new JobBar(m_training->jobs())) {
  setWindowTitle(QStringLiteral("Countersign"));
  setMinimumSize(1000, 640);
  build();
  connectPages();
  connectShutPages();
  watchForLock();
  connectSession();
  connectConfirmation();
  renderIcons();
  showPage(Page::Verify);
}

QWidget* MainWindow::buildNavigation() {
  auto* frame = new QFrame;
  frame->setProperty("look", "navigation");
  auto* layout = new QVBoxLayout(frame);
  layout->setContentsMargins(kGrid, 2 * kGrid, kGrid, 2 * kGrid);
  layout->setSpacing(4);
  auto* brand = new QHBoxLayout;
  brand->setContentsMargins(kGrid, 0, kGrid, kGrid);
  brand->setSpacing(kGrid);
  auto* name = new QLabel(QStringLiteral("Countersign"));
  name->setFont(scaled(font(), 1.15, true));
  brand->addWidget(m_logo);
  brand->addWidget(name, 1);
  layout->addLayout(brand);
  for (const auto& facts : kPages) {
    auto* button = new QToolButton;
    const QKeySequence key(facts.key);
    button->setText(tr(facts.title));
    button->setToolTip(tr("%1 (%2)").arg(tr(facts.title), key.toString(QKeySequence::NativeText)));
    button->setCheckable(true);
    button->setAutoExclusive(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setProperty("look", "navigation");
    auto* keyName = new QLabel(key.toString(QKeySequence::NativeText));
    keyName->setProperty("look", "caption");
    keyName->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto* inside = new QHBoxLayout(button);
    inside->setContentsMargins(0, 0, kGrid + 4, 0);
    inside->addStretch();
    inside->addWidget(keyName);
    layout->addWidget(button);
    m_navigation.push_back({facts.page, button, QLatin1String(facts.icon)});
    connect(button, &QToolButton::clicked, this, [this, page = facts.page] { showPage(page); });
    connect(new QShortcut(key, this), &QShortcut::activated, this,
            [this, page = facts.page] { showPage(page); });
  }
  layout->addStretch();
  const auto addAction = [&](const QString& text, const QString& iconName,
                             void (MainWindow::*action)()) {
    auto* button = new QToolButton;
    button->setText(text);
    button->setProperty("look", "navigation");
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    connect(button, &QToolButton::clicked, this, action);
    layout->addWidget(button);
    m_navigation.push_back({Page::Welcome, button, iconName});
    return button;
  };
  m_lock = addAction(tr("Lock  Ctrl+L"), QStringLiteral("lock"), &MainWindow::lock);
  addAction(tr("Find…  Ctrl+K"), QStringLiteral("command"), &MainWindow::openFinder);
  constexpr int kWidth = 176;
  frame->setMinimumWidth(kWidth);
  return frame;
}

void MainWindow::build() {
  m_title->setFont(scaled(font(), 1.3, true));
  m_context->setProperty("look", "caption");
  auto* header = new QFrame;
  header->setProperty("look", "header");
  auto* headerLayout = new QHBoxLayout(header);
  headerLayout->setContentsMargins(2 * kGrid, kGrid, 2 * kGrid, kGrid);
  headerLayout->addWidget(m_title);
  headerLayout->addSpacing(2 * kGrid);
  addModality(*headerLayout, m_signatures, Modality::Signature, tr("Signatures"), Qt::Key_1);
  addModality(*headerLayout, m_faces, Modality::Face, tr("Faces"), Qt::Key_2);
  headerLayout->addStretch(1);
  headerLayout->addWidget(m_context);
  for (QWidget* page : {static_cast<QWidget*>(m_welcome), static_cast<QWidget*>(m_verify),
                        static_cast<QWidget*>(m_identify), static_cast<QWidget*>(m_people),
                        static_cast<QWidget*>(m_threshold), static_cast<QWidget*>(m_explore),
                        static_cast<QWidget*>(m_network), static_cast<QWidget*>(m_train),
                        static_cast<QWidget*>(m_history), static_cast<QWidget*>(m_audit),
                        static_cast<QWidget*>(m_help), static_cast<QWidget*>(m_setUp),
                        static_cast<QWidget*>(m_unlock)})
    m_stack->addWidget(page);
  auto* column = new QVBoxLayout;
  column->setSpacing(0);
  column->addWidget(header);
  column->addWidget(m_messages);
  column->addWidget(m_stack, 1);
  column->addWidget(m_jobs);
  column->addWidget(m_trainingJobs);
  auto* central = new QWidget;
  auto* layout = new QHBoxLayout(central);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(buildNavigation());
  layout->addLayout(column, 1);
  setCentralWidget(central);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_K), this), &QShortcut::activated, this,
          &MainWindow::openFinder);
  connect(new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_L), this), &QShortcut::activated, this,
          &MainWindow::lock);
  connect(new QShortcut(QKeySequence::Undo, this), &QShortcut::activated, &m_session,
          &OfficeSession::undo);
}

void MainWindow::addModality(QHBoxLayout& layout, QToolButton* button, Modality modality,
                             const QString& text, Qt::Key key) {
  const QKeySequence shortcut(Qt::CTRL | key);
  button->setText(text);
  button->setToolTip(
      tr("Compare %1 (%2)").arg(text.toLower(), shortcut.toString(QKeySequence::NativeText)));
  button->setCheckable(true);
  button->setAutoExclusive(true);
  button->setProperty("look", "button");
  layout.addWidget(button);
  const auto choose = [this, modality] {
    // Both stay as they are until the network for this kind is there.
    renderHeader();
    m_session.setModality(modality);
  };
  connect(button, &QToolButton::clicked, this, choose);
  connect(new QShortcut(shortcut, this), &QShortcut::activated, this, choose);
}

void MainWindow::problem(const QString& sentence) {
  m_messages->show(MessageBar::Kind::Problem, sentence);
}

void MainWindow::connectPages() {
  connect(m_welcome, &WelcomePage::enrolWanted, this, [this] {
    showPage(Page::People);
    m_people->enrol({});
  });
  const auto openSample = [this] { m_session.openSampleOffice(m_sampleOffice); };
  connect(m_welcome, &WelcomePage::sampleOfficeWanted, this, openSample);
  connect(m_network, &NetworkPage::sampleOfficeWanted, this, openSample);
  connect(m_network, &NetworkPage::ownStoreWanted, this, [this] { m_server->open(m_ownStore); });
  const auto compare = [this](const QString& file) {
    showPage(Page::Train);
    m_training->compare(file.toStdString(), std::nullopt);
  };
  connect(m_network, &NetworkPage::comparisonWanted, this, compare);
  connect(m_threshold, &ThresholdPage::problem, this, &MainWindow::problem);
  connect(m_threshold, &ThresholdPage::notice, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
  connect(m_train, &TrainPage::problem, this, &MainWindow::problem);
  connect(m_training, &TrainingSession::problem, this, &MainWindow::problem);
  connect(m_training, &TrainingSession::notice, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
  connect(m_verify, &VerifyPage::problem, this, &MainWindow::problem);
  connect(m_verify, &VerifyPage::recorded, this, [this] { m_history->reload(); });
  connect(m_verify, &VerifyPage::reportWanted, m_history, &HistoryPage::saveReport);
  connect(m_identify, &IdentifyPage::problem, this, &MainWindow::problem);
  connect(m_identify, &IdentifyPage::recorded, this, [this](DecisionKey key) {
    m_messages->show(MessageBar::Kind::Notice, tr("Recorded as decision %1.").arg(key.value));
    m_history->reload();
  });
  connect(m_identify, &IdentifyPage::verifyWanted, this,
          [this](PersonKey person, const ImageSource& probe) {
            showPage(Page::Verify);
            m_verify->choosePerson(person);
            m_verify->takeImage(probe);
          });
  connect(m_explore, &ExplorePage::problem, this, &MainWindow::problem);
  connect(m_explore, &ExplorePage::personWanted, this, [this](PersonKey person) {
    showPage(Page::People);
    m_people->select(person);
  });
  connect(m_people, &PeoplePage::problem, this, &MainWindow::problem);
  connect(m_people, &PeoplePage::verifyWanted, this, [this](PersonKey person) {
    showPage(Page::Verify);
    m_verify->choosePerson(person);
    m_verify->start();
  });
  connect(m_history, &HistoryPage::problem, this, &MainWindow::problem);
  connect(m_history, &HistoryPage::saved, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
}

void MainWindow::connectSession() {
  connect(&m_session, &OfficeSession::opening, this, [this] {
    m_isFirstLook = true;
    renderHeader();
  });
  connect(&m_session, &OfficeSession::opened, this, [this] {
    if (!m_session.isWritable())
      problem(m_session.readingBecause() +
              tr(" Here you can look and compare, but not change or record anything."));
    else
      m_messages->dismiss();
  });
  connect(&m_session, &OfficeSession::openFailed, this, [this](const Error& error) {
    const auto sentence = QString::fromStdString(error.message);
    switch (error.code) {
      case ErrorCode::StoreMissing:
      case ErrorCode::StoreNotEncrypted:
        m_setUp->ask(QString::fromStdString(placeText(m_session.folder())),
                     error.code == ErrorCode::StoreNotEncrypted);
        return shut(Page::SetUp);
      case ErrorCode::CredentialNeeded:
      case ErrorCode::CredentialWrong:
        m_unlock->ask(m_session.folder(),
                      error.code == ErrorCode::CredentialWrong ? sentence : QString());
        return shut(Page::Unlock);
      case ErrorCode::StoreUnreachable:
      case ErrorCode::StoreRefused:  // ServerPrompt says so
        m_shut.reset();
        return showPage(Page::Network);
      default:
        m_shut.reset();
        problem(sentence);
        showPage(Page::Network);  // where the ways out are
    }
  });
  connect(&m_session, &OfficeSession::locked, this, [this] {
    m_unlock->ask(m_session.folder(), {}, true);
    shut(Page::Unlock);
  });
  connect(&m_session, &OfficeSession::peopleChanged, this, [this] {
    // An empty store welcomes; a store with people is ready to verify.
    if (m_setUp->isShowingKey()) return;  // until it was put away
    m_shut.reset();
    if (m_isFirstLook) showPage(m_session.people().empty() ? Page::Welcome : Page::Verify);
    m_isFirstLook = false;
    renderHeader();
  });
  connect(&m_session, &OfficeSession::serviceChanged, this, &MainWindow::renderHeader);
  connect(&m_session, &OfficeSession::notice, this, [this](const QString& sentence, bool canUndo) {
    m_messages->show(MessageBar::Kind::Notice, sentence, canUndo ? tr("Undo") : QString());
  });
  connect(&m_session, &OfficeSession::recovered, this, [this](const QString& sentences) {
    // Why nothing can be written here is more urgent.
    if (m_session.isWritable()) m_messages->show(MessageBar::Kind::Tidings, sentences);
  });
  connect(m_messages, &MessageBar::actionChosen, &m_session, &OfficeSession::undo);
  connect(&m_session, &OfficeSession::failed, this,
          [this](const Error& error) { problem(QString::fromStdString(error.message)); });
}

void MainWindow::connectShutPages() {
  const auto openSample = [this] { m_session.openSampleOffice(m_sampleOffice); };
  connect(m_setUp, &SetUpPage::sampleOfficeWanted, this, openSample);
  connect(m_setUp, &SetUpPage::setUpWanted, this,
          [this](const NewAccount& account) { m_session.setUp(m_session.folder(), account); });
  connect(m_setUp, &SetUpPage::done, &m_session, &OfficeSession::openAgain);
  connect(m_setUp, &SetUpPage::problem, this, &MainWindow::problem);
  connect(m_setUp, &SetUpPage::serverWanted, m_server, [this] { m_server->ask(); });
  connect(m_server, &ServerPrompt::problem, this, &MainWindow::problem);
  connect(m_server, &ServerPrompt::notice, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
  connect(&m_session, &OfficeSession::connectionChanged, this, &MainWindow::renderHeader);
  connect(&m_session, &OfficeSession::storeSetUp, this,
          [this](const QString& key, const QStringList& leftovers) {
            m_setUp->showKey(key, leftovers);
            shut(Page::SetUp);
          });
  connect(&m_session, &OfficeSession::setUpFailed, this, [this](const Error& error) {
    const auto sentence = QString::fromStdString(error.message);
    m_setUp->showProblem(sentence);
    if (error.code != ErrorCode::AlreadyEnrolled) return;
    // Somebody set it up meanwhile, maybe at another desk: it is to be opened.
    m_unlock->ask(m_session.folder(), sentence);
    shut(Page::Unlock);
  });
  connect(m_unlock, &UnlockPage::sampleOfficeWanted, this, openSample);
  connect(&m_session, &OfficeSession::opened, m_unlock,
          [this] { m_unlock->storeOpened(m_session.folder()); });
  connect(m_unlock, &UnlockPage::desktopKeyRefused, &m_session, &OfficeSession::forgetDesktopKey);
  connect(m_unlock, &UnlockPage::desktopKeyWanted, &m_session, &OfficeSession::makeDesktopKey);
  connect(&m_session, &OfficeSession::desktopKeyMade, m_unlock, &UnlockPage::keep);
  connect(m_unlock, &UnlockPage::problemWithKeyring, this, &MainWindow::problem);
  connect(m_unlock, &UnlockPage::notice, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
  connect(m_unlock, &UnlockPage::unlockWanted, this,
          [this](const Credential& credential) { m_session.open(m_session.folder(), credential); });
}

void MainWindow::watchForLock() {
  const auto settings =
      std::make_shared<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                  QStringLiteral("countersign"), QStringLiteral("countersign"));
  const auto name = QStringLiteral("lock/idleMinutes");
  bool isNumber = false;
  int minutes = settings->value(name).toInt(&isNumber);
  if (!isNumber || minutes < 0) minutes = static_cast<int>(LockWatch::kUsualLimit.count());
  m_watch->setIdleLimit(std::chrono::minutes(minutes));
  m_network->setIdleLimit(minutes);
  connect(m_network, &NetworkPage::idleLimitChosen, this, [this, settings, name](int chosen) {
    settings->setValue(name, chosen);
    m_watch->setIdleLimit(std::chrono::minutes(chosen));
  });
  connect(m_watch, &LockWatch::lockWanted, this, &MainWindow::lock);
}

void MainWindow::shut(Page page) {
  m_messages->dismiss();
  m_shut = page;
  showPage(page);
}

void MainWindow::lock() {
  m_unlock->forget();
  m_setUp->forget();
  if (m_setUp->isShowingKey() || !m_session.canLock()) return;
  for (auto* dialog : findChildren<QDialog*>()) dialog->reject();
  m_session.lock();
}

void MainWindow::connectConfirmation() {
  connect(
      &m_session, &OfficeSession::confirmationWanted, this,
      [this](int number, const QString& sentence) {
        auto* dialog = new ConfirmDialog(sentence, m_session.folder(), m_session.account(), this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &ConfirmDialog::confirmed, &m_session,
                [this, number](const Credential& second) { m_session.confirm(number, second); });
        connect(&m_session, &OfficeSession::confirmationRefused, dialog,
                [number, dialog](int refused, const QString& why) {
                  if (refused == number) dialog->refuse(why);
                });
        connect(&m_session, &OfficeSession::confirmationOver, dialog, [number, dialog](int over) {
          if (over == number) dialog->accept();
        });
        connect(dialog, &QDialog::rejected, &m_session,
                [this, number] { m_session.declineConfirmation(number); });
        dialog->open();
      });
  connect(m_audit, &AuditPage::problem, this, &MainWindow::problem);
  connect(m_audit, &AuditPage::notice, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
  connect(m_audit, &AuditPage::decisionWanted, this, [this](DecisionKey decision) {
    showPage(Page::History);
    m_history->show(decision);
  });
  connect(m_people, &PeoplePage::notice, this, [this](const QString& sentence) {
    m_messages->show(MessageBar::Kind::Notice, sentence);
  });
}

bool MainWindow::mayAudit() const {
  return !m_session.isOpen() || m_session.account().role != Role::Clerk;
}

void MainWindow::showPage(Page page) {
  if (m_shut && page != Page::Help) page = *m_shut;
  if (page == Page::Audit && !mayAudit()) return;
  m_page = page;
  m_stack->setCurrentIndex(static_cast<int>(page));
  const bool isNamed = page != Page::Welcome && page != Page::SetUp && page != Page::Unlock;
  for (const auto& entry : m_navigation) {
    // None is chosen while a page is shown that has no button.
    entry.button->setAutoExclusive(isNamed);
    entry.button->setChecked(isNamed && entry.page == page);
  }
  // The page shows more than its line at the foot would.
  m_trainingJobs->setHushed(page == Page::Train);
  renderHeader();
  switch (page) {
    case Page::Welcome:
      m_welcome->start();
      break;
    case Page::Verify:
      m_verify->start();
      break;
    case Page::Identify:
      m_identify->start();
      break;
    case Page::People:
      m_people->start();
      break;
    case Page::Threshold:
      m_threshold->start();
      break;
    case Page::Explore:
      m_explore->start(m_verify->probe());
      break;
    case Page::Network:
      m_network->start();
      break;
    case Page::Train:
      m_train->start();
      break;
    case Page::History:
      m_history->start();
      break;
    case Page::Audit:
      m_audit->start();
      break;
    case Page::Help:
      m_help->start();
      break;
    case Page::SetUp:
      m_setUp->start();
      break;
    case Page::Unlock:
      m_unlock->start();
      break;
  }
}

void MainWindow::renderHeader() {
  QString title = m_page == Page::Unlock ? tr("Locked") : tr("Welcome");
  for (const auto& facts : kPages) {
    if (facts.page == m_page) title = tr(facts.title);
  }
  m_title->setText(title);
  m_signatures->setChecked(m_session.modality() == Modality::Signature);
  m_faces->setChecked(m_session.modality() == Modality::Face);
  const bool isChoice = !m_shut && m_page != Page::Welcome && m_page != Page::History &&
                        m_page != Page::Audit && m_page != Page::Help;
  for (const auto& entry : m_navigation)
    if (entry.page == Page::Audit) entry.button->setVisible(mayAudit());
  m_lock->setVisible(m_session.canLock() && !m_shut);
  for (auto* button : {m_signatures, m_faces}) {
    button->setVisible(isChoice);
    button->setEnabled(m_session.isOpen());
  }
  if (m_shut) return m_context->clear();
  if (!m_session.isOpen()) {
    m_context->setText(m_session.hasFailed() ? tr("No store is open") : tr("Opening the store"));
    return;
  }
  const auto store = isAtSampleOffice()     ? tr("Sample office, invented people")
                     : m_session.isShared() ? tr("Shared store")
                                            : tr("Own store");
  const auto access = m_session.isConnectionLost() ? tr(" (no connection)")
                      : m_session.isWritable()     ? QString()
                                                   : tr(" (reading only)");
  const auto network = m_session.service() ? m_session.service()->networkName : QString();
  m_context->setText(tr("%1%2  ·  network %3").arg(store, access, network));
}

bool MainWindow::isAtSampleOffice() const { return m_session.folder() == m_sampleOffice; }

void MainWindow::renderIcons() {
  constexpr int kLogo = 28;
  m_logo->setPixmap(
      iconPixmap(QStringLiteral("logo"), colours().accent, kLogo, devicePixelRatioF()));
  for (const auto& entry : m_navigation) entry.button->setIcon(icon(entry.icon));
}

void MainWindow::openFinder() {
  if (m_setUp->isShowingKey()) return;  // nothing leads away from it
  std::vector<FinderEntry> entries;
  for (const auto& facts : kPages) {
    if (facts.page == Page::Audit && !mayAudit()) continue;
    entries.push_back({tr(facts.title), QKeySequence(facts.key).toString(QKeySequence::NativeText),
                       QLatin1String(facts.icon), [this, page = facts.page] { showPage(page); }});
  }
  if (m_session.isOpen() && m_session.modality() == Modality::Signature)
    entries.push_back({tr("Compare faces"), tr("Ctrl+2"), QStringLiteral("identify"),
                       [this] { m_session.setModality(Modality::Face); }});
  else if (m_session.isOpen())
    entries.push_back({tr("Compare signatures"), tr("Ctrl+1"), QStringLiteral("verify"),
                       [this] { m_session.setModality(Modality::Signature); }});
  entries.push_back({tr("Enrol a person"), {}, QStringLiteral("addperson"), [this] {
                       showPage(Page::People);
                       m_people->enrol({});
                     }});
  if (m_session.canLock())
    entries.push_back(
        {tr("Lock the store"), tr("Ctrl+L"), QStringLiteral("lock"), [this] { lock(); }});
  if (m_session.canUndo())
    entries.push_back({tr("Undo"), QKeySequence(QKeySequence::Undo).toString(),
                       QStringLiteral("undo"), [this] { m_session.undo(); }});
  if (isAtSampleOffice() || !m_session.isOpen())
    entries.push_back({tr("Open your own store"), {}, QStringLiteral("open"), [this] {
                         m_session.open(m_ownStore);
                       }});
  if (!isAtSampleOffice() || !m_session.isOpen())
    entries.push_back({tr("Open the sample office"), {}, QStringLiteral("samples"), [this] {
                         m_session.openSampleOffice(m_sampleOffice);
                       }});
  for (const auto& summary : m_session.people())
    entries.push_back({personText(summary.person),
                       {},
                       QStringLiteral("people"),
                       [this, key = summary.person.key] {
                         showPage(Page::Verify);
                         m_verify->choosePerson(key);
                         m_verify->start();
                       }});
  auto* finder = new Finder(std::move(entries), this);
  finder->setAttribute(Qt::WA_DeleteOnClose);
  finder->open();
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) renderIcons();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  // What runs is stopped and resumed next time: a change of networks keeps what it has embedded.
  m_session.longJobs().cancelRunning();
  m_training->stop();
  event->accept();
}

}  // namespace countersign::ui
