// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <QApplication>
#include <QSettings>
#include <QTemporaryDir>
#include <clocale>

#include "core/metric/Backend.h"
#include "ui/support/Theme.h"
#include "ui/support/Translation.h"

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
  countersign::setComputeThreads(1);
  QApplication application(argc, argv);
  // What a test sets is not what whoever runs it has set.
  const QTemporaryDir settings;
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
  std::setlocale(LC_NUMERIC, "C");
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom));
  countersign::ui::installTranslations(application);
  countersign::ui::applyTheme(application, countersign::ui::ThemeChoice::Light);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
