// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>
#include <QVariantMap>
#include <chrono>

class QDBusConnection;
class QDBusPendingCallWatcher;

namespace countersign::ui {

/// Says when nobody sits at the desk any more: no key or mouse for a while, the desktop's screen
/// was locked, another user took over, or the computer goes to sleep.
class LockWatch final : public QObject {
  Q_OBJECT

 public:
  static constexpr std::chrono::minutes kUsualLimit{5};

  /// @param session, system  buses that tell of the screen and of the user's session; what is not
  ///                         connected tells nothing.
  LockWatch(const QDBusConnection& session, const QDBusConnection& system,
            QObject* parent = nullptr);
  ~LockWatch() override;

  /// Zero: never because of time.
  void setIdleLimit(std::chrono::milliseconds limit);

 Q_SIGNALS:
  void lockWanted();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private Q_SLOTS:
  void screenChanged(bool isLocked);
  void sessionLocked();
  void sessionChanged(const QString& interface, const QVariantMap& properties,
                      const QStringList& invalidated);
  void sleepChanged(bool isGoingToSleep);

 private:
  void findSession(const QDBusConnection& system);

  QTimer m_idle;
};

}  // namespace countersign::ui
