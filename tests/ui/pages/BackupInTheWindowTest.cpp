// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPushButton>
#include <QTableWidget>
#include <fstream>

#include "core/storage/Backup.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/NetworkPage.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/RestoreDialog.h"

namespace countersign::ui {
namespace {

class BackupInTheWindow : public WindowFixture {
 protected:
  void SetUp() override {
    WindowFixture::SetUp();
    enrol("1", "Ada", 1);
    m_page = m_window->networkPage();
    m_window->showPage(MainWindow::Page::Network);
  }
  std::filesystem::path backups() const { return defaultBackupFolder(storeFolder()); }
  void backUp() {
    const auto before = backupsIn(backups()).size();
    m_session->backUp(backups());
    ASSERT_TRUE(until([&] { return backupsIn(backups()).size() > before; }));
  }
  RestoreDialog* dialog() {
    m_page->restoreButton()->click();
    auto* found = m_window->findChild<RestoreDialog*>();
    EXPECT_NE(found, nullptr);
    return found;
  }

  NetworkPage* m_page = nullptr;
};

TEST_F(BackupInTheWindow, TakesTheStoresPlaceAndKeepsIt) {
  backUp();
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("verified"); }))
      << m_window->messageBar()->text().toStdString();
  enrol("2", "Bob", 2);
  auto* asked = dialog();
  ASSERT_EQ(asked->table()->rowCount(), 1);
  EXPECT_EQ(asked->table()->item(0, 1)->text(), QStringLiteral("1"));
  EXPECT_TRUE(asked->restoreButton()->isEnabled());
  asked->restoreButton()->click();
  ASSERT_TRUE(until([&] { return m_session->isOpen() && m_session->people().size() == 1; }))
      << m_window->messageBar()->text().toStdString();
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("is kept in"); }))
      << m_window->messageBar()->text().toStdString();
  EXPECT_EQ(m_session->people().front().person.name, "Ada");
  enrol("3", "Cem", 3);  // and work goes on
}

TEST_F(BackupInTheWindow, LeavesTheStoreOpenWhenTheBackupIsDamaged) {
  backUp();
  std::ofstream(backupsIn(backups()).front().folder / "store.db") << "something else";
  auto* asked = dialog();
  asked->restoreButton()->click();
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("is damaged"); }));
  EXPECT_TRUE(until([&] { return m_session->isOpen() && m_session->people().size() == 1; }));
}

TEST_F(BackupInTheWindow, MendsAStoreThatCannotBeOpened) {
  backUp();
  m_window.reset();
  m_session.reset();
  std::ofstream(storeFolder() / "store.db") << "a letter that somebody saved in the wrong place";
  m_session = std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, {}});
  m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
  m_window->show();
  m_session->open(storeFolder());
  ASSERT_TRUE(until([&] { return m_session->hasFailed(); }));
  m_page = m_window->networkPage();
  m_window->showPage(MainWindow::Page::Network);
  EXPECT_FALSE(m_page->backUpButton()->isEnabled());
  ASSERT_TRUE(m_page->restoreButton()->isEnabled());
  dialog()->restoreButton()->click();
  EXPECT_TRUE(until([&] { return m_session->isOpen() && m_session->people().size() == 1; }));
}

TEST_F(BackupInTheWindow, SaysWhereThereIsNone) {
  auto* asked = dialog();
  EXPECT_EQ(asked->table()->rowCount(), 0);
  EXPECT_FALSE(asked->restoreButton()->isEnabled());
}

}  // namespace
}  // namespace countersign::ui
