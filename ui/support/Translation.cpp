// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/support/Translation.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTranslator>

namespace countersign::ui {

void installTranslations(QCoreApplication& application) {
  const auto install = [&](const QLocale& locale) {
    auto* translator = new QTranslator(&application);
    if (translator->load(locale, QStringLiteral("countersign"), QStringLiteral("_"),
                         QStringLiteral(":/translations")))
      QCoreApplication::installTranslator(translator);
    else
      delete translator;
  };
  install(QLocale(QLocale::English));
  if (QLocale().language() != QLocale::English) install(QLocale());
}

}  // namespace countersign::ui
