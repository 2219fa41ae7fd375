// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/LockWatch.h"

#include <gtest/gtest.h>

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusVirtualObject>
#include <QProcess>

#include "tests/ui/support/WindowFixture.h"

namespace countersign::ui {
namespace {

constexpr const char* kSessionPath = "/org/freedesktop/login1/session/_32";

/// Answers as the login manager does.
class LoginManager final : public QDBusVirtualObject {
 public:
  QString introspect(const QString& /*path*/) const override { return {}; }
  bool handleMessage(const QDBusMessage& message, const QDBusConnection& connection) override {
    if (message.member() != QStringLiteral("GetSessionByPID")) return false;
    m_isAsked = true;
    return connection.send(
        message.createReply(QVariant::fromValue(QDBusObjectPath(QLatin1String(kSessionPath)))));
  }
  bool isAsked() const { return m_isAsked; }

 private:
  bool m_isAsked = false;
};

/// A bus of the test's own, on which it plays the desktop.
class LockWatchOnABus : public testing::Test {
 protected:
  void SetUp() override {
    m_daemon.start(QStringLiteral("dbus-daemon"),
                   {QStringLiteral("--session"), QStringLiteral("--nofork"),
                    QStringLiteral("--print-address")});
    ASSERT_TRUE(m_daemon.waitForStarted() && m_daemon.waitForReadyRead())
        << "dbus-daemon is wanted: app/setup --checks";
    const auto address = QString::fromUtf8(m_daemon.readLine()).trimmed();
    const auto bus = QDBusConnection::connectToBus(address, QStringLiteral("desk"));
    m_desktop = QDBusConnection::connectToBus(address, QStringLiteral("desktop"));
    ASSERT_TRUE(bus.isConnected() && m_desktop.isConnected());
    ASSERT_TRUE(m_desktop.registerVirtualObject(QStringLiteral("/org/freedesktop/login1"), &m_login,
                                                QDBusConnection::SubPath));
    ASSERT_TRUE(m_desktop.registerService(QStringLiteral("org.freedesktop.login1")));
    m_watch = std::make_unique<LockWatch>(bus, bus);
    QObject::connect(m_watch.get(), &LockWatch::lockWanted, [this] { ++m_locks; });
    ASSERT_TRUE(until([&] { return m_login.isAsked(); }));
    QTest::qWait(100);  // the answer is heard
  }
  void TearDown() override {
    m_watch.reset();
    m_desktop.unregisterObject(QStringLiteral("/org/freedesktop/login1"));
    QDBusConnection::disconnectFromBus(QStringLiteral("desk"));
    QDBusConnection::disconnectFromBus(QStringLiteral("desktop"));
    m_daemon.kill();
    m_daemon.waitForFinished();
  }
  void send(const QString& path, const QString& interface, const QString& name,
            const QVariantList& arguments) {
    auto signal = QDBusMessage::createSignal(path, interface, name);
    signal.setArguments(arguments);
    ASSERT_TRUE(m_desktop.send(signal));
    QTest::qWait(100);
  }

  QProcess m_daemon;
  QDBusConnection m_desktop{QStringLiteral("desktop")};
  LoginManager m_login;
  std::unique_ptr<LockWatch> m_watch;
  int m_locks = 0;
};

TEST_F(LockWatchOnABus, LocksWithTheScreen) {
  for (const char* name : {"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"}) {
    m_locks = 0;
    const auto path = QStringLiteral("/ScreenSaver");
    send(path, QLatin1String(name), QStringLiteral("ActiveChanged"), {false});
    EXPECT_EQ(m_locks, 0) << name;
    send(path, QLatin1String(name), QStringLiteral("ActiveChanged"), {true});
    EXPECT_EQ(m_locks, 1) << name;
  }
  send(QLatin1String(kSessionPath), QStringLiteral("org.freedesktop.login1.Session"),
       QStringLiteral("Lock"), {});
  EXPECT_EQ(m_locks, 2);
  send(QStringLiteral("/org/freedesktop/login1/session/_99"),
       QStringLiteral("org.freedesktop.login1.Session"), QStringLiteral("Lock"), {});
  EXPECT_EQ(m_locks, 2) << "somebody else's";
}

TEST_F(LockWatchOnABus, LocksWhenAnotherUserTakesOverAndBeforeSleep) {
  const auto change = [&](const QVariantMap& properties) {
    send(QLatin1String(kSessionPath), QStringLiteral("org.freedesktop.DBus.Properties"),
         QStringLiteral("PropertiesChanged"),
         {QStringLiteral("org.freedesktop.login1.Session"), properties, QStringList()});
  };
  change({{QStringLiteral("IdleHint"), false}});
  change({{QStringLiteral("Active"), true}});
  EXPECT_EQ(m_locks, 0);
  change({{QStringLiteral("Active"), false}});
  EXPECT_EQ(m_locks, 1);
  const auto sleep = [&](bool isGoing) {
    send(QStringLiteral("/org/freedesktop/login1"),
         QStringLiteral("org.freedesktop.login1.Manager"), QStringLiteral("PrepareForSleep"),
         {isGoing});
  };
  sleep(true);
  EXPECT_EQ(m_locks, 2);
  sleep(false);
  EXPECT_EQ(m_locks, 2) << "it woke up";
}

}  // namespace
}  // namespace countersign::ui
