// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QDateEdit>
#include <QDialogButtonBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/HistoryPage.h"
#include "ui/pages/PeoplePage.h"
#include "ui/support/SecretField.h"
#include "ui/widgets/GroundsDialog.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/PassphraseDialog.h"
#include "ui/widgets/VerdictBanner.h"

namespace countersign::ui {
namespace {

constexpr const char* kPassphrase = "tomato lantern glacier";

class PersonalDataInTheWindow : public WindowFixture {
 protected:
  PassphraseDialog* passphraseDialog() {
    PassphraseDialog* dialog = nullptr;
    until([&] {
      dialog = m_window->findChild<PassphraseDialog*>();
      return dialog != nullptr;
    });
    return dialog;
  }
};

TEST_F(PersonalDataInTheWindow, AsksWhyAndUntilWhenSomebodyIsKept) {
  const auto ada = enrol("1", "Ada", 4);
  auto* page = m_window->peoplePage();
  m_window->showPage(MainWindow::Page::People);
  page->select(ada);
  ASSERT_TRUE(until([&] { return page->details().contains("nobody said why"); }));
  page->groundsButton()->click();
  GroundsDialog* dialog = nullptr;
  ASSERT_TRUE(until([&] {
    dialog = m_window->findChild<GroundsDialog*>();
    return dialog != nullptr;
  }));
  dialog->basis()->setCurrentText("contract");
  QTest::keyClicks(dialog->purpose(), QStringLiteral("signatures at the counter"));
  dialog->hasEnd()->setChecked(true);
  dialog->until()->setDate(QDate(2034, 5, 6));
  dialog->asUsual()->setChecked(true);
  dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save)->click();
  ASSERT_TRUE(until([&] {
    return page->details().contains("Kept until 2034-05-06: contract, signatures at the counter.");
  })) << page->details().toStdString();
  // Whoever comes next starts with that.
  enrol("2", "Bob", 9);
  const auto& bob = m_session->people().back().person;
  EXPECT_EQ(bob.grounds.basis, "contract");
  EXPECT_EQ(bob.grounds.purpose, "signatures at the counter");
  EXPECT_FALSE(bob.grounds.retainUntil.empty());
  // Both changes are taken back, one after the other.
  m_session->undo();
  ASSERT_TRUE(until([&] { return m_session->people().front().person.grounds.isEmpty(); }));
  EXPECT_TRUE(m_window->messageBar()->text().startsWith("Taken back: The grounds of"))
      << m_window->messageBar()->text().toStdString();
  m_session->undo();
  ASSERT_TRUE(
      until([&] { return m_window->messageBar()->text().contains("Whoever is enrolled"); }));
  enrol("3", "Cyd", 11);
  EXPECT_TRUE(m_session->people().back().person.grounds.isEmpty());
  EXPECT_FALSE(m_session->canUndo());
}

TEST_F(PersonalDataInTheWindow, TakesSeveralChangesBackOneAfterTheOther) {
  const auto ada = enrol("1", "Ada", 4);
  auto* page = m_window->peoplePage();
  m_window->showPage(MainWindow::Page::People);
  const auto rename = [&](const char* name, const char* before) {
    const auto to = [ada](const char* target) {
      return [ada, target](const Desk& desk) {
        return desk.repository().renamePerson(ada, target, desk.author());
      };
    };
    m_session->change("Renamed.", to(name), to(before));
    ASSERT_TRUE(until([&] { return m_session->people().front().person.name == name; }));
  };
  rename("Ada B", "Ada");
  rename("Ada C", "Ada B");
  page->select(ada);
  page->removePersonButton()->click();
  ASSERT_TRUE(until([&] { return m_session->people().empty(); }));
  for (const char* name : {"Ada C", "Ada B", "Ada"}) {
    QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
    ASSERT_TRUE(until([&] {
      return !m_session->people().empty() && m_session->people().front().person.name == name;
    })) << name;
  }
  EXPECT_FALSE(m_session->canUndo());
}

TEST_F(PersonalDataInTheWindow, ExportsPeopleAndBringsThemBack) {
  const auto ada = enrol("1", "Ada", 4);
  enrol("2", "Bob", 9);
  auto* page = m_window->peoplePage();
  m_window->showPage(MainWindow::Page::People);
  const auto file = QString::fromStdString((m_folder.path() / "ada.csp").string());
  page->exportTo(file, {ada});
  auto* dialog = passphraseDialog();
  ASSERT_NE(dialog, nullptr);
  QTest::keyClicks(dialog->passphrase(), QStringLiteral("short"));
  EXPECT_FALSE(dialog->goOn()->isEnabled());
  dialog->passphrase()->forget();
  QTest::keyClicks(dialog->passphrase(), QLatin1String(kPassphrase));
  EXPECT_FALSE(dialog->goOn()->isEnabled()) << "once more";
  QTest::keyClicks(dialog->again(), QLatin1String(kPassphrase));
  ASSERT_TRUE(dialog->goOn()->isEnabled());
  dialog->goOn()->click();
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("encrypted"); }))
      << m_window->messageBar()->text().toStdString();
  // Off the file, and in again.
  m_session->change("gone", [ada](const Desk& desk) {
    return desk.repository().retirePerson(ada, desk.author());
  });
  ASSERT_TRUE(until([&] { return m_session->people().size() == 1; }));
  ASSERT_TRUE(until([&] { return m_window->findChild<PassphraseDialog*>() == nullptr; }));
  page->importFrom(file);
  dialog = passphraseDialog();
  ASSERT_NE(dialog, nullptr);
  QTest::keyClicks(dialog->passphrase(), QStringLiteral("another one altogether"));
  dialog->goOn()->click();
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("passphrase is not"); }));
  ASSERT_TRUE(until([&] { return m_window->findChild<PassphraseDialog*>() == nullptr; }));
  page->importFrom(file);
  dialog = passphraseDialog();
  QTest::keyClicks(dialog->passphrase(), QLatin1String(kPassphrase));
  dialog->goOn()->click();
  ASSERT_TRUE(until([&] { return m_session->people().size() == 2; }));
  EXPECT_EQ(m_session->people().back().person.name, "Ada");
  EXPECT_EQ(m_session->people().back().signatureReferences, 3);
  m_session->undo();
  EXPECT_TRUE(until([&] { return m_session->people().size() == 1; }));
}

TEST_F(PersonalDataInTheWindow, SaysThatADecisionsPersonWasErased) {
  const auto ada = enrol("1", "Ada", 4);
  bool isRecorded = false;
  m_session->withDesk<DecisionKey>(
      m_session.get(),
      [ada, file = drawing(4, 5)](const Desk& desk) -> Result<DecisionKey> {
        auto image = desk.examine(std::filesystem::path(file.toStdString()));
        if (!image) return image.error();
        const auto examination =
            desk.verify(ada, std::make_shared<const ExaminedImage>(*std::move(image)));
        if (!examination) return examination.error();
        return desk.record(*examination, {Finding::Match, "seen", {}});
      },
      [&](const Result<DecisionKey>& key) { isRecorded = key.has_value(); });
  ASSERT_TRUE(until([&] { return isRecorded; }));
  m_session->erase({ada});
  ASSERT_TRUE(until([&] { return m_session->people().empty(); }));
  m_window->showPage(MainWindow::Page::History);
  auto* history = m_window->historyPage();
  history->reload();
  ASSERT_TRUE(until([&] { return history->table()->model()->rowCount() == 1; }));
  EXPECT_EQ(history->table()->model()->index(0, 1).data().toString(), "Erased person");
  auto* banner = history->findChild<VerdictBanner*>();
  ASSERT_NE(banner, nullptr);
  EXPECT_TRUE(until([&] { return banner->accessibleName().contains("The person was erased"); }));
  EXPECT_FALSE(history->shownDecision().has_value());
}

}  // namespace
}  // namespace countersign::ui
