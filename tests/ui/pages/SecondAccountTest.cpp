// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>

#include "core/base/File.h"
#include "core/storage/Audit.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/AuditPage.h"
#include "ui/pages/HistoryPage.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/PeoplePage.h"
#include "ui/support/SecretField.h"
#include "ui/widgets/AccountsDialog.h"
#include "ui/widgets/ConfirmDialog.h"
#include "ui/widgets/ErasureDialog.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/PassphraseDialog.h"

namespace countersign::ui {
namespace {

constexpr const char* kAda = "tomato lantern glacier";
constexpr const char* kBob = "violet harbour tractor";

/// The window on an encrypted store that ada opened, where bob has an account, too.
class OfficeOfTwo : public WindowFixture {
 protected:
  void SetUp() override {
    const auto secret = [](const char* text) {
      return std::make_shared<const Secret>(Secret::of(text));
    };
    ASSERT_TRUE(setUpStore(storeFolder(), {"ada", Role::Administrator, secret(kAda), KeyCost{}}));
    {
      const auto store = Store::open(storeFolder(), Store::Access::Write, systemTime,
                                     withPassphrase("ada", Secret::of(kAda)));
      ASSERT_TRUE(store) << store.error().message;
      ASSERT_TRUE((*store)->addAccount({"bob", Role::Supervisor, secret(kBob), KeyCost{}}));
    }
    openAs("ada", kAda);
  }
  void openAs(const char* name, const char* passphrase) {
    m_window.reset();
    m_session.reset();
    m_session =
        std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, m_faceNetwork});
    m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
    m_window->resize(1024, 700);
    m_window->show();
    m_session->open(storeFolder(), withPassphrase(name, Secret::of(passphrase)));
    ASSERT_TRUE(until([&] { return m_session->isOpen() && m_session->service().has_value(); }));
  }
  double threshold() const { return m_session->service()->service.rule.threshold.value; }
  ConfirmDialog* confirmDialog() {
    ConfirmDialog* dialog = nullptr;
    until([&] {
      dialog = m_window->findChild<ConfirmDialog*>();
      return dialog != nullptr;
    });
    return dialog;
  }
  bool isDialogGone() {
    return until([&] { return m_window->findChild<ConfirmDialog*>() == nullptr; });
  }
  std::vector<AuditRow> audit() const {
    const auto trail = AuditTrail::open(storeFolder(), withPassphrase("ada", Secret::of(kAda)));
    EXPECT_TRUE(trail) << trail.error().message;
    return trail ? *trail->rows() : std::vector<AuditRow>{};
  }
};

TEST_F(OfficeOfTwo, ChangesAThresholdOnlyWhenBothWantIt) {
  const double before = threshold();
  m_session->setRule({{before + 0.05}, 0.01});
  auto* dialog = confirmDialog();
  ASSERT_NE(dialog, nullptr);
  EXPECT_EQ(threshold(), before) << "not yet";
  ASSERT_EQ(dialog->accounts()->count(), 1) << "not the one who asks";
  EXPECT_EQ(dialog->accounts()->currentText(), "bob");
  const auto labels = dialog->findChildren<QLabel*>();
  EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) {
    return label->text().contains(QStringLiteral("instead of"));
  })) << "what is to be confirmed";
  EXPECT_FALSE(dialog->confirmButton()->isEnabled());
  QTest::keyClicks(dialog->secret(), QLatin1String(kAda));
  dialog->confirmButton()->click();
  EXPECT_TRUE(dialog->secret()->text().isEmpty());
  ASSERT_TRUE(until([&] { return !dialog->problem()->text().isEmpty(); }));
  EXPECT_TRUE(dialog->problem()->text().contains("not right"));
  QTest::keyClicks(dialog->secret(), QLatin1String(kBob));
  QTest::keyClick(dialog->secret(), Qt::Key_Return);
  ASSERT_TRUE(until([&] { return threshold() > before; }))
      << dialog->problem()->text().toStdString();
  EXPECT_TRUE(isDialogGone());
  EXPECT_TRUE(m_window->messageBar()->text().contains("in force"));
  const auto rows = audit();
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const AuditRow& row) {
    return row.action == "set threshold" && row.event.author == "ada" &&
           detailsText(row).find("confirmed by bob") != std::string::npos;
  }));
}

TEST_F(OfficeOfTwo, ChangesNothingWhenNobodyConfirms) {
  const double before = threshold();
  m_session->setRule({{before + 0.05}, 0.01});
  auto* dialog = confirmDialog();
  ASSERT_NE(dialog, nullptr);
  dialog->reject();
  ASSERT_TRUE(
      until([&] { return m_window->messageBar()->text().contains("Nothing was changed"); }));
  EXPECT_TRUE(isDialogGone());
  EXPECT_EQ(threshold(), before);
  // Locking takes the question away, too, and what was half typed.
  m_session->setRule({{before + 0.05}, 0.01});
  dialog = confirmDialog();
  ASSERT_NE(dialog, nullptr);
  QTest::keyClicks(dialog->secret(), QStringLiteral("violet"));
  m_window->lock();
  EXPECT_TRUE(until([&] { return m_window->page() == MainWindow::Page::Unlock; }));
  EXPECT_TRUE(isDialogGone());
}

TEST_F(OfficeOfTwo, AsksOneQuestionAfterTheOtherAndTakesNoAnswerForAnother) {
  const double before = threshold();
  m_session->setRule({{before + 0.05}, 0.01});
  auto* first = confirmDialog();
  ASSERT_NE(first, nullptr);
  m_session->setRule({{before + 0.09}, 0.02});
  QTest::qWait(200);
  EXPECT_EQ(m_window->findChildren<ConfirmDialog*>().size(), 1) << "the other one waits";
  const auto number = [&](const ConfirmDialog* dialog) {
    for (const auto* label : dialog->findChildren<QLabel*>())
      if (label->text().contains("instead of")) return label->text();
    return QString();
  };
  const auto question = number(first);
  first->reject();
  ConfirmDialog* second = nullptr;
  ASSERT_TRUE(until([&] {
    second = nullptr;
    for (auto* dialog : m_window->findChildren<ConfirmDialog*>())
      if (number(dialog) != question) second = dialog;
    return second != nullptr;
  }));
  QTest::keyClicks(second->secret(), QLatin1String(kBob));
  second->confirmButton()->click();
  ASSERT_TRUE(until([&] { return threshold() > before + 0.08; }));
  // What cannot be taken back now stays to be taken back later.
  m_session->undo();
  ASSERT_TRUE(until([&] { return m_window->findChild<ConfirmDialog*>() != nullptr; }));
  m_session->undo();  // once is enough
  m_window->findChild<ConfirmDialog*>()->reject();
  ASSERT_TRUE(
      until([&] { return m_window->messageBar()->text().contains("Nothing was changed"); }));
  EXPECT_TRUE(m_session->canUndo());
  EXPECT_GT(threshold(), before + 0.08);
}

TEST_F(OfficeOfTwo, GoesBackToTheNetworkBeforeInOneClick) {
  enrol("1", "Ada", 4);
  const auto first = m_session->service()->service;
  auto* page = m_window->networkPage();
  m_window->showPage(MainWindow::Page::Network);
  EXPECT_FALSE(page->goBackButton()->isVisible()) << "only one ever served";
  const auto confirm = [&] {
    auto* dialog = confirmDialog();
    ASSERT_NE(dialog, nullptr);
    QTest::keyClicks(dialog->secret(), QLatin1String(kBob));
    dialog->confirmButton()->click();
  };
  m_session->setRule({{first.rule.threshold.value + 0.01}, 0.01});
  confirm();
  ASSERT_TRUE(until([&] { return m_session->canUndo(); }));
  m_session->setRule(first.rule);
  confirm();
  ASSERT_TRUE(until([&] { return threshold() == first.rule.threshold.value; }));
  ASSERT_TRUE(isDialogGone());
  m_session->changeNetwork(test::writeRandomNetwork(m_folder.path(), "other", 2));
  confirm();
  ASSERT_TRUE(until([&] { return m_session->service()->service.identity != first.identity; }));
  ASSERT_TRUE(until([&] { return page->goBackButton()->isVisible(); }));
  ASSERT_TRUE(isDialogGone());
  page->goBackButton()->click();
  confirm();
  ASSERT_TRUE(until([&] { return m_session->service()->service.identity == first.identity; }));
  EXPECT_EQ(threshold(), first.rule.threshold.value) << "τ is the one of before";
  EXPECT_FALSE(m_session->canUndo()) << "rules of another network mean nothing now";
}

TEST_F(OfficeOfTwo, ErasesWhoeverIsDueAndGivesAReceipt) {
  const auto ada = enrol("1", "Ada Due", 4);
  enrol("2", "Bob Stays", 9);
  auto* page = m_window->peoplePage();
  m_window->showPage(MainWindow::Page::People);
  EXPECT_FALSE(page->dueButton()->isVisible());
  m_session->change("done", [ada](const Desk& desk) {
    return desk.repository().setGrounds(ada, {"consent", "counter", "2020-01-01"}, desk.author());
  });
  ASSERT_TRUE(until([&] { return page->dueButton()->isVisible(); }));
  EXPECT_TRUE(page->dueButton()->text().contains("1 person"));
  page->select(ada);
  ASSERT_TRUE(until([&] { return page->details().contains("Kept until 2020-01-01: consent"); }));
  const double before = threshold();
  m_session->setRule({{before + 0.01}, 0.01});
  auto* first = confirmDialog();
  QTest::keyClicks(first->secret(), QLatin1String(kBob));
  first->confirmButton()->click();
  ASSERT_TRUE(until([&] { return m_session->canUndo(); }));
  ASSERT_TRUE(isDialogGone());
  page->dueButton()->click();
  auto* dialog = m_window->findChild<ErasureDialog*>();
  ASSERT_NE(dialog, nullptr);
  EXPECT_FALSE(dialog->eraseButton()->isEnabled()) << "not by a slip of the hand";
  dialog->understood()->setChecked(true);
  dialog->eraseButton()->click();
  auto* second = confirmDialog();
  ASSERT_NE(second, nullptr);
  QTest::keyClicks(second->secret(), QLatin1String(kBob));
  second->confirmButton()->click();
  ASSERT_TRUE(until([&] { return m_session->people().size() == 1; }));
  EXPECT_EQ(m_session->people().front().person.identifier, "2");
  EXPECT_FALSE(m_session->canUndo()) << "what rested on them cannot come back";
  ReceiptDialog* receipt = nullptr;
  ASSERT_TRUE(until([&] {
    receipt = m_window->findChild<ReceiptDialog*>();
    return receipt != nullptr;
  }));
  const auto file = m_folder.path() / "receipt.pdf";
  ErasureReceipt made;
  made.event.author = "ada";
  made.people.push_back({{1}, "1", 3, 0});
  receipt->save(made, {}, QString::fromStdString(file.string()));
  EXPECT_TRUE(receipt->state()->text().contains("receipt.pdf was written"));
  EXPECT_EQ(readTextFile(file, 1U << 20U)->substr(0, 5), "%PDF-");
  const ErasureReceipt nothing;
  receipt->save(nothing, {}, "/nowhere/receipt.pdf");
  EXPECT_TRUE(receipt->isVisible()) << "until it was saved somewhere";
  receipt->close();
  EXPECT_TRUE(until([&] { return !page->dueButton()->isVisible(); }));
}

TEST_F(OfficeOfTwo, KeepsAccountsInTheWindow) {
  m_window->showPage(MainWindow::Page::Network);
  ASSERT_TRUE(until([&] { return m_window->networkPage()->accountsButton()->isVisible(); }));
  m_window->networkPage()->accountsButton()->click();
  auto* dialog = m_window->findChild<AccountsDialog*>();
  ASSERT_NE(dialog, nullptr);
  EXPECT_EQ(dialog->table()->rowCount(), 3) << "ada, bob and the recovery key";
  EXPECT_FALSE(dialog->addButton()->isEnabled());
  QTest::keyClicks(dialog->name(), QStringLiteral("cyd"));
  dialog->role()->setCurrentIndex(dialog->role()->findData(static_cast<int>(Role::Auditor)));
  QTest::keyClicks(dialog->passphrase(), QStringLiteral("pepper window galaxy"));
  QTest::keyClicks(dialog->again(), QStringLiteral("pepper window galaxy"));
  ASSERT_TRUE(dialog->addButton()->isEnabled());
  dialog->addButton()->click();
  ASSERT_TRUE(until([&] { return dialog->table()->rowCount() == 4; }))
      << dialog->state()->text().toStdString();
  EXPECT_TRUE(dialog->passphrase()->text().isEmpty());
  const auto rowOf = [&](const QString& name) {
    for (int row = 0; row < dialog->table()->rowCount(); ++row)
      if (dialog->table()->item(row, 0)->text().startsWith(name)) return row;
    return -1;
  };
  dialog->table()->selectRow(rowOf("ada"));
  EXPECT_FALSE(dialog->removeButton()->isEnabled()) << "not oneself";
  dialog->table()->selectRow(rowOf("bob"));
  dialog->removeButton()->click();
  EXPECT_TRUE(dialog->removeButton()->text().contains("bob")) << "asked once more";
  dialog->removeButton()->click();
  ASSERT_TRUE(until([&] { return dialog->table()->rowCount() == 3; }));
  EXPECT_FALSE(dialog->removeButton()->isEnabled()) << "whoever stands there now is another one";
  dialog->close();
  // Alone again: nobody has to confirm anything.
  const double before = threshold();
  m_session->setRule({{before + 0.05}, 0.01});
  EXPECT_TRUE(until([&] { return threshold() > before; }));
}

TEST_F(OfficeOfTwo, ChangesAPassphraseOnlyForWhoeverKnowsTheirOwn) {
  constexpr const char* kNew = "pepper window galaxy";
  m_window->showPage(MainWindow::Page::Network);
  ASSERT_TRUE(until([&] { return m_window->networkPage()->accountsButton()->isVisible(); }));
  m_window->networkPage()->accountsButton()->click();
  auto* dialog = m_window->findChild<AccountsDialog*>();
  ASSERT_NE(dialog, nullptr);
  ASSERT_TRUE(until([&] { return dialog->table()->rowCount() == 3; }));
  for (int row = 0; row < 3; ++row)
    if (dialog->table()->item(row, 0)->text().startsWith("ada")) dialog->table()->selectRow(row);
  const auto change = [&](const char* present) {
    dialog->passphrase()->setText(QString::fromLatin1(kNew));
    dialog->again()->setText(QString::fromLatin1(kNew));
    ASSERT_TRUE(dialog->passphraseButton()->isEnabled());
    dialog->passphraseButton()->click();
    auto* asked = dialog->findChild<PassphraseDialog*>();
    ASSERT_NE(asked, nullptr);
    QTest::keyClicks(asked->passphrase(), QString::fromLatin1(present));
    asked->goOn()->click();
    ASSERT_TRUE(until([&] { return dialog->findChild<PassphraseDialog*>() == nullptr; }));
    const auto moment = dialog->state()->text();
    ASSERT_TRUE(until([&] { return dialog->state()->text() != moment; }));
  };
  change("not what she types");
  EXPECT_TRUE(dialog->state()->text().contains("nothing was changed"))
      << dialog->state()->text().toStdString();
  change(kAda);
  EXPECT_TRUE(dialog->state()->text().contains("ada has another passphrase now"))
      << dialog->state()->text().toStdString();
  dialog->close();
  openAs("ada", kNew);
}

TEST_F(OfficeOfTwo, SearchesVerifiesAndSavesTheAudit) {
  const auto ada = enrol("10342", "Ana Lindqvist", 4);
  enrol("10417", "Tomasz Berger", 9);
  m_window->showPage(MainWindow::Page::Audit);
  auto* page = m_window->auditPage();
  auto* model = page->table()->model();
  ASSERT_TRUE(until([&] { return model->rowCount() >= 4; }));
  const int all = model->rowCount();
  EXPECT_TRUE(model->index(0, 5).data().toString().contains("10417")) << "the newest first";
  QTest::keyClicks(page->search(), QStringLiteral("lindqvist"));
  EXPECT_EQ(model->rowCount(), 1);
  page->search()->clear();
  page->showPerson(ada);
  EXPECT_EQ(model->rowCount(), 1);
  page->table()->selectRow(0);
  page->personButton()->click();
  EXPECT_EQ(model->rowCount(), all) << "everybody again";
  page->actions()->setCurrentIndex(page->actions()->findData("enrol"));
  Q_EMIT page->actions()->activated(page->actions()->currentIndex());
  EXPECT_EQ(model->rowCount(), 2);
  page->verifyButton()->click();
  ASSERT_TRUE(until([&] { return page->state()->text().contains("The chain holds"); }))
      << page->state()->text().toStdString();
  const auto file = [&](const char* name) {
    return QString::fromStdString((m_folder.path() / name).string());
  };
  page->saveCsv(file("audit.csv"));
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("audit.csv"); }));
  const auto csv = *readTextFile(m_folder.path() / "audit.csv", 1U << 20U);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3) << csv;
  EXPECT_NE(csv.find("ada,enrol,"), std::string::npos);
  page->savePdf(file("audit.pdf"));
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("audit.pdf"); }));
  EXPECT_EQ(readTextFile(m_folder.path() / "audit.pdf", 1U << 20U)->substr(0, 5), "%PDF-");
  page->appendHead(file("heads.txt"));
  page->appendHead(file("heads.txt"));
  const auto heads = *readTextFile(m_folder.path() / "heads.txt", 1U << 10U);
  EXPECT_EQ(std::count(heads.begin(), heads.end(), '\n'), 2);
  const auto rows = audit();
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                          [](const AuditRow& row) { return row.action == "export audit"; }),
            2);
}

TEST_F(OfficeOfTwo, ShowsAClerkNoAudit) {
  {
    m_session->lock();
    QTest::qWait(200);
    const auto store = Store::open(storeFolder(), Store::Access::Read, systemTime,
                                   withPassphrase("ada", Secret::of(kAda)));
    ASSERT_TRUE((*store)->addAccount(
        {"cyd", Role::Clerk, std::make_shared<const Secret>(Secret::of("pepper window galaxy")),
         KeyCost{}}));
  }
  openAs("cyd", "pepper window galaxy");
  m_window->showPage(MainWindow::Page::Audit);
  EXPECT_NE(m_window->page(), MainWindow::Page::Audit);
}

}  // namespace
}  // namespace countersign::ui
