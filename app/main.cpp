// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <QApplication>
#include <QCommandLineParser>
#include <QIcon>
#include <QSocketNotifier>
#include <clocale>
#include <csignal>
#include <cstdio>

#include "app/ModelFolder.h"
#include "core/imaging/ImageDecoder.h"
#include "core/metric/Backend.h"
#include "core/storage/ServerAddress.h"
#include "core/storage/Store.h"
#include "ui/MainWindow.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/support/Theme.h"
#include "ui/support/Translation.h"
#include "ui/widgets/ServerPrompt.h"

namespace countersign {

namespace {

ui::ThemeChoice themeNamed(const QString& name) {
  if (name == QLatin1String("light")) return ui::ThemeChoice::Light;
  return name == QLatin1String("dark") ? ui::ThemeChoice::Dark : ui::ThemeChoice::Desktop;
}

int signalPipe = -1;

/// At the end of a session the system asks programs to end: the store is closed, and the next
/// opening has nothing to tell.
void quitOnSignals(QApplication& application) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
  signalPipe = ends[1];
  auto* notifier = new QSocketNotifier(ends[0], QSocketNotifier::Read, &application);
  QObject::connect(notifier, &QSocketNotifier::activated, &application, &QApplication::quit);
  for (const int number : {SIGTERM, SIGHUP, SIGINT})
    std::signal(number, [](int) {
      const char word = 'q';
      [[maybe_unused]] const auto written = ::write(signalPipe, &word, 1);
    });
}

int run(QApplication& application) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      QApplication::translate("main", "Is this signature the same person's as the ones on file?"));
  parser.addHelpOption();
  parser.addVersionOption();
  const QCommandLineOption store(
      "store",
      QApplication::translate("main", "Folder of the store, or postgresql://user@host/database."),
      "store");
  const QCommandLineOption models(
      "models", QApplication::translate("main", "Folder with the networks."), "folder");
  const QCommandLineOption theme(
      "theme", QApplication::translate("main", "desktop, light or dark."), "name", "desktop");
  // For the test of the start-up time: ends as soon as the window can be worked with.
  QCommandLineOption measure("measure-start");
  measure.setFlags(QCommandLineOption::HiddenFromHelp);
  parser.addOptions({store, models, theme, measure});
  parser.process(application);
  const auto modelFolder = findModelFolder(parser.value(models).toStdString());
  if (!modelFolder) {
    std::fprintf(stderr, "%s\n", modelFolder.error().message.c_str());
    return 2;
  }
  ui::applyTheme(application, themeNamed(parser.value(theme)));
  QApplication::setWindowIcon(ui::icon(QStringLiteral("logo"), ui::colours().accent));
  const auto named = storeFolderNamed(parser.isSet(store) ? parser.value(store).toStdString()
                                                          : defaultStoreFolder().string());
  if (!named) {
    std::fprintf(stderr, "%s\n", named.error().message.c_str());
    return 2;
  }
  const auto& folder = *named;
  ui::OfficeSession session({defaultNetwork(*modelFolder, Modality::Signature),
                             defaultNetwork(*modelFolder, Modality::Face)});
  ui::MainWindow window(session, folder, defaultStoreFolder().parent_path() / "sample-office");
  if (parser.isSet(measure))
    QObject::connect(&session, &ui::OfficeSession::serviceChanged, &application, [&] {
      window.repaint();
      std::printf("%zu people\n", session.people().size());
      QApplication::quit();
    });
  quitOnSignals(application);
  window.resize(1200, 780);
  window.show();
  window.serverPrompt().open(folder);
  return QApplication::exec();
}

}  // namespace

}  // namespace countersign

int main(int argc, char** argv) try {
  // One signature at a time is too small to share out between cores.
  countersign::setComputeThreads(1);
  countersign::ImageDecoder::shared().start();
  QApplication application(argc, argv);
  std::setlocale(LC_NUMERIC, "C");  // Qt has set the environment's; core reads and writes numbers
  QApplication::setApplicationName(QStringLiteral("countersign"));
  QApplication::setApplicationDisplayName(QStringLiteral("Countersign"));
  QApplication::setApplicationVersion(QStringLiteral(COUNTERSIGN_VERSION));
  countersign::ui::installTranslations(application);
  return countersign::run(application);
} catch (const std::exception& e) {
  std::fprintf(stderr, "Something went wrong that Countersign did not expect: %s\n", e.what());
  return 2;
}
