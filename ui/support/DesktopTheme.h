// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusVariant>
#include <QObject>

namespace countersign::ui {

/// Whether the desktop asks for dark windows, by the freedesktop appearance portal; on desktops
/// without one, by the lightness of the palette that Qt was given.
class DesktopTheme final : public QObject {
  Q_OBJECT

 public:
  DesktopTheme();
  bool isDark() const { return m_isDark; }

 Q_SIGNALS:
  void changed(bool isDark);

 private:
  Q_SLOT void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);
  bool m_isDark = false;
};

}  // namespace countersign::ui
