// SPDX-License-Identifier: GPL-3.0-or-later
//
// Pictures of every page and state, light and dark, at scale 1 and 2, in a small and a large
// window:
//
//     countersign_screenshots FOLDER
//
// Needs no display. Each run makes a store of its own in a temporary folder.
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QProcess>
#include <QPushButton>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <cstdio>
#include <opencv2/imgproc.hpp>

#include "core/corpus/SyntheticCorpus.h"
#include "core/corpus/SyntheticFace.h"
#include "core/office/SampleOffice.h"
#include "core/storage/ServerAddress.h"
#include "tests/support/PostgresServer.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"
#include "ui/MainWindow.h"
#include "ui/jobs/OfficeSession.h"
#include "ui/jobs/TrainingSession.h"
#include "ui/pages/AuditPage.h"
#include "ui/pages/BlindPanel.h"
#include "ui/pages/ComparisonPanel.h"
#include "ui/pages/EnrolPanel.h"
#include "ui/pages/ExplorePage.h"
#include "ui/pages/HistoryPage.h"
#include "ui/pages/IdentifyPage.h"
#include "ui/pages/LikenessPanel.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/PeoplePage.h"
#include "ui/pages/RecordPanel.h"
#include "ui/pages/RunsPanel.h"
#include "ui/pages/SetUpPage.h"
#include "ui/pages/ThresholdGoalPanel.h"
#include "ui/pages/ThresholdPage.h"
#include "ui/pages/TrainPage.h"
#include "ui/pages/TrainProgressPanel.h"
#include "ui/pages/TrainSetupPanel.h"
#include "ui/pages/UnlockPage.h"
#include "ui/pages/VerifyPage.h"
#include "ui/support/DecisionReport.h"
#include "ui/support/SecretField.h"
#include "ui/support/Theme.h"
#include "ui/support/ThresholdViews.h"
#include "ui/support/Translation.h"
#include "ui/widgets/CameraDialog.h"
#include "ui/widgets/CompareView.h"
#include "ui/widgets/ConfirmDialog.h"
#include "ui/widgets/CropDialog.h"
#include "ui/widgets/EmbeddingMapView.h"
#include "ui/widgets/ErasureDialog.h"
#include "ui/widgets/GroundsDialog.h"
#include "ui/widgets/ImageDrop.h"
#include "ui/widgets/MergeDialog.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/OptionsForm.h"
#include "ui/widgets/PairGallery.h"
#include "ui/widgets/PersonPicker.h"
#include "ui/widgets/PersonThresholdDialog.h"
#include "ui/widgets/PolicyDialog.h"
#include "ui/widgets/ReferenceStrip.h"
#include "ui/widgets/RestoreDialog.h"
#include "ui/widgets/ServerDialog.h"
#include "ui/widgets/ServerPrompt.h"
#include "ui/widgets/SimilarityMatrixView.h"
#include "ui/widgets/ThresholdPanel.h"
#include "ui/widgets/ThresholdPlot.h"

namespace countersign::ui {
namespace {

/// Walks through the program and takes a picture at each stop.
class Tour {
 public:
  Tour(QString folder, QString suffix, QSize size)
      : m_target(std::move(folder)), m_suffix(std::move(suffix)), m_size(size) {}

  bool run() {
    if (qEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") == QStringLiteral("locked"))
      return locked();
    if (qEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") == QStringLiteral("accounts"))
      return accounts();
    if (qEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") == QStringLiteral("shared"))
      return shared();
    OfficeSession session({COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors",
                           COUNTERSIGN_SOURCE_DIR "/models/face/face.safetensors"});
    MainWindow window(session, m_folder.path() / "own", m_folder.path() / "sample");
    window.resize(m_size);
    window.show();
    m_window = &window;
    m_session = &session;
    session.open(test::storeIn(m_folder.path() / "own"));
    if (!until([&] { return session.isOpen() && window.page() == MainWindow::Page::Welcome; }))
      return false;
    take("welcome");
    window.showPage(MainWindow::Page::People);
    take("people-empty");
    window.showPage(MainWindow::Page::History);
    take("history-empty");
    window.showPage(MainWindow::Page::Verify);
    take("verify-empty");
    // Quicker while one works on these pages.
    if (qEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") == QStringLiteral("evidence"))
      return openSampleOffice() && evidence() && verify();
    if (qEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") == QStringLiteral("rules"))
      return openSampleOffice() && rules();
    if (qEnvironmentVariable("COUNTERSIGN_SCREENSHOTS") == QStringLiteral("faces"))
      return openSampleOffice() && faces();
    return enrol() && openSampleOffice() && faces() && verify() && identify() && train() &&
           evidence() && rest() && rules() && locked() && accounts() && shared();
  }

 private:
  bool locked() {
    const auto store = m_folder.path() / "locked";
    const QString passphrase = QStringLiteral("tomato lantern glacier");
    OfficeSession session({COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors", {}});
    MainWindow window(session, store, m_folder.path() / "sample");
    window.resize(m_size);
    window.show();
    m_window = &window;
    m_session = &session;
    session.open(store);
    if (!until([&] { return window.page() == MainWindow::Page::SetUp; })) return false;
    settle();
    take("set-up");
    auto* page = window.setUpPage();
    page->name()->setText(QStringLiteral("Margarethe Lund"));
    page->passphrase()->setText(QStringLiteral("password1234"));
    settle();
    take("set-up-poor");
    page->passphrase()->setText(passphrase);
    page->again()->setText(passphrase);
    settle();
    take("set-up-ready");
    page->setUpButton()->click();
    if (!until([&] { return page->isShowingKey(); })) return false;
    settle();
    take("recovery-key");
    if (!page->saveKey(m_target + QStringLiteral("/recovery-key-") + m_suffix +
                       QStringLiteral(".pdf")))
      return false;
    page->kept()->setChecked(true);
    page->openButton()->click();
    if (!until([&] { return session.isOpen() && window.page() == MainWindow::Page::Welcome; }))
      return false;
    settle();
    take("set-up-done");
    window.lock();
    settle();
    take("locked");
    auto* unlock = window.unlockPage();
    unlock->secret()->setText(QStringLiteral("not this one, surely"));
    unlock->unlockButton()->click();
    if (!until([&] { return !unlock->problem()->text().isEmpty(); })) return false;
    settle();
    take("unlock-wrong");
    unlock->useKey()->setChecked(true);
    settle();
    take("unlock-key");
    std::filesystem::create_directories(m_folder.path() / "old");
    test::writeBytes(m_folder.path() / "old" / "store.db",
                     *readFile(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v2/store.db", 1U << 24U));
    session.open(m_folder.path() / "old");
    if (!until([&] { return window.page() == MainWindow::Page::SetUp; })) return false;
    settle();
    take("encrypt");
    return true;
  }

  /// A store on a server, which another desk works with, and which goes away.
  bool shared() {
    test::PostgresServer server({.authentication = "scram-sha-256"});
    const auto url = server.newDatabase();
    const auto store = m_folder.path() / "shared";
    OfficeSession session({COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors", {}});
    MainWindow window(session, store, m_folder.path() / "sample");
    window.resize(m_size);
    window.show();
    m_window = &window;
    m_session = &session;
    session.open(store);
    if (!until([&] { return window.page() == MainWindow::Page::SetUp; })) return false;
    const auto dialog = [&] { return window.serverPrompt().dialog(); };
    const auto isAnswered = [&] {
      return !dialog()->isSaving() && dialog()->problem()->isVisible();
    };
    window.setUpPage()->serverButton()->click();
    settle();
    grab(*dialog(), "server");
    dialog()->address()->setText(QString::fromStdString(url));
    dialog()->connectButton()->click();
    if (!until(isAnswered)) return false;
    settle();
    grab(*dialog(), "server-refused");
    rememberServerPassword(*serverAddressOf(url), std::make_shared<const Secret>(
                                                      Secret::of(test::PostgresServer::kPassword)));
    dialog()->reject();
    if (!protectOpenly(store, "ada")) return false;
    session.open(store);
    if (!until([&] { return session.isOpen(); })) return false;
    const auto folder = m_folder.path() / "other desk";
    std::filesystem::create_directories(folder);
    for (const char* file : {"server.url", kOpenKeyFile})
      std::filesystem::copy_file(store / file, folder / file);
    const auto other = Store::open(folder, Store::Access::Write);
    if (!other) return false;
    const auto ada = (*other)->repository().enrol(
        {"10342", "Ada King", {test::plainReference("a", session.service()->service.identity)}},
        {"eve"});
    if (!ada || !until([&] { return session.people().size() == 1; })) return false;
    auto* people = window.peoplePage();
    window.showPage(MainWindow::Page::People);
    people->select(ada->person.key);
    settle();
    people->groundsButton()->click();
    GroundsDialog* grounds = nullptr;
    if (!until([&] { return (grounds = window.findChild<GroundsDialog*>()) != nullptr; }))
      return false;
    grounds->purpose()->setText(QStringLiteral("signatures at the counter"));
    if (!(*other)->repository().setGrounds(ada->person.key, {"consent", "by post", ""}, {"eve"}))
      return false;
    grounds->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Save)->click();
    if (!until([&] { return grounds->problem()->isVisible(); })) return false;
    settle();
    grab(*grounds, "second-to-save");
    grounds->reject();
    server.kill();
    if (!until([&] { return session.isConnectionLost(); })) return false;
    settle();
    take("server-away");
    session.openAgain();
    if (!until([&] { return dialog() != nullptr && isAnswered(); })) return false;
    settle();
    take("server-away-at-opening");
    grab(*dialog(), "server-away-dialog");
    dialog()->reject();
    settle();
    take("server-away-and-closed");
    return true;
  }

  /// A store of two accounts with people whose time is over.
  bool accounts() {
    const auto store = m_folder.path() / "accounts";
    const auto secret = [](const char* text) {
      return std::make_shared<const Secret>(Secret::of(text));
    };
    constexpr const char* kPassphrase = "tomato lantern glacier";
    constexpr const char* kSecond = "violet harbour tractor";
    const auto credential = withPassphrase("Margarethe Lund", Secret::of(kPassphrase));
    if (!setUpStore(store,
                    {"Margarethe Lund", Role::Administrator, secret(kPassphrase), KeyCost{}}))
      return false;
    {
      const auto opened = Store::open(store, Store::Access::Write, systemTime, credential);
      if (!opened ||
          !(*opened)->addAccount({"Henrik Dahl", Role::Supervisor, secret(kSecond), KeyCost{}}) ||
          !(*opened)->addAccount({"nightly", Role::Auditor}))
        return false;
    }
    OfficeSession session({COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors", {}});
    MainWindow window(session, store, m_folder.path() / "sample");
    window.resize(m_size);
    window.show();
    m_window = &window;
    m_session = &session;
    session.open(store, credential);
    if (!until([&] { return session.isOpen() && session.service().has_value(); })) return false;
    if (!fillAccounts()) return false;
    window.showPage(MainWindow::Page::People);
    if (!until([&] { return window.peoplePage()->dueButton()->isVisible(); })) return false;
    settle();
    take("people-due");
    window.peoplePage()->groundsButton()->click();
    if (!grabDialog("grounds")) return false;
    window.peoplePage()->exportTo(QStringLiteral("people.csp"),
                                  {session.people().front().person.key});
    if (!grabDialog("export")) return false;
    window.peoplePage()->dueButton()->click();
    auto* erasure = window.findChild<ErasureDialog*>();
    if (erasure == nullptr) return false;
    erasure->understood()->setChecked(true);
    grab(*erasure, "erasure");
    erasure->eraseButton()->click();
    ConfirmDialog* confirm = nullptr;
    const auto isAsked = [&] {
      confirm = window.findChild<ConfirmDialog*>();
      return confirm != nullptr;
    };
    if (!until(isAsked)) return false;
    confirm->secret()->setText(QStringLiteral("not this one"));
    confirm->confirmButton()->click();
    if (!until([&] { return !confirm->problem()->text().isEmpty(); })) return false;
    grab(*confirm, "confirm");
    confirm->secret()->setText(QLatin1String(kSecond));
    confirm->confirmButton()->click();
    ReceiptDialog* receipt = nullptr;
    if (!until([&] {
          receipt = window.findChild<ReceiptDialog*>();
          return receipt != nullptr;
        }))
      return false;
    settle();
    grab(*receipt, "erased");
    receipt->close();
    window.showPage(MainWindow::Page::History);
    settle();
    window.historyPage()->table()->selectRow(window.historyPage()->table()->model()->rowCount() -
                                             1);
    settle();
    take("history-erased");
    session.changeNetwork(COUNTERSIGN_SOURCE_DIR
                          "/models/signature-synthetic/signature-synthetic.safetensors");
    if (!until(isAsked)) return false;
    confirm->secret()->setText(QLatin1String(kSecond));
    confirm->confirmButton()->click();
    window.showPage(MainWindow::Page::Network);
    if (!until([&] { return window.networkPage()->goBackButton()->isVisible(); })) return false;
    settle();
    take("network-before");
    window.networkPage()->accountsButton()->click();
    if (!grabDialog("accounts")) return false;
    window.showPage(MainWindow::Page::Audit);
    auto* audit = window.auditPage();
    if (!until([&] { return audit->table()->model()->rowCount() > 20; })) return false;
    audit->verifyButton()->click();
    if (!until([&] { return audit->state()->text().contains(QStringLiteral("holds")); }))
      return false;
    settle();
    take("audit");
    audit->savePdf(m_target + QStringLiteral("/audit-") + m_suffix + QStringLiteral(".pdf"));
    settle();
    audit->showPerson(session.people().front().person.key);
    audit->table()->selectRow(0);
    settle();
    take("audit-person");
    return true;
  }

  /// Twelve people, three of them due, and some decisions.
  bool fillAccounts() {
    constexpr const char* kNames[] = {"Ana Lindqvist",   "Tomasz Berger",   "Ines Carvalho",
                                      "Wilhelm Osei",    "Sofia Marchetti", "Jonas Petrauskas",
                                      "Amélie Fournier", "Rashid Karimi"};
    bool isDone = false;
    m_session->saveWithDesk<std::monostate>(
        m_session,
        [&](const Desk& desk) -> Status {
          std::uint64_t number = 0;
          for (const char* name : kNames) {
            ++number;
            std::vector<std::shared_ptr<const ExaminedImage>> images;
            const auto image = [&](std::uint64_t index) {
              return std::make_shared<const ExaminedImage>(*desk.examine(
                  test::encoded(test::signatureDrawing(number, index), ".png"), "scan.png"));
            };
            for (std::uint64_t i = 0; i < 4; ++i) images.push_back(image(i));
            const auto enrolled = desk.enrol(std::to_string(10300 + 7 * number), name, images,
                                             {"contract", "signatures at the counter",
                                              number % 3 == 1 ? "2025-12-31" : "2035-12-31"});
            if (!enrolled) return enrolled.error();
            const auto examined = desk.verify(enrolled->person.key, image(9));
            if (!examined) return examined.error();
            const auto recorded =
                desk.record(*examined, {Finding::Match, "cheque 30" + std::to_string(number), {}});
            if (!recorded) return recorded.error();
          }
          return ok();
        },
        [&](const Status& status) { isDone = static_cast<bool>(status); });
    if (!until([&] { return isDone; })) return false;
    m_session->reload();
    return until([&] { return m_session->people().size() == std::size(kNames); });
  }

  /// The dialog that is open, or about to be; then closes it.
  bool grabDialog(const char* name) {
    QDialog* dialog = nullptr;
    if (!until([&] {
          dialog = m_window->findChild<QDialog*>();
          return dialog != nullptr && dialog->isVisible();
        }))
      return false;
    settle();
    grab(*dialog, name);
    dialog->close();
    return until([&] { return m_window->findChild<QDialog*>() == nullptr; });
  }

  bool enrol() {
    auto* people = m_window->peoplePage();
    m_window->showPage(MainWindow::Page::People);
    people->enrol({});
    take("enrol-empty");
    auto* panel = people->enrolPanel();
    panel->identifier()->setText("20417");
    panel->name()->setText("Ines Carvalho");
    QList<ImageSource> sources;
    for (std::uint64_t i = 0; i < 4; ++i) {
      const auto path = m_folder.path() / ("scan-" + std::to_string(i + 1) + ".png");
      // The third is somebody else's.
      test::writeBytes(path, test::encoded(test::signatureDrawing(i == 2 ? 9 : 4, i), ".png"));
      sources.push_back({QString::fromStdString(path.string()), {}});
    }
    const auto blank = m_folder.path() / "empty-page.png";
    test::writeBytes(blank, test::encoded(cv::Mat(200, 400, CV_8UC1, cv::Scalar(245)), ".png"));
    sources.push_back({QString::fromStdString(blank.string()), {}});
    panel->takeImages(sources);
    if (!until([&] { return panel->imageCount() == 5; })) return false;
    settle();
    take("enrol-images");
    panel->crop(0);
    auto* dialog = m_window->findChild<CropDialog*>();
    if (dialog == nullptr) return false;
    dialog->resize(820, 520);
    dialog->frame()->setCrop({60, 30, 400, 220});
    dialog->rotation()->setValue(6);
    settle();
    grab(*dialog, "crop");
    dialog->reject();
    panel->remove(4);
    settle();
    panel->saveButton()->click();
    if (!until([&] { return m_session->people().size() == 1; })) return false;
    settle();
    take("people-enrolled");
    // A wrong file.
    const auto wrong = m_folder.path() / "letter.pdf";
    test::writeBytes(wrong, Bytes(100, 'x'));
    m_window->showPage(MainWindow::Page::Verify);
    m_window->verifyPage()->takeImage({QString::fromStdString(wrong.string()), {}});
    settle();
    take("verify-wrong-file");
    return true;
  }

  bool openSampleOffice() {
    m_session->openSampleOffice(m_folder.path() / "sample");
    settle(1200);
    take("job-running");
    return until([&] { return m_session->isSampleOffice() && m_session->people().size() == 12; }) &&
           until([&] { return m_session->service() && m_session->service()->several; });
  }

  QString photo(std::uint64_t person, std::uint64_t index) {
    const auto path = m_folder.path() /
                      ("photo-" + std::to_string(person) + "-" + std::to_string(index) + ".png");
    test::writeBytes(path,
                     test::encoded(SyntheticFace(1, person).snapshot(index, 400).picture, ".png"));
    return QString::fromStdString(path.string());
  }

  /// A clip of an invented person before the camera.
  bool camera(PersonKey key) {
    std::vector<cv::Mat> frames;
    const auto face = SyntheticFace(1, 1).picture({.size = 360}).picture;
    for (int i = 0; i < 45; ++i) {
      cv::Mat frame(480, 640, CV_8UC3, cv::Scalar(140, 135, 130));
      // Far away at first.
      const int side = i < 15 ? 90 : 360;
      cv::Mat there;
      cv::resize(face, there, {side, side});
      there.copyTo(frame(cv::Rect(140, 60, side, side)));
      frames.push_back(frame);
    }
    const auto clip = test::writeVideo(m_folder.path() / "clip.avi", frames, 15);
    m_window->showPage(MainWindow::Page::Verify);
    auto* page = m_window->verifyPage();
    page->choosePerson(key);
    page->findChild<ImageDrop*>()->cameraButton()->click();
    auto* dialog = page->findChild<CameraDialog*>();
    if (dialog == nullptr) return false;
    dialog->resize(640, 640);
    settle();
    grab(*dialog, "camera-none");
    dialog->look(QString::fromStdString(clip.string()));
    QTest::qWait(700);
    grab(*dialog, "camera-far");
    QTest::qWait(800);
    grab(*dialog, "camera-good");
    if (!until([&] { return dialog->useButton()->isEnabled(); })) return false;
    grab(*dialog, "camera-taken");
    dialog->reject();
    return true;
  }

  /// Somebody who is on file already, enrolled as somebody else.
  bool twins() {
    auto* people = m_window->peoplePage();
    m_window->showPage(MainWindow::Page::People);
    people->enrol({}, "20999");
    auto* panel = people->enrolPanel();
    panel->takeImages({{photo(1, 7), {}}, {photo(1, 8), {}}, {photo(1, 9), {}}});
    if (!until([&] { return panel->addToLookalikeButton()->isVisible(); })) return false;
    settle();
    take("faces-lookalike");
    Q_EMIT panel->cancelled();
    settle();
    people->mergeButton()->click();
    auto* dialog = people->findChild<MergeDialog*>();
    if (dialog == nullptr) return false;
    QTest::keyClicks(dialog->picker(), "10417");
    QTest::keyClick(dialog->picker(), Qt::Key_Return);
    grab(*dialog, "merge");
    dialog->reject();
    return true;
  }

  bool trainFaces() {
    m_window->showPage(MainWindow::Page::Train);
    settle();
    take("train-faces-empty");
    for (std::uint64_t person = 0; person < 12; ++person) {
      const auto folder = m_folder.path() / "faces" / ("person-" + std::to_string(person));
      std::filesystem::create_directories(folder);
      for (std::uint64_t i = 0; i < 3; ++i)
        test::writeBytes(folder / (std::to_string(i) + ".png"),
                         test::encoded(SyntheticFace(3, person).snapshot(i, 250).picture, ".png"));
    }
    auto& training = m_window->training();
    training.look(m_folder.path() / "faces");
    if (!until([&] { return training.stage() == TrainingSession::Stage::Found; })) return false;
    settle();
    take("train-faces-found");
    return true;
  }

  bool faces() {
    const auto key = m_session->people().front().person.key;
    m_session->setModality(Modality::Face);
    if (!until([&] { return m_session->modality() == Modality::Face; })) return false;
    if (!until([&] { return m_session->service() && m_session->service()->single; })) return false;
    m_window->showPage(MainWindow::Page::Verify);
    m_window->verifyPage()->choosePerson(key);
    settle();
    take("faces-verify-empty");
    m_window->showPage(MainWindow::Page::People);
    auto* people = m_window->peoplePage();
    people->enrol(m_session->people().front().person);
    auto* panel = people->enrolPanel();
    QList<ImageSource> sources;
    for (std::uint64_t i = 0; i < 3; ++i) sources.push_back({photo(1, i), {}});
    const auto both = m_folder.path() / "both.png";
    cv::Mat group(410, 820, CV_8UC3, cv::Scalar::all(200));
    SyntheticFace(1, 1).snapshot(4, 400).picture.copyTo(group(cv::Rect(5, 5, 400, 400)));
    SyntheticFace(1, 6).snapshot(4, 400).picture.copyTo(group(cv::Rect(415, 5, 400, 400)));
    test::writeBytes(both, test::encoded(group, ".png"));
    sources.push_back({QString::fromStdString(both.string()), {}});
    panel->takeImages(sources);
    if (!until([&] { return panel->imageCount() == 4; })) return false;
    settle();
    take("faces-enrol");
    panel->crop(3);
    auto* dialog = m_window->findChild<CropDialog*>();
    if (dialog == nullptr) return false;
    dialog->resize(820, 520);
    settle();
    grab(*dialog, "faces-crop-several");
    QTest::mouseClick(dialog->frame(), Qt::LeftButton, {}, dialog->frame()->placeOf(0));
    settle();
    grab(*dialog, "faces-crop");
    dialog->reject();
    panel->remove(3);
    settle();
    panel->saveButton()->click();
    if (!until([&] { return m_session->people().front().faceReferences == 3; })) return false;
    people->select(key);
    settle();
    take("faces-people");
    m_window->showPage(MainWindow::Page::Verify);
    m_window->verifyPage()->takeImage({photo(1, 5), {}});
    if (!until([&] { return m_window->verifyPage()->examination().has_value(); })) return false;
    settle();
    take("faces-verify");
    m_window->verifyPage()->likenessPanel()->heatMapButton()->click();
    settle(1200);
    take("faces-differences");
    m_window->verifyPage()->likenessPanel()->setModality(Modality::Face);
    m_session->setModality(Modality::Signature);
    if (!until([&] { return m_session->modality() == Modality::Signature; })) return false;
    settle();
    take("verify-second-offered-back");
    for (const auto& probe : m_session->sampleProbes()) {
      if (probe.identifier != m_session->people().front().person.identifier) continue;
      m_window->verifyPage()->takeImage({QString::fromStdString(probe.file.string()), {}});
      break;
    }
    if (!until([&] { return m_window->verifyPage()->examination().has_value(); })) return false;
    if (!until([&] { return m_session->service() && m_session->service()->several; })) return false;
    settle();
    take("verify-both");
    m_session->setModality(Modality::Face);
    if (!until([&] { return m_session->modality() == Modality::Face; })) return false;
    settle();
    take("verify-both-face");
    m_window->showPage(MainWindow::Page::Identify);
    m_window->identifyPage()->takeImage({photo(6, 5), {}});
    if (!until([&] { return m_window->identifyPage()->identification().has_value(); }))
      return false;
    settle();
    take("faces-identify");
    m_window->showPage(MainWindow::Page::Network);
    settle();
    take("faces-network");
    if (!camera(key) || !twins() || !trainFaces()) return false;
    m_window->verifyPage()->picker()->clearPerson();
    m_session->setModality(Modality::Signature);
    return until([&] { return m_session->modality() == Modality::Signature; }) &&
           until([&] { return m_session->service() && m_session->service()->several; });
  }

  bool verifySample(const char* finding, Finding wanted) {
    auto* page = m_window->verifyPage();
    for (const auto& probe : m_session->sampleProbes()) {
      for (const auto& summary : m_session->people())
        if (summary.person.identifier == probe.identifier) page->choosePerson(summary.person.key);
      page->takeImage({QString::fromStdString(probe.file.string()), {}});
      settle();
      if (!page->examination() || page->examination()->finding != wanted) continue;
      take(finding);
      return true;
    }
    return false;
  }

  bool verify() {
    m_window->showPage(MainWindow::Page::Verify);
    m_window->messageBar()->dismiss();
    auto* page = m_window->verifyPage();
    page->choosePerson(m_session->people().front().person.key);
    settle();
    take("verify-person");
    if (!verifySample("verify-match", Finding::Match)) return false;
    page->recordPanel()->note()->setText("Withdrawal slip 4471, seen in person");
    page->recordPanel()->button(Finding::Match)->click();
    settle();
    take("verify-recorded");
    if (!verifySample("verify-non-match", Finding::NonMatch)) return false;
    auto* likeness = page->likenessPanel();
    likeness->overlayButton()->click();
    likeness->view()->zoomBy(1.6);
    likeness->view()->setFocus();
    if (!until([&] { return likeness->view()->isAligned(); })) return false;
    take("verify-overlay");
    likeness->view()->fit();
    likeness->heatMapButton()->click();
    settle();
    take("verify-differences");
    likeness->setModality(Modality::Signature);
    page->recordPanel()->button(Finding::NonMatch)->click();
    settle();
    if (!verifySample("verify-refer", Finding::Refer)) return false;
    page->thresholdPanel()->plot()->setFocus();
    page->thresholdPanel()->plot()->setThreshold(page->thresholdPanel()->threshold() - 0.12);
    take("verify-trying");
    const auto blank = m_folder.path() / "empty-page.png";
    page->takeImage({QString::fromStdString(blank.string()), {}});
    settle();
    take("verify-cannot-judge");
    return true;
  }

  bool identify() {
    m_window->showPage(MainWindow::Page::Identify);
    take("identify-empty");
    auto* page = m_window->identifyPage();
    page->takeImage({QString::fromStdString(m_session->sampleProbes().front().file.string()), {}});
    if (!until([&] { return page->identification().has_value(); })) return false;
    settle();
    take("identify-found");
    const auto stranger = m_folder.path() / "stranger.png";
    test::writeBytes(stranger, test::encoded(test::signatureDrawing(77), ".png"));
    page->takeImage({QString::fromStdString(stranger.string()), {}});
    settle();
    take("identify-unknown");
    return true;
  }

  bool train() {
    using Stage = TrainingSession::Stage;
    m_window->showPage(MainWindow::Page::Train);
    take("train-empty");
    const auto corpus = m_folder.path() / "Branch archive";
    if (!writeSyntheticCorpus(corpus, {.signers = 14, .genuine = 6, .forgeries = 4})) return false;
    std::filesystem::remove(corpus / "manifest.csv");
    std::filesystem::remove_all(corpus / "pen");
    test::writeBytes(corpus / "images" / "signer-0001" / "letter.png", Bytes(100, 'x'));
    auto& training = m_window->training();
    auto* page = m_window->trainPage();
    const auto reach = [&](Stage stage) {
      return QTest::qWaitFor([&] { return training.stage() == stage; }, 600'000);
    };
    training.look(corpus);
    if (!reach(Stage::Looking)) return false;
    QTest::qWait(300);
    take("train-looking");
    if (!reach(Stage::Found)) return false;
    take("train-found");
    page->setup()->optionsButton()->click();
    take("train-options");
    const auto set = [&](const char* name, int value) {
      if (auto* box = qobject_cast<QSpinBox*>(page->setup()->form()->editor(name)))
        box->setValue(value);
    };
    set("steps", 24);
    set("stepsPerEpoch", 6);
    set("batch.subjects", 5);
    page->setup()->startButton()->click();
    if (!QTest::qWaitFor([&] { return training.curves().size() > 13; }, 600'000)) return false;
    take("train-running");
    page->progress()->pauseButton()->click();
    QTest::qWait(900);
    take("train-paused");
    page->progress()->pauseButton()->click();
    if (!reach(Stage::Comparing)) return false;
    QTest::qWait(1500);
    take("train-comparing");
    if (!reach(Stage::Compared)) return false;
    take("train-compared");
    page->comparison()->laterButton()->click();
    page->runsButton()->click();
    take("train-runs");
    page->runsButton()->click();
    return true;
  }

  bool evidence() {
    m_window->messageBar()->dismiss();
    auto* page = m_window->thresholdPage();
    m_window->showPage(MainWindow::Page::Threshold);
    if (!until([&] { return !page->isWaiting(); })) return false;
    settle();
    take("threshold");
    page->setThreshold(page->threshold() - 0.04);
    page->viewBox(0)->setCurrentIndex(static_cast<int>(ThresholdView::Tippett));
    page->viewBox(1)->setCurrentIndex(static_cast<int>(ThresholdView::Reliability));
    page->goalPanel()->targetBox()->setValue(0.1);
    page->goalPanel()->findButton()->click();
    settle();
    take("threshold-strength");
    page->goalPanel()->goalBox()->setCurrentIndex(3);
    page->viewBox(0)->setCurrentIndex(static_cast<int>(ThresholdView::Cost));
    page->viewBox(1)->setCurrentIndex(static_cast<int>(ThresholdView::Roc));
    page->goalPanel()->findButton()->click();
    settle();
    take("threshold-cost");
    if (!page->saveReport(m_target + "/threshold.pdf")) return false;
    page->viewBox(0)->setCurrentIndex(static_cast<int>(ThresholdView::Errors));
    page->goalPanel()->goalBox()->setCurrentIndex(0);
    page->compareWith(COUNTERSIGN_SOURCE_DIR
                      "/models/signature-synthetic/signature-synthetic.safetensors");
    if (!until([&] { return !page->comparison().isEmpty(); })) return false;
    settle();
    take("threshold-compared");
    page->stopComparingButton()->click();
    page->sourceBox()->setCurrentIndex(2);
    Q_EMIT page->sourceBox()->activated(2);
    if (!until([&] { return !page->isWaiting(); })) return false;
    page->setThreshold(0.9);
    Q_EMIT page->counts()->cellClicked(0, 1);
    if (!until([&] { return page->gallery()->itemCount() > 0; })) return false;
    settle();
    take("threshold-trials");
    auto* explore = m_window->explorePage();
    m_window->showPage(MainWindow::Page::Explore);
    if (!until([&] { return explore->data() && explore->map()->count() > 0; })) return false;
    explore->map()->choose(3);
    if (!until([&] { return explore->list()->count() > 0; })) return false;
    settle();
    take("explore-plane");
    explore->viewBox()->setCurrentIndex(1);
    if (!until([&] { return !explore->isLayingOut(); })) return false;
    explore->map()->zoomBy(2.6, QPointF(150, 150));
    settle();
    take("explore-neighbours");
    explore->viewBox()->setCurrentIndex(2);
    if (!until([&] { return explore->list()->count() > 0; })) return false;
    Q_EMIT explore->list()->itemActivated(explore->list()->item(0));
    settle();
    take("explore-matrix");
    for (int i = 0; i < 2; ++i) QTest::keyClick(explore->matrix(), Qt::Key_Plus);
    settle();
    take("explore-matrix-close");
    m_window->showPage(MainWindow::Page::Help);
    settle();
    take("help");
    return true;
  }

  /// Thresholds by amount and by person, and a blind check. Changes the office.
  bool rules() {
    m_window->messageBar()->dismiss();
    const double tau = m_session->service()->service.rule.threshold.value;
    m_session->setPolicy({{{500, {tau - 0.02}}, {5000, {tau + 0.04}}}, true, 1});
    if (!until([&] { return m_session->service()->service.policy.blindShare == 1; })) return false;
    m_window->showPage(MainWindow::Page::Threshold);
    settle();
    m_window->thresholdPage()->policyButton()->click();
    settle();
    for (auto* dialog : m_window->findChildren<PolicyDialog*>()) {
      grab(*dialog, "policy");
      dialog->reject();
    }
    auto* page = m_window->verifyPage();
    m_window->showPage(MainWindow::Page::Verify);
    page->choosePerson(m_session->people()[1].person.key);
    if (!until([&] { return page->references()->count() > 0; })) return false;
    page->amount()->setValue(1200);
    const auto& probes = m_session->sampleProbes();
    const auto& identifier = m_session->people()[1].person.identifier;
    const auto probe = std::find_if(probes.begin(), probes.end(), [&](const SampleProbe& one) {
      return one.identifier == identifier;
    });
    if (probe == probes.end()) return false;
    page->takeImage({QString::fromStdString(probe->file.string()), {}});
    if (!until([&] { return page->examination().has_value(); })) return false;
    m_window->messageBar()->dismiss();
    settle();
    take("verify-blind");
    page->blindPanel()->button(Finding::Match)->click();
    settle();
    take("verify-answered");
    page->amount()->setValue(20000);
    settle();
    take("verify-referred");
    page->recordPanel()->button(Finding::Match)->click();
    settle();
    m_window->messageBar()->dismiss();
    m_window->showPage(MainWindow::Page::Threshold);
    settle();
    take("threshold-blind");
    m_window->showPage(MainWindow::Page::Network);
    m_session->backUp(m_folder.path() / "backups");
    if (!until([&] { return !backupsIn(m_folder.path() / "backups").empty(); })) return false;
    settle();
    take("network-backed-up");
    m_window->networkPage()->restoreButton()->click();
    if (auto* restore = m_window->findChild<RestoreDialog*>()) {
      settle();
      grab(*restore, "restore");
      restore->reject();
    }
    m_window->messageBar()->dismiss();
    m_window->showPage(MainWindow::Page::Threshold);
    m_window->showPage(MainWindow::Page::People);
    settle();
    take("people-threshold");
    m_window->peoplePage()->thresholdButton()->click();
    settle();
    for (auto* dialog : m_window->findChildren<PersonThresholdDialog*>()) {
      grab(*dialog, "person-threshold");
      dialog->reject();
    }
    auto* threshold = m_window->thresholdPage();
    m_window->showPage(MainWindow::Page::Threshold);
    threshold->sourceBox()->setCurrentIndex(2);
    Q_EMIT threshold->sourceBox()->activated(2);
    if (!until([&] { return !threshold->isWaiting(); })) return false;
    threshold->weighButton()->click();
    if (!until([&] { return m_session->service()->service.ownEvidence > 0; })) return false;
    if (!until([&] { return !threshold->isWaiting(); })) return false;
    settle();
    take("threshold-own");
    m_window->messageBar()->dismiss();
    m_window->showPage(MainWindow::Page::Verify);
    page->recordPanel()->nextButton()->click();
    page->takeImage({QString::fromStdString(probe->file.string()), {}});
    if (!until([&] { return page->examination().has_value(); })) return false;
    if (!until([&] { return m_session->service()->several != nullptr; })) return false;
    settle();
    take("verify-own");
    m_window->showPage(MainWindow::Page::History);
    m_window->historyPage()->table()->selectRow(0);
    settle();
    take("history-blind");
    if (m_window->historyPage()->shownDecision())
      return static_cast<bool>(writeDecisionPdf(m_target + "/decision-blind.pdf",
                                                *m_window->historyPage()->shownDecision()));
    return true;
  }

  bool rest() {
    m_window->showPage(MainWindow::Page::People);
    settle();
    m_window->peoplePage()->references()->setCurrentRow(1);
    take("people");
    m_window->peoplePage()->removeReferenceButton()->click();
    settle();
    take("people-removed");
    m_window->showPage(MainWindow::Page::Network);
    settle();
    take("network");
    m_window->showPage(MainWindow::Page::History);
    m_window->historyPage()->table()->selectRow(0);
    settle();
    take("history");
    if (m_window->historyPage()->shownDecision()) {
      const auto& file = *m_window->historyPage()->shownDecision();
      if (!writeDecisionPdf(m_target + "/decision.pdf", file)) return false;
    }
    m_window->openFinder();
    settle();
    if (auto* finder = m_window->findChild<QDialog*>()) grab(*finder, "finder");
    return true;
  }

  static bool until(const std::function<bool()>& condition) {
    constexpr int kPatience = 60'000;
    return QTest::qWaitFor(condition, kPatience);
  }
  /// Lets jobs and animations end.
  void settle(int milliseconds = 350) {
    QTest::qWait(milliseconds);
    until([&] { return !m_session->quickJobs().isBusy() && !m_session->imageJobs().isBusy(); });
    QTest::qWait(50);
  }
  void take(const char* name) { grab(*m_window, name); }
  void grab(QWidget& widget, const char* name) {
    QTest::qWait(60);
    widget.grab().save(QStringLiteral("%1/%2-%3.png").arg(m_target, QLatin1String(name), m_suffix));
  }

  QString m_target;
  QString m_suffix;
  QSize m_size;
  test::TemporaryFolder m_folder;
  MainWindow* m_window = nullptr;
  OfficeSession* m_session = nullptr;
};

int tour(QApplication& application, const QStringList& arguments) {
  const auto& theme = arguments.at(2);
  applyTheme(application, theme == "dark" ? ThemeChoice::Dark : ThemeChoice::Light);
  const auto size = arguments.at(3) == "small" ? QSize(1024, 700) : QSize(1920, 1080);
  const auto suffix = QStringLiteral("%1-%2-%3").arg(theme, arguments.at(3), arguments.at(4));
  return Tour(arguments.at(1), suffix, size).run() ? 0 : 1;
}

/// Scale is fixed when a program starts, so each combination is a program of its own.
int everything(const QString& folder) {
  for (const QString scale : {"1", "2"}) {
    for (const QString theme : {"light", "dark"}) {
      for (const QString size : {"small", "large"}) {
        QProcess process;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("QT_SCALE_FACTOR", scale);
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::ForwardedChannels);
        process.start(QCoreApplication::applicationFilePath(), {folder, theme, size, "x" + scale});
        process.waitForFinished(-1);
        std::printf("%s %s x%s: %s\n", qPrintable(theme), qPrintable(size), qPrintable(scale),
                    process.exitCode() == 0 ? "done" : "FAILED");
        if (process.exitCode() != 0) return 1;
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace countersign::ui

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  countersign::ui::installTranslations(application);
  const auto arguments = QCoreApplication::arguments();
  if (arguments.size() == 2) return countersign::ui::everything(arguments.at(1));
  if (arguments.size() == 5) return countersign::ui::tour(application, arguments);
  std::fputs("Usage: countersign_screenshots FOLDER\n", stderr);
  return 2;
}
