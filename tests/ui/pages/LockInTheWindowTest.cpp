// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "tests/ui/support/WindowFixture.h"
#include "ui/widgets/UnlockDialog.h"

namespace countersign::ui {
namespace {

constexpr const char* kPassphrase = "tomato lantern glacier";

/// A store that somebody encrypted, with the window in front of it.
class UnlockInTheWindow : public WindowFixture {
 protected:
  void SetUp() override {
    const auto keys = protectStore(
        storeFolder(), {"ada", Role::Administrator,
                        std::make_shared<const Secret>(Secret::of(kPassphrase)), KeyCost{}});
    ASSERT_TRUE(keys) << keys.error().message;
    m_recovery = QString::fromStdString(keys->recovery);
    m_session =
        std::make_unique<OfficeSession>(OfficeSession::ShippedNetworks{m_network, m_faceNetwork});
    m_window = std::make_unique<MainWindow>(*m_session, storeFolder(), m_folder.path() / "sample");
    m_window->show();
    m_session->open(storeFolder());
  }
  UnlockDialog* dialog() {
    UnlockDialog* found = nullptr;
    EXPECT_TRUE(until([&] {
      found = m_window->findChild<UnlockDialog*>();
      return found != nullptr && found->isVisible();
    }));
    return found;
  }

  QString m_recovery;
};

TEST_F(UnlockInTheWindow, OpensTheStoreByThePassphrase) {
  auto* asked = dialog();
  ASSERT_NE(asked, nullptr);
  EXPECT_FALSE(m_session->isOpen());
  EXPECT_EQ(asked->accounts()->currentText(), QStringLiteral("ada"));
  EXPECT_FALSE(asked->unlockButton()->isEnabled());
  EXPECT_EQ(asked->secret()->echoMode(), QLineEdit::Password);
  QTest::keyClicks(asked->secret(), QLatin1String(kPassphrase));
  QTest::keyClick(asked->secret(), Qt::Key_Return);
  ASSERT_TRUE(until([&] { return m_session->isOpen() && m_session->service().has_value(); }));
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

TEST_F(UnlockInTheWindow, AsksAgainAfterAWrongPassphraseAndKeepsNothingOfIt) {
  auto* asked = dialog();
  QTest::keyClicks(asked->secret(), QStringLiteral("not this one, surely"));
  asked->unlockButton()->click();
  EXPECT_TRUE(asked->secret()->text().isEmpty());
  UnlockDialog* again = nullptr;
  ASSERT_TRUE(until([&] {
    again = m_window->findChild<UnlockDialog*>();
    return again != nullptr && again->isVisible() && !again->problem()->text().isEmpty();
  }));
  EXPECT_EQ(again->problem()->text(), QStringLiteral("The passphrase is not right."));
  EXPECT_FALSE(m_session->isOpen());
  again->useKey()->setChecked(true);
  EXPECT_FALSE(again->accounts()->isEnabled());
  QTest::keyClicks(again->secret(), m_recovery.toLower());
  again->unlockButton()->click();
  ASSERT_TRUE(until([&] { return m_session->isOpen(); }));
}

}  // namespace
}  // namespace countersign::ui
