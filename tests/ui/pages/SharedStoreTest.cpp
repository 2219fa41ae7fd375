// SPDX-License-Identifier: GPL-3.0-or-later
//
// The window on a store that other desks work with, too.
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <fstream>

#include "core/storage/ServerAddress.h"
#include "tests/support/PostgresServer.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/PeoplePage.h"
#include "ui/pages/SetUpPage.h"
#include "ui/pages/VerifyPage.h"
#include "ui/support/SecretField.h"
#include "ui/widgets/GroundsDialog.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/ServerDialog.h"
#include "ui/widgets/ServerPrompt.h"

namespace countersign::ui {
namespace {

namespace fs = std::filesystem;

class SharedStoreInTheWindow : public WindowFixture {
 protected:
  void SetUp() override {
    m_url = m_server.newDatabase();
    fs::create_directories(storeFolder());
    std::ofstream(storeFolder() / "server.url") << m_url << '\n';
    openWindow();
  }
  /// The same store at another desk, without a window.
  std::unique_ptr<Store> otherDesk() {
    const auto folder = m_folder.path() / "other";
    fs::create_directories(folder);
    std::ofstream(folder / "server.url") << m_url << '\n';
    fs::copy_file(storeFolder() / kOpenKeyFile, folder / kOpenKeyFile,
                  fs::copy_options::overwrite_existing);
    auto opened = Store::open(folder, Store::Access::Write);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  GroundsDialog* openGrounds(PersonKey person) {
    auto* page = m_window->peoplePage();
    m_window->showPage(MainWindow::Page::People);
    page->select(person);
    EXPECT_TRUE(until([&] { return page->groundsButton()->isEnabled(); }));
    page->groundsButton()->click();
    GroundsDialog* dialog = nullptr;
    EXPECT_TRUE(until([&] {
      dialog = m_window->findChild<GroundsDialog*>();
      return dialog != nullptr;
    }));
    return dialog;
  }
  static void save(const GroundsDialog& dialog) {
    dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save)->click();
  }

  test::PostgresServer m_server;
  std::string m_url;
};

using OthersInTheWindow = SharedStoreInTheWindow;

TEST_F(OthersInTheWindow, AreShownWithinASecond) {
  const auto other = otherDesk();
  const auto network = m_session->service()->service.identity;
  EXPECT_TRUE(m_session->isShared());
  // This desk heard of the other one's opening: it listens.
  QTest::qWait(1500);
  QElapsedTimer timer;
  timer.start();
  ASSERT_TRUE(
      other->repository().enrol({"77", "Somebody", {test::plainReference("a", network)}}, {"eve"}));
  ASSERT_TRUE(until([&] { return m_session->people().size() == 1; }));
  EXPECT_LT(timer.elapsed(), 1000);
  EXPECT_EQ(m_session->people().front().person.identifier, "77");
  timer.restart();
  ASSERT_TRUE(other->repository().setRule(network, {{0.31}, 0.01}, {"eve"}));
  ASSERT_TRUE(until([&] { return m_session->service()->service.rule.threshold.value == 0.31; }));
  EXPECT_LT(timer.elapsed(), 1000);
}

TEST_F(SharedStoreInTheWindow, KeepsWhatWasTypedWhenAnotherDeskWasFirst) {
  const auto ada = enrol("1", "Ada", 4);
  auto* dialog = openGrounds(ada);
  dialog->basis()->setCurrentText("contract");
  QTest::keyClicks(dialog->purpose(), QStringLiteral("at the counter"));
  const auto other = otherDesk();
  ASSERT_TRUE(other->repository().setGrounds(ada, {"consent", "by post", ""}, {"eve"}));
  dialog->purpose()->setFocus();
  save(*dialog);
  ASSERT_TRUE(until([&] { return dialog->problem()->isVisible(); }));
  EXPECT_TRUE(dialog->problem()->text().contains("eve changed this meanwhile"))
      << dialog->problem()->text().toStdString();
  EXPECT_TRUE(dialog->problem()->text().contains("by post"));
  EXPECT_FALSE(dialog->isSaving());
  EXPECT_EQ(dialog->purpose()->text(), "at the counter");
  EXPECT_EQ(dialog->focusWidget(), dialog->purpose()) << "and not Cancel";
  EXPECT_EQ(other->repository().person(ada)->grounds.purpose, "by post");
  // Whoever saw that may write theirs.
  ASSERT_TRUE(
      until([&] { return m_session->people().front().person.grounds.purpose == "by post"; }));
  save(*dialog);
  ASSERT_TRUE(
      until([&] { return other->repository().person(ada)->grounds.purpose == "at the counter"; }));
}

TEST_F(SharedStoreInTheWindow, SaysThatTheServerIsAwayAndKeepsWhatWasTyped) {
  const auto ada = enrol("1", "Ada", 4);
  auto* dialog = openGrounds(ada);
  QTest::keyClicks(dialog->purpose(), QStringLiteral("at the counter"));
  m_server.kill();
  ASSERT_TRUE(until([&] { return m_session->isConnectionLost(); }));
  EXPECT_TRUE(m_window->messageBar()->text().contains("does not answer"));
  EXPECT_EQ(m_window->messageBar()->kind(), MessageBar::Kind::Problem);
  save(*dialog);
  // Longer than the store waits by itself.
  ASSERT_TRUE(until([&] { return dialog->problem()->isVisible(); }));
  EXPECT_TRUE(dialog->problem()->text().contains("does not answer"))
      << dialog->problem()->text().toStdString();
  EXPECT_EQ(dialog->purpose()->text(), "at the counter");
  m_server.start();
  ASSERT_TRUE(until([&] { return !m_session->isConnectionLost(); }));
  EXPECT_TRUE(m_window->messageBar()->text().contains("answers again"));
  save(*dialog);
  ASSERT_TRUE(until(
      [&] { return m_session->people().front().person.grounds.purpose == "at the counter"; }));
  // A short absence goes unnoticed by whoever works.
  dialog = openGrounds(ada);
  dialog->purpose()->setText("by post");
  m_server.kill();
  save(*dialog);
  QTest::qWait(500);
  m_server.start();
  EXPECT_TRUE(
      until([&] { return m_session->people().front().person.grounds.purpose == "by post"; }));
}

TEST_F(SharedStoreInTheWindow, TakesOverANetworkThatAnotherDeskPutIntoService) {
  enrol("1", "Ada", 4);
  const auto file = test::writeRandomNetwork(m_folder.path(), "second", 2);
  {
    const auto folder = m_folder.path() / "third";
    fs::create_directories(folder);
    std::ofstream(folder / "server.url") << m_url << '\n';
    fs::copy_file(storeFolder() / kOpenKeyFile, folder / kOpenKeyFile);
    const auto office = Office::open({.folder = folder,
                                      .shippedNetwork = m_network,
                                      .shippedFaceNetwork = {},
                                      .author = {"eve"}});
    ASSERT_TRUE(office) << office.error().message;
    const auto changed = (*office)->changeNetwork(file, {});
    ASSERT_TRUE(changed) << changed.error().message;
  }
  const auto before = m_session->service()->service.identity;
  ASSERT_TRUE(until([&] { return m_session->service()->service.identity != before; }));
  EXPECT_TRUE(m_window->messageBar()->text().contains("Another desk put another network"));
  // And works with it.
  bool isDone = false;
  m_session->withDesk<NetworkInService>(
      m_session.get(), [](const Desk& desk) { return desk.service(); },
      [&](const Result<NetworkInService>& service) {
        EXPECT_TRUE(service) << service.error().message;
        isDone = true;
      });
  EXPECT_TRUE(until([&] { return isDone; }));
}

/// A desk that has no store yet, and a server that wants a password.
class ServerAtSetUp : public testing::Test {
 protected:
  void SetUp() override {
    m_session = std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network});
    m_window = std::make_unique<MainWindow>(*m_session, folder(), m_folder.path() / "sample");
    m_window->resize(1024, 700);
    m_window->show();
    m_session->open(folder());
    ASSERT_TRUE(until([&] { return m_window->page() == MainWindow::Page::SetUp; }));
  }
  fs::path folder() const { return m_folder.path() / "store"; }
  ServerDialog* dialog() const { return m_window->serverPrompt().dialog(); }

  test::PostgresServer m_server{{.authentication = "scram-sha-256"}};
  test::TemporaryFolder m_folder;
  fs::path m_network = test::writeRandomNetwork(m_folder.path(), "net");
  std::unique_ptr<OfficeSession> m_session;
  std::unique_ptr<MainWindow> m_window;
};

TEST_F(ServerAtSetUp, IsChosenWithItsPassword) {
  m_window->setUpPage()->serverButton()->click();
  ASSERT_NE(dialog(), nullptr);
  EXPECT_FALSE(dialog()->connectButton()->isEnabled());
  EXPECT_FALSE(dialog()->localButton()->isVisible());
  dialog()->address()->setText("office.example");
  dialog()->connectButton()->click();
  EXPECT_TRUE(dialog()->problem()->text().contains("begins with postgresql://"));
  const auto url = QString::fromStdString(m_server.newDatabase());
  dialog()->address()->setText(url);
  dialog()->connectButton()->click();
  ASSERT_TRUE(until([&] { return dialog()->problem()->text().contains("does not let"); }))
      << dialog()->problem()->text().toStdString();
  dialog()->password()->setText("not this one");
  dialog()->connectButton()->click();
  EXPECT_TRUE(dialog()->isSaving());
  ASSERT_TRUE(until([&] { return !dialog()->isSaving(); }));
  EXPECT_TRUE(dialog()->problem()->text().contains("look at both names and at the password"));
  EXPECT_EQ(dialog()->address()->text(), url);
  dialog()->password()->setText(test::PostgresServer::kPassword);
  dialog()->connectButton()->click();
  ASSERT_TRUE(until([&] {
    return m_window->page() == MainWindow::Page::SetUp &&
           (dialog() == nullptr || !dialog()->isVisible());
  }));
  // Whoever set up what is there gives it its first account, as in a folder.
  auto* page = m_window->setUpPage();
  page->name()->setText("ada");
  for (auto* field : {page->passphrase(), page->again()}) field->setText("tomato lantern glacier");
  ASSERT_TRUE(page->setUpButton()->isEnabled());
  page->setUpButton()->click();
  ASSERT_TRUE(until([&] { return page->isShowingKey(); }));
  page->kept()->setChecked(true);
  page->openButton()->click();
  ASSERT_TRUE(until([&] { return m_session->isOpen(); }));
  EXPECT_TRUE(m_session->isShared());
  EXPECT_TRUE(fs::exists(folder() / "server.url"));
  EXPECT_FALSE(fs::exists(folder() / "store.db"));
}

TEST_F(ServerAtSetUp, IsTriedAgainUntilItAnswersOrSomebodyGoesBack) {
  const auto url = m_server.newDatabase();
  const auto address = *serverAddressOf(url);
  rememberServerPassword(
      address, std::make_shared<const Secret>(Secret::of(test::PostgresServer::kPassword)));
  m_server.kill();
  m_window->setUpPage()->serverButton()->click();
  dialog()->address()->setText(QString::fromStdString(url));
  dialog()->connectButton()->click();
  ASSERT_TRUE(until([&] { return dialog()->problem()->text().contains("does not answer"); }));
  m_server.start();
  EXPECT_TRUE(until([&] { return m_window->page() == MainWindow::Page::SetUp; })) << "by itself";
  m_server.kill();
  m_session->openAgain();
  ASSERT_TRUE(until([&] {
    return dialog() != nullptr && dialog()->localButton()->isVisible() && !dialog()->isSaving();
  }));
  // Whoever gives up may come back: it is asked for, and said, again.
  dialog()->reject();
  ASSERT_TRUE(until([&] { return dialog() == nullptr; }));
  EXPECT_TRUE(m_window->messageBar()->text().contains("Open your own store"));
  Q_EMIT m_window->networkPage()->ownStoreWanted();
  ASSERT_TRUE(until([&] { return dialog() != nullptr && dialog()->problem()->isVisible(); }));
  dialog()->localButton()->click();
  ASSERT_TRUE(until([&] {
    return m_window->page() == MainWindow::Page::SetUp && !fs::exists(folder() / "server.url");
  }));
}

}  // namespace
}  // namespace countersign::ui
