// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "core/base/File.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/SetUpPage.h"
#include "ui/pages/UnlockPage.h"
#include "ui/support/LockWatch.h"
#include "ui/support/SecretField.h"

namespace countersign::ui {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPassphrase = "tomato lantern glacier";

/// The window in front of a store that it cannot open, or not yet.
class ShutWindow : public WindowFixture {
 protected:
  void SetUp() override { show(); }
  void show() {
    m_window.reset();
    m_session =
        std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, m_faceNetwork});
    m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
    m_window->resize(1024, 700);
    m_window->show();
    m_session->open(storeFolder());
  }
  bool isAt(MainWindow::Page page) {
    return until([&] { return m_window->page() == page; });
  }
  bool isOpen() {
    return until([&] { return m_session->isOpen() && m_session->service().has_value(); });
  }
  /// Sets up a store as its first user does; gives the recovery key.
  QString setUp() {
    auto* page = m_window->setUpPage();
    page->name()->setText(QStringLiteral("ada"));
    QTest::keyClicks(page->passphrase(), QLatin1String(kPassphrase));
    QTest::keyClicks(page->again(), QLatin1String(kPassphrase));
    page->setUpButton()->click();
    EXPECT_TRUE(until([&] { return page->isShowingKey(); }))
        << page->advice()->text().toStdString();
    return page->key()->text().remove(QLatin1Char('\n'));
  }
};

TEST_F(ShutWindow, SetsUpAStoreAndGivesOutTheRecoveryKeyOnce) {
  ASSERT_TRUE(isAt(MainWindow::Page::SetUp));
  auto* page = m_window->setUpPage();
  EXPECT_FALSE(page->setUpButton()->isEnabled());
  QTest::keyClicks(page->passphrase(), QStringLiteral("password1234"));
  EXPECT_FALSE(page->setUpButton()->isEnabled());
  EXPECT_TRUE(page->advice()->text().contains(QStringLiteral("first that somebody would try")));
  page->forget();
  QTest::keyClicks(page->passphrase(), QLatin1String(kPassphrase));
  QTest::keyClicks(page->again(), QStringLiteral("tomato lantern"));
  EXPECT_FALSE(page->setUpButton()->isEnabled()) << "the two differ";
  page->forget();
  m_window->showPage(MainWindow::Page::People);
  EXPECT_EQ(m_window->page(), MainWindow::Page::SetUp) << "there are no people yet";
  const auto key = setUp();
  EXPECT_TRUE(page->passphrase()->text().isEmpty());
  EXPECT_EQ(key.split(QLatin1Char('-')).size(), 8);
  EXPECT_FALSE(page->openButton()->isEnabled());
  EXPECT_FALSE(m_session->isOpen()) << "not until the key was put away";
  const auto sheet = m_folder.path() / "key.pdf";
  ASSERT_TRUE(page->saveKey(QString::fromStdString(sheet.string())));
  EXPECT_EQ(readTextFile(sheet, 1U << 20U)->substr(0, 5), "%PDF-");
  page->kept()->setChecked(true);
  page->openButton()->click();
  ASSERT_TRUE(isOpen());
  EXPECT_EQ(m_window->page(), MainWindow::Page::Welcome);
  EXPECT_TRUE(page->key()->text().isEmpty());
  EXPECT_TRUE(m_session->canLock());
  // It opens the store from now on.
  show();
  ASSERT_TRUE(isAt(MainWindow::Page::Unlock));
  m_session->open(storeFolder(), withKey(Secret::of(key.toStdString())));
  EXPECT_TRUE(isOpen());
}

TEST_F(ShutWindow, EncryptsAStoreOfAnEarlierVersion) {
  ASSERT_TRUE(isAt(MainWindow::Page::SetUp));
  fs::create_directories(m_folder.path() / "backups" / "old");
  fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v2/store.db",
           m_folder.path() / "backups" / "old" / "store.db");
  fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v2", storeFolder(),
           fs::copy_options::recursive);
  fs::create_directories(storeFolder() / "networks");
  m_session->open(storeFolder());
  ASSERT_TRUE(until([&] {
    return m_window->setUpPage()->setUpButton()->text().contains(QStringLiteral("Encrypt"));
  }));
  setUp();
  EXPECT_TRUE(m_window->setUpPage()->leftovers()->text().contains(QStringLiteral("backups/old")));
  const auto content = readTextFile(storeFolder() / "store.db", 1U << 24U);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->find("Ana Lindqvist"), std::string::npos);
}

TEST_F(ShutWindow, SaysWhyAStoreWasNotSetUp) {
  ASSERT_TRUE(isAt(MainWindow::Page::SetUp));
  test::storeIn(storeFolder());  // somebody else was first
  auto* page = m_window->setUpPage();
  QTest::keyClicks(page->passphrase(), QLatin1String(kPassphrase));
  QTest::keyClicks(page->again(), QLatin1String(kPassphrase));
  page->setUpButton()->click();
  ASSERT_TRUE(until([&] {
    return m_window->page() == MainWindow::Page::Unlock &&
           m_window->unlockPage()->problem()->text().contains(QStringLiteral("has keys already"));
  }));
  EXPECT_TRUE(page->passphrase()->isEnabled());
}

/// A store that somebody set up, with the window in front of it.
class LockInTheWindow : public ShutWindow {
 protected:
  void SetUp() override {
    const auto keys = protectStore(
        storeFolder(), {"ada", Role::Administrator,
                        std::make_shared<const Secret>(Secret::of(kPassphrase)), KeyCost{}});
    ASSERT_TRUE(keys) << keys.error().message;
    m_recovery = QString::fromStdString(keys->recovery);
    show();
    ASSERT_TRUE(isAt(MainWindow::Page::Unlock));
    ASSERT_TRUE(until([&] { return page().secret()->isEnabled(); }));
  }
  UnlockPage& page() { return *m_window->unlockPage(); }
  void unlock() {
    QTest::keyClicks(page().secret(), QLatin1String(kPassphrase));
    QTest::keyClick(page().secret(), Qt::Key_Return);
    ASSERT_TRUE(isOpen());
  }

  QString m_recovery;
};

TEST_F(LockInTheWindow, OpensTheStoreByThePassphrase) {
  EXPECT_FALSE(m_session->isOpen());
  EXPECT_EQ(page().accounts()->currentText(), QStringLiteral("ada"));
  EXPECT_FALSE(page().unlockButton()->isEnabled());
  EXPECT_EQ(page().secret()->echoMode(), QLineEdit::Password);
  unlock();
  enrol("1", "Ada", 1);
  QString author;
  bool isDone = false;
  m_session->withDesk<std::string>(
      m_session.get(), [](const Desk& desk) -> Result<std::string> { return desk.author().name; },
      [&](const Result<std::string>& name) {
        author = QString::fromStdString(*name);
        isDone = true;
      });
  ASSERT_TRUE(until([&] { return isDone; }));
  EXPECT_EQ(author, QStringLiteral("ada")) << "whoever opened it answers for changes";
}

TEST_F(LockInTheWindow, AsksAgainAfterAWrongPassphraseAndKeepsNothingOfIt) {
  QTest::keyClicks(page().secret(), QStringLiteral("not this one, surely"));
  page().unlockButton()->click();
  EXPECT_TRUE(page().secret()->text().isEmpty());
  EXPECT_FALSE(page().secret()->isEnabled()) << "one try at a time";
  ASSERT_TRUE(until([&] { return !page().problem()->text().isEmpty(); }));
  EXPECT_EQ(page().problem()->text(), QStringLiteral("The passphrase is not right."));
  EXPECT_FALSE(m_session->isOpen());
  page().useKey()->setChecked(true);
  EXPECT_FALSE(page().accounts()->isEnabled());
  QTest::keyClicks(page().secret(), m_recovery.toLower());
  page().unlockButton()->click();
  ASSERT_TRUE(until([&] { return m_session->isOpen(); }));
}

TEST_F(LockInTheWindow, BlanksTheWindowAndForgetsTheKeysWhenItIsLocked) {
  unlock();
  enrol("1", "Ada", 1);
  m_window->showPage(MainWindow::Page::People);
  auto* dialog = new QDialog(m_window.get());
  dialog->show();
  std::weak_ptr<const EmbeddingNetwork> network =
      m_session->servingNetwork(Modality::Signature)->network;
  ASSERT_FALSE(network.expired());
  QTest::keyClick(m_window.get(), Qt::Key_L, Qt::ControlModifier);
  EXPECT_EQ(m_window->page(), MainWindow::Page::Unlock);
  EXPECT_FALSE(dialog->isVisible());
  EXPECT_FALSE(m_session->isOpen());
  EXPECT_TRUE(m_session->people().empty());
  EXPECT_TRUE(until([&] { return network.expired(); })) << "the office, and its keys, are gone";
  for (const auto other : {MainWindow::Page::People, MainWindow::Page::History,
                           MainWindow::Page::Network, MainWindow::Page::Verify}) {
    m_window->showPage(other);
    EXPECT_EQ(m_window->page(), MainWindow::Page::Unlock);
  }
  m_window->showPage(MainWindow::Page::Help);
  EXPECT_EQ(m_window->page(), MainWindow::Page::Help) << "holds no secrets";
  m_window->showPage(MainWindow::Page::Verify);
  m_session->openAgain();  // nothing is left that would open it
  ASSERT_TRUE(until([&] { return m_session->hasFailed(); }));
  EXPECT_FALSE(m_session->isOpen());
  unlock();
  EXPECT_EQ(m_session->people().size(), 1U);
  EXPECT_EQ(m_window->page(), MainWindow::Page::Verify);
}

TEST_F(LockInTheWindow, LocksAStoreThatIsBeingOpened) {
  QTest::keyClicks(page().secret(), QLatin1String(kPassphrase));
  page().unlockButton()->click();
  m_window->lock();  // the screen was locked in this moment
  EXPECT_TRUE(page().secret()->isEnabled());
  QTest::qWait(2000);
  EXPECT_FALSE(m_session->isOpen());
  EXPECT_EQ(m_window->page(), MainWindow::Page::Unlock);
  unlock();
}

TEST_F(LockInTheWindow, LocksWhenNobodyTouchesItForAWhile) {
  unlock();
  auto& watch = m_window->lockWatch();
  watch.setIdleLimit(std::chrono::milliseconds(400));
  for (int i = 0; i < 6; ++i) {
    QTest::qWait(150);
    QTest::mouseMove(m_window.get(), QPoint(10 + i, 10));
    QTest::keyClick(m_window.get(), Qt::Key_Shift);
  }
  EXPECT_TRUE(m_session->isOpen()) << "somebody works here";
  ASSERT_TRUE(isAt(MainWindow::Page::Unlock));
  // What somebody began to type is gone after a while, too.
  QTest::keyClicks(page().secret(), QStringLiteral("tomato lan"));
  ASSERT_TRUE(until([&] { return page().secret()->text().isEmpty(); }));
}

TEST_F(LockInTheWindow, KeepsTheLimitThatWasChosen) {
  auto* limit = m_window->networkPage()->idleLimit();
  EXPECT_EQ(limit->currentData().toInt(), 5) << "on by default";
  limit->setCurrentIndex(limit->findData(15));
  Q_EMIT limit->activated(limit->currentIndex());
  show();
  EXPECT_EQ(m_window->networkPage()->idleLimit()->currentData().toInt(), 15);
  limit = m_window->networkPage()->idleLimit();
  Q_EMIT limit->activated(limit->findData(5));
}

TEST_F(WindowFixture, DoesNotLockAStoreThatOpensForEverybody) {
  EXPECT_FALSE(m_session->canLock());
  m_window->lock();
  EXPECT_TRUE(m_session->isOpen());
}

}  // namespace
}  // namespace countersign::ui
