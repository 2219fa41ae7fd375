// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/DesktopKeyring.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QSettings>

#include "core/base/File.h"
#include "core/storage/Audit.h"
#include "core/storage/ServerAddress.h"
#include "tests/support/PostgresServer.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/SetUpPage.h"
#include "ui/pages/UnlockPage.h"
#include "ui/support/SecretField.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/ServerDialog.h"
#include "ui/widgets/ServerPrompt.h"

namespace countersign::ui {
namespace {

constexpr const char* kPassphrase = "tomato lantern glacier";

/// A bus of the test's own, and gnome-keyring on it.
struct Desktop {
  test::TemporaryFolder home;
  QProcess bus;
  QProcess daemon;
};
std::unique_ptr<Desktop>& desktop() {
  static std::unique_ptr<Desktop> made;
  return made;
}

/// A desktop with a real keyring.
class StoreBesideAKeyring : public WindowFixture {
 protected:
  static void SetUpTestSuite() {
    desktop() = std::make_unique<Desktop>();
    auto& [home, bus, daemon] = *desktop();
    // Before anything in this process asks for the bus.
    bus.start(QStringLiteral("dbus-daemon"),
              {QStringLiteral("--session"), QStringLiteral("--nofork"),
               QStringLiteral("--print-address")});
    ASSERT_TRUE(bus.waitForStarted() && bus.waitForReadyRead());
    qputenv("DBUS_SESSION_BUS_ADDRESS", bus.readLine().trimmed());
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString(home.path().string()));
    qputenv("XDG_RUNTIME_DIR", QByteArray::fromStdString(home.path().string()));
    daemon.start(QStringLiteral("gnome-keyring-daemon"),
                 {QStringLiteral("--foreground"), QStringLiteral("--unlock"),
                  QStringLiteral("--components=secrets")});
    ASSERT_TRUE(daemon.waitForStarted());
    daemon.write("the desktop's own password");
    daemon.closeWriteChannel();
    ASSERT_TRUE(until([] { return DesktopKeyring::isThere(); }));
  }
  static void TearDownTestSuite() {
    for (auto* process : {&desktop()->daemon, &desktop()->bus}) {
      process->kill();
      process->waitForFinished();
    }
    desktop().reset();
  }
  void SetUp() override {
    ASSERT_TRUE(setUpStore(storeFolder(),
                           {"ada", Role::Administrator,
                            std::make_shared<const Secret>(Secret::of(kPassphrase)), KeyCost{}}));
    start();
  }
  void start() {
    m_window.reset();
    m_session =
        std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, m_faceNetwork});
    m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
    m_window->resize(1024, 700);
    m_window->show();
    m_session->open(storeFolder());
    ASSERT_TRUE(until([&] { return m_window->page() == MainWindow::Page::Unlock; }));
  }
  bool isOpen() {
    return until([&] { return m_session->isOpen() && m_session->service().has_value(); });
  }
  void unlockByPassphrase(bool isKept) {
    auto* page = m_window->unlockPage();
    page->keepInKeyring()->setChecked(isKept);
    QTest::keyClicks(page->secret(), QLatin1String(kPassphrase));
    page->unlockButton()->click();
    ASSERT_TRUE(isOpen()) << page->problem()->text().toStdString();
  }
};

TEST_F(StoreBesideAKeyring, OpensByItWhenThatWasWishedForAndNotAfterALock) {
  auto* page = m_window->unlockPage();
  EXPECT_TRUE(page->keepInKeyring()->isVisible());
  EXPECT_FALSE(page->keepInKeyring()->isChecked()) << "off unless somebody wants it";
  EXPECT_FALSE(page->keyringButton()->isVisible());
  unlockByPassphrase(true);
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("keyring opens"); }))
      << m_window->messageBar()->text().toStdString();
  start();
  page = m_window->unlockPage();
  ASSERT_TRUE(page->keyringButton()->isVisible());
  EXPECT_FALSE(page->keepInKeyring()->isVisible());
  page->keyringButton()->click();
  ASSERT_TRUE(isOpen()) << page->problem()->text().toStdString();
  EXPECT_EQ(m_session->account().name, "ada") << "whoever opens it, it is ada";
  // Somebody may have left the desk.
  m_window->lock();
  ASSERT_TRUE(until([&] { return m_window->page() == MainWindow::Page::Unlock; }));
  EXPECT_FALSE(page->keyringButton()->isVisible());
  QTest::keyClicks(page->secret(), QStringLiteral("a wrong one"));
  page->unlockButton()->click();
  ASSERT_TRUE(until([&] { return !page->problem()->text().isEmpty(); }));
  EXPECT_FALSE(page->keyringButton()->isVisible()) << "nor after a wrong try";
  unlockByPassphrase(false);
  // A new passphrase forgets the desktops.
  bool isDone = false;
  m_session->withOffice<std::monostate>(
      m_session.get(),
      [](const Office& office) {
        return office.store().setPassphrase("ada", Secret::of("marble kettle sunrise"), KeyCost{});
      },
      [&](const Status& status) { isDone = static_cast<bool>(status); });
  ASSERT_TRUE(until([&] { return isDone; }));
  start();
  EXPECT_FALSE(m_window->unlockPage()->keyringButton()->isVisible());
}

TEST_F(StoreBesideAKeyring, AsksForThePassphraseWhenTheKeyringHasNoKey) {
  unlockByPassphrase(true);
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("keyring opens"); }));
  DesktopKeyring keyring(storeFolder());
  std::shared_ptr<const Secret> key;
  bool isRead = false;
  const auto read = [&] {
    isRead = false;
    keyring.read("ada", [&](std::shared_ptr<const Secret> got) {
      key = std::move(got);
      isRead = true;
    });
    ASSERT_TRUE(until([&] { return isRead; }));
  };
  read();
  ASSERT_NE(key, nullptr);
  // The key is nowhere else: not in the store, and not among the program's settings.
  const std::string text(key->text());
  EXPECT_EQ(text.size(), 39U);
  Q_EMIT m_window->networkPage()->idleLimitChosen(15);  // so that there are settings
  QSettings settings(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("countersign"),
                     QStringLiteral("countersign"));
  settings.sync();
  const auto profile = std::filesystem::path(settings.fileName().toStdString()).parent_path();
  ASSERT_TRUE(until([&] {
    settings.sync();
    return std::filesystem::exists(settings.fileName().toStdString());
  }));
  for (const auto& folder : {m_folder.path(), profile}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = readFile(entry.path(), std::uintmax_t{1} << 28U);
      ASSERT_TRUE(bytes);
      const std::string content(bytes->begin(), bytes->end());
      for (const auto& planted : {text, std::string(kPassphrase)})
        EXPECT_EQ(content.find(planted), std::string::npos) << entry.path();
    }
  }
  keyring.remove("ada");
  ASSERT_TRUE(until([&] {
    read();
    return key == nullptr;
  }));
  start();
  auto* page = m_window->unlockPage();
  ASSERT_TRUE(page->keyringButton()->isVisible()) << "the store cannot know";
  page->keyringButton()->click();
  ASSERT_TRUE(until([&] { return page->problem()->text().contains("Type the passphrase"); }));
  unlockByPassphrase(false);
  const auto rows =
      AuditTrail::open(storeFolder(), withPassphrase("ada", Secret::of(kPassphrase)))->rows();
  EXPECT_TRUE(std::any_of(rows->begin(), rows->end(),
                          [](const AuditRow& row) { return row.action == "add desktop key"; }));
}

/// A server that wants a password, on such a desktop.
class ServerBesideAKeyring : public StoreBesideAKeyring {
 protected:
  void SetUp() override { start(); }
  void start() {
    m_window.reset();
    m_session =
        std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, m_faceNetwork});
    m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
    m_window->show();
    m_window->serverPrompt().open(storeFolder());
    ASSERT_TRUE(until([&] { return m_window->page() == MainWindow::Page::SetUp || dialog(); }));
  }
  ServerDialog* dialog() const { return m_window->serverPrompt().dialog(); }
  static QString kept() {
    return QSettings(QSettings::IniFormat, QSettings::UserScope, "countersign", "countersign")
        .value("server/passwordInKeyring")
        .toString();
  }

  test::PostgresServer m_server{{.authentication = "scram-sha-256"}};
};

TEST_F(ServerBesideAKeyring, KeepsThePasswordThatLetTheDeskIn) {
  const auto url = m_server.newDatabase();
  const auto address = *serverAddressOf(url);
  m_window->setUpPage()->serverButton()->click();
  ASSERT_TRUE(dialog()->keep()->isVisible());
  dialog()->address()->setText(QString::fromStdString(url));
  dialog()->keep()->setChecked(true);
  dialog()->password()->setText("not this one");
  dialog()->connectButton()->click();
  ASSERT_TRUE(until([&] { return !dialog()->isSaving(); }));
  EXPECT_TRUE(kept().isEmpty()) << "a wrong one is worth nothing";
  dialog()->password()->setText(test::PostgresServer::kPassword);
  dialog()->connectButton()->click();
  ASSERT_TRUE(until([&] { return !kept().isEmpty(); }));
  // As the next start of the program is, which was told nothing.
  rememberServerPassword(address, nullptr);
  start();
  EXPECT_EQ(m_window->page(), MainWindow::Page::SetUp) << "it was let in";
  EXPECT_EQ(dialog(), nullptr);
  rememberServerPassword(address, nullptr);
  QSettings(QSettings::IniFormat, QSettings::UserScope, "countersign", "countersign")
      .remove("server/passwordInKeyring");
}

}  // namespace
}  // namespace countersign::ui
