// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/LockWatch.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QEvent>

namespace countersign::ui {

namespace {

constexpr const char* kLogin = "org.freedesktop.login1";
constexpr const char* kManagerPath = "/org/freedesktop/login1";
constexpr const char* kManager = "org.freedesktop.login1.Manager";
constexpr const char* kSession = "org.freedesktop.login1.Session";

}  // namespace

LockWatch::LockWatch(const QDBusConnection& session, const QDBusConnection& system, QObject* parent)
    : QObject(parent) {
  m_idle.setSingleShot(true);
  connect(&m_idle, &QTimer::timeout, this, &LockWatch::lockWanted);
  setIdleLimit(kUsualLimit);
  QCoreApplication::instance()->installEventFilter(this);
  if (session.isConnected()) {
    auto bus = session;
    // From whoever locks the screen on this desktop.
    for (const char* interface : {"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"})
      bus.connect(QString(), QString(), QLatin1String(interface), QStringLiteral("ActiveChanged"),
                  this, SLOT(screenChanged(bool)));
  }
  if (system.isConnected()) {
    auto bus = system;
    bus.connect(QLatin1String(kLogin), QLatin1String(kManagerPath), QLatin1String(kManager),
                QStringLiteral("PrepareForSleep"), this, SLOT(sleepChanged(bool)));
    findSession(system);
  }
}

LockWatch::~LockWatch() = default;

void LockWatch::findSession(const QDBusConnection& system) {
  auto question =
      QDBusMessage::createMethodCall(QLatin1String(kLogin), QLatin1String(kManagerPath),
                                     QLatin1String(kManager), QStringLiteral("GetSessionByPID"));
  question << static_cast<uint>(QCoreApplication::applicationPid());
  auto* answer = new QDBusPendingCallWatcher(system.asyncCall(question), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this,
          [this, system](QDBusPendingCallWatcher* call) {
            const QDBusPendingReply<QDBusObjectPath> reply = *call;
            call->deleteLater();
            if (reply.isError()) return;
            const auto path = reply.value().path();
            auto bus = system;
            bus.connect(QLatin1String(kLogin), path, QLatin1String(kSession),
                        QStringLiteral("Lock"), this, SLOT(sessionLocked()));
            bus.connect(QLatin1String(kLogin), path,
                        QStringLiteral("org.freedesktop.DBus.Properties"),
                        QStringLiteral("PropertiesChanged"), this,
                        SLOT(sessionChanged(QString, QVariantMap, QStringList)));
          });
}

void LockWatch::setIdleLimit(std::chrono::milliseconds limit) {
  m_idle.stop();
  m_idle.setInterval(limit);
  if (limit.count() > 0) m_idle.start();
}

bool LockWatch::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
    case QEvent::MouseMove:
    case QEvent::Wheel:
    case QEvent::TouchBegin:
    case QEvent::DragMove:
      if (m_idle.intervalAsDuration().count() > 0) m_idle.start();
      break;
    default:
      break;
  }
  return QObject::eventFilter(watched, event);
}

void LockWatch::screenChanged(bool isLocked) {
  if (isLocked) Q_EMIT lockWanted();
}

void LockWatch::sessionLocked() { Q_EMIT lockWanted(); }

void LockWatch::sessionChanged(const QString& interface, const QVariantMap& properties,
                               const QStringList& /*invalidated*/) {
  if (interface != QLatin1String(kSession)) return;
  const auto active = properties.constFind(QStringLiteral("Active"));
  if (active != properties.constEnd() && !active->toBool()) Q_EMIT lockWanted();
}

void LockWatch::sleepChanged(bool isGoingToSleep) {
  if (isGoingToSleep) Q_EMIT lockWanted();
}

}  // namespace countersign::ui
