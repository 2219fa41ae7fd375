// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/DesktopTheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QGuiApplication>
#include <QPalette>

namespace countersign::ui {

namespace {

constexpr const char* kService = "org.freedesktop.portal.Desktop";
constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kInterface = "org.freedesktop.portal.Settings";
constexpr const char* kGroup = "org.freedesktop.appearance";
constexpr const char* kKey = "color-scheme";
constexpr uint kPrefersDark = 1;

/// The portal wraps the value in one variant or in two.
QVariant unwrapped(QVariant value) {
  while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
  return value;
}

}  // namespace

DesktopTheme::DesktopTheme() {
  constexpr int kDark = 128;
  m_isDark = QGuiApplication::palette().color(QPalette::Window).lightness() < kDark;
  auto bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  auto question = QDBusMessage::createMethodCall(QLatin1String(kService), QLatin1String(kPath),
                                                 QLatin1String(kInterface), QStringLiteral("Read"));
  question << QLatin1String(kGroup) << QLatin1String(kKey);
  constexpr int kPatience = 200;  // ms; a desktop without a portal must not delay the start
  const auto answer = bus.call(question, QDBus::Block, kPatience);
  if (answer.type() == QDBusMessage::ReplyMessage && !answer.arguments().isEmpty())
    m_isDark = unwrapped(answer.arguments().constFirst()).toUInt() == kPrefersDark;
  bus.connect(QLatin1String(kService), QLatin1String(kPath), QLatin1String(kInterface),
              QStringLiteral("SettingChanged"), this,
              SLOT(settingChanged(QString, QString, QDBusVariant)));
}

void DesktopTheme::settingChanged(const QString& group, const QString& key,
                                  const QDBusVariant& value) {
  if (group != QLatin1String(kGroup) || key != QLatin1String(kKey)) return;
  const bool isDark = unwrapped(value.variant()).toUInt() == kPrefersDark;
  if (isDark == m_isDark) return;
  m_isDark = isDark;
  Q_EMIT changed(isDark);
}

}  // namespace countersign::ui
