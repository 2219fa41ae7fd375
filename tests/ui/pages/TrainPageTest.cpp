// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/TrainPage.h"

#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QToolButton>

#include "core/base/File.h"
#include "core/corpus/SyntheticCorpus.h"
#include "core/corpus/SyntheticFace.h"
#include "tests/support/FaceNetwork.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/jobs/TrainingSession.h"
#include "ui/pages/ComparisonPanel.h"
#include "ui/pages/NetworkPage.h"
#include "ui/pages/RunsPanel.h"
#include "ui/pages/TrainProgressPanel.h"
#include "ui/pages/TrainSetupPanel.h"
#include "ui/pages/VerifyPage.h"
#include "ui/widgets/CurvePlot.h"
#include "ui/widgets/FolderDrop.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/OptionsForm.h"
#include "ui/widgets/PairGallery.h"

namespace countersign::ui {
namespace {

using Stage = TrainingSession::Stage;

class TrainPageOnInventedPeople : public WindowFixture {
 protected:
  static void SetUpTestSuite() {
    corpus = std::make_unique<test::TemporaryFolder>();
    ASSERT_TRUE(
        writeSyntheticCorpus(corpus->path(), {.signers = 14, .genuine = 4, .forgeries = 2}));
    // Only the images: the folder's layout is to be found out.
    std::filesystem::rename(corpus->path() / "images", corpus->path() / "people");
    test::writeBytes(corpus->path() / "people" / "letter.png", {'n', 'o'});
  }
  static void TearDownTestSuite() { corpus.reset(); }

  void SetUp() override {
    WindowFixture::SetUp();
    QTest::keyClick(m_window.get(), Qt::Key_F6);
    ASSERT_EQ(m_window->page(), MainWindow::Page::Train);
  }

  TrainPage& page() const { return *m_window->trainPage(); }
  TrainingSession& training() const { return m_window->training(); }
  bool reaches(Stage stage) const {
    return until([&] { return training().stage() == stage; });
  }
  static QString people() { return QString::fromStdString((corpus->path() / "people").string()); }

  void findCorpus() {
    dropFiles(*page().setup()->drop(), {people()});
    ASSERT_TRUE(reaches(Stage::Found)) << m_window->messageBar()->text().toStdString();
  }
  /// Two epochs of small batches, typed into the form.
  void shorten(int steps = 40) {
    page().setup()->optionsButton()->click();
    type("steps", steps);
    type("stepsPerEpoch", steps / 2);
    type("batch.subjects", 3);
    type("batch.genuine", 2);
    type("batch.forgeries", 1);
    type("batch.pseudoWriters", 0);
  }
  void type(const std::string& name, int value) {
    auto* box = qobject_cast<QSpinBox*>(page().setup()->form()->editor(name));
    ASSERT_NE(box, nullptr) << name;
    box->setFocus();
    box->selectAll();
    QTest::keyClicks(box, QString::number(value));
  }

  static inline std::unique_ptr<test::TemporaryFolder> corpus;
};

TEST_F(TrainPageOnInventedPeople, ShowsWhatAFolderHoldsAndWhatIsWrong) {
  EXPECT_TRUE(page().setup()->drop()->isVisible());
  findCorpus();
  const auto summary = page().setup()->summary();
  EXPECT_TRUE(summary.contains("14 people")) << summary.toStdString();
  EXPECT_TRUE(summary.contains("56 genuine")) << summary.toStdString();
  EXPECT_TRUE(summary.contains("28 forgeries")) << summary.toStdString();
  EXPECT_GE(page().setup()->gallery()->itemCount(), 14);
  EXPECT_TRUE(page().setup()->startButton()->isEnabled());
  EXPECT_TRUE(page().setup()->startButton()->hasFocus());
  // What the network in service decides is not asked; a new network asks it.
  EXPECT_EQ(page().setup()->form()->editor("architecture.mapChannels"), nullptr);
  page().setup()->anewButton()->click();
  EXPECT_NE(page().setup()->form()->editor("architecture.mapChannels"), nullptr);
}

TEST_F(TrainPageOnInventedPeople, SaysWhenAFolderHoldsNothing) {
  const auto empty = m_folder.path() / "empty";
  std::filesystem::create_directories(empty);
  dropFiles(*page().setup()->drop(), {QString::fromStdString(empty.string())});
  ASSERT_TRUE(until([&] { return !m_window->messageBar()->text().isEmpty(); }));
  EXPECT_TRUE(reaches(Stage::Empty));
  EXPECT_TRUE(page().setup()->drop()->isVisible()) << "and the next folder can be dropped";
}

TEST_F(TrainPageOnInventedPeople, TrainsCancelsResumesComparesPromotesAndVerifies) {
  const auto person = enrol("1", "Ana Lindqvist", 1);
  const auto before = m_session->service()->service.identity;
  m_window->showPage(MainWindow::Page::Train);
  findCorpus();
  shorten();
  page().setup()->startButton()->setFocus();
  QTest::keyClick(page().setup()->startButton(), Qt::Key_Space);
  ASSERT_EQ(training().stage(), Stage::Training);
  const auto run = training().run()->files.runFolder;

  // It pauses between two batches ...
  auto* progress = page().progress();
  ASSERT_TRUE(until([&] { return training().curves().size() >= 2; }));
  EXPECT_TRUE(progress->isVisible());
  QTest::mouseClick(progress->pauseButton(), Qt::LeftButton);
  EXPECT_TRUE(training().isPaused());
  QTest::qWait(300);  // the batch that was under way
  const auto paused = training().curves().size();
  QTest::qWait(500);
  EXPECT_EQ(training().curves().size(), paused);
  EXPECT_LT(paused, 40U);
  // ... a signature is verified meanwhile ...
  m_window->showPage(MainWindow::Page::Verify);
  m_window->verifyPage()->choosePerson(person);
  m_window->verifyPage()->takeImage({drawing(1, 7), {}});
  ASSERT_TRUE(until([&] { return m_window->verifyPage()->examination().has_value(); }));
  EXPECT_EQ(m_window->verifyPage()->examination()->service.identity, before);
  m_window->showPage(MainWindow::Page::Train);
  // ... and stops, with what it has learned kept.
  QTest::mouseClick(progress->stopButton(), Qt::LeftButton);
  ASSERT_TRUE(reaches(Stage::Found));
  EXPECT_TRUE(m_window->messageBar()->text().contains("can go on"));
  ASSERT_TRUE(until([&] { return training().runs().size() == 1; }));
  EXPECT_EQ(training().runs().front().record.state, RunState::Unfinished);

  // What is compared must wait for what goes on.
  training().resume(training().runs().front().record);
  ASSERT_EQ(training().stage(), Stage::Training);
  Q_EMIT m_window->networkPage()->comparisonWanted(QString::fromStdString(m_network.string()));
  EXPECT_EQ(training().stage(), Stage::Training);
  EXPECT_TRUE(m_window->messageBar()->text().contains("at work"));
  training().setPaused(true);
  m_window->showPage(MainWindow::Page::Train);

  // This window is closed while the run is paused. Another one, the same store: the run is still
  // there.
  openWindow();
  m_window->showPage(MainWindow::Page::Train);
  ASSERT_TRUE(until([&] { return page().runsButton()->isVisible(); }));
  QTest::mouseClick(page().runsButton(), Qt::LeftButton);
  ASSERT_TRUE(page().runs()->isVisible());
  EXPECT_EQ(page().runs()->table()->item(0, 2)->text(), "Stopped");
  ASSERT_TRUE(page().runs()->resumeButton()->isEnabled());
  QTest::mouseClick(page().runs()->resumeButton(), Qt::LeftButton);
  ASSERT_EQ(training().stage(), Stage::Training);
  EXPECT_EQ(training().run()->files.runFolder, run);
  ASSERT_TRUE(reaches(Stage::Compared)) << m_window->messageBar()->text().toStdString();
  EXPECT_EQ(training().curves().size(), 40U) << "every batch once";
  EXPECT_GE(page().progress()->hardest()->itemCount(), 4);
  EXPECT_GE(page().progress()->scorePlot()->curveCount(), 2);
  EXPECT_EQ(page().progress()->errorPlot()->pointCount(0), 2);

  // Nothing has changed yet; the comparison stands before the choice.
  EXPECT_EQ(m_session->service()->service.identity, before);
  auto* comparison = page().comparison();
  ASSERT_TRUE(comparison->isVisible());
  EXPECT_EQ(comparison->table()->rowCount(), 4) << "held-out and invented people";
  EXPECT_TRUE(comparison->table()->item(0, 0)->text().contains("held-out"));
  EXPECT_FALSE(comparison->verdict().isEmpty());
  EXPECT_TRUE(std::filesystem::exists(run / "comparison.json"));
  const auto trained = training().compared()->identity;
  comparison->promoteButton()->setFocus();
  QTest::keyClick(comparison->promoteButton(), Qt::Key_Space);
  ASSERT_TRUE(until([&] {
    return m_session->service() && m_session->service()->service.identity == trained;
  })) << m_window->messageBar()->text().toStdString();
  ASSERT_TRUE(until([&] {
    return !training().runs().empty() &&
           training().runs().front().record.state == RunState::InService;
  }));

  // Its threshold has its costs beside it: what the held-out people showed.
  ASSERT_TRUE(until([&] { return m_session->service()->single != nullptr; }));
  EXPECT_EQ(m_session->service()->single->lists(), std::vector<std::string>{"own-people-1ref"});
  EXPECT_FALSE(m_session->service()->single->isEmpty());
  EXPECT_TRUE(m_session->service()->single->isOfOwnPeople());

  // The new network verifies, against references that it has embedded anew.
  m_window->showPage(MainWindow::Page::Verify);
  m_window->verifyPage()->choosePerson(person);
  m_window->verifyPage()->takeImage({drawing(1, 7), {}});
  ASSERT_TRUE(until([&] { return m_window->verifyPage()->examination().has_value(); }));
  EXPECT_EQ(m_window->verifyPage()->examination()->service.identity, trained);
  EXPECT_EQ(m_window->verifyPage()->examination()->scores.size(), 3U);
}

TEST_F(TrainPageOnInventedPeople, DiscardsWhatItTrainedAndKeepsTheCurves) {
  findCorpus();
  shorten(10);
  QTest::mouseClick(page().setup()->startButton(), Qt::LeftButton);
  ASSERT_TRUE(reaches(Stage::Compared)) << m_window->messageBar()->text().toStdString();
  const auto file = training().compared()->file;
  EXPECT_TRUE(std::filesystem::exists(file));
  QTest::mouseClick(page().comparison()->discardButton(), Qt::LeftButton);
  EXPECT_EQ(training().stage(), Stage::Found);
  EXPECT_FALSE(std::filesystem::exists(file));
  ASSERT_TRUE(until([&] {
    return training().runs().size() == 1 &&
           training().runs().front().record.state == RunState::Discarded;
  }));
  EXPECT_EQ(training().runs().front().curves.size(), 10U);
  QTest::mouseClick(page().runsButton(), Qt::LeftButton);
  EXPECT_FALSE(page().runs()->resumeButton()->isEnabled());
  EXPECT_FALSE(page().runs()->compareButton()->isEnabled());
  const auto exported = QString::fromStdString((m_folder.path() / "curves.csv").string());
  EXPECT_TRUE(page().runs()->exportCurves(training().runs().front(), exported));
  EXPECT_TRUE(std::filesystem::exists(exported.toStdString()));
  EXPECT_FALSE(page().runs()->exportCurves(training().runs().front(), "/nowhere/curves.csv"));
}

TEST_F(TrainPageOnInventedPeople, ForgetsAComparisonWhenAnotherStoreIsOpened) {
  const auto other = test::writeRandomNetwork(m_folder.path(), "other", 7);
  training().compare(other, std::nullopt);
  ASSERT_TRUE(reaches(Stage::Compared)) << m_window->messageBar()->text().toStdString();
  m_session->open(test::storeIn(m_folder.path() / "second"));
  EXPECT_EQ(training().stage(), Stage::Empty);
  EXPECT_FALSE(training().compared().has_value());
  ASSERT_TRUE(until([&] { return m_session->service().has_value(); }));
}

TEST_F(TrainPageOnInventedPeople, KeepsTheChoiceWhenPuttingIntoServiceFails) {
  const auto other = test::writeRandomNetwork(m_folder.path(), "other", 7);
  training().compare(other, std::nullopt);
  ASSERT_TRUE(reaches(Stage::Compared)) << m_window->messageBar()->text().toStdString();
  std::filesystem::remove(other);
  QTest::mouseClick(page().comparison()->promoteButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return !training().isPromoting(); }));
  EXPECT_EQ(training().stage(), Stage::Compared);
  EXPECT_TRUE(page().comparison()->promoteButton()->isEnabled());
  EXPECT_FALSE(m_window->messageBar()->text().isEmpty());
}

TEST_F(TrainPageOnInventedPeople, SaysWhenTheImagesOfARunAreGone) {
  const auto gone = m_folder.path() / "gone";
  std::filesystem::copy(people().toStdString(), gone, std::filesystem::copy_options::recursive);
  dropFiles(*page().setup()->drop(), {QString::fromStdString(gone.string())});
  ASSERT_TRUE(reaches(Stage::Found));
  shorten(100);
  QTest::mouseClick(page().setup()->startButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return !training().curves().empty(); }));
  training().stop();
  ASSERT_TRUE(until([&] { return !training().isBusy() && training().runs().size() == 1; }));
  std::filesystem::remove_all(gone);
  training().resume(training().runs().front().record);
  EXPECT_FALSE(training().isBusy());
  EXPECT_TRUE(m_window->messageBar()->text().contains("is gone"));
}

TEST_F(TrainPageOnInventedPeople, LeavesARunAloneThatAnotherWindowTrains) {
  findCorpus();
  shorten(200);
  QTest::mouseClick(page().setup()->startButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return !training().curves().empty(); }));
  OfficeSession second({m_network});
  MainWindow window(second, storeFolder(), m_folder.path() / "sample");
  second.open(storeFolder());
  ASSERT_TRUE(until([&] { return window.training().runs().size() == 1; }));
  ASSERT_FALSE(second.isWritable());
  window.training().resume(window.training().runs().front().record);
  EXPECT_FALSE(window.training().isBusy());
  window.training().discardRun(window.training().runs().front().record);
  EXPECT_EQ(readRunRecord(training().run()->files.runFolder)->state, RunState::Unfinished);
}

TEST_F(TrainPageOnInventedPeople, RefusesOptionsThatDoNotGoTogether) {
  findCorpus();
  page().setup()->optionsButton()->click();
  type("frozenBlocks", 60);  // the network has two
  QTest::mouseClick(page().setup()->startButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_window->messageBar()->text().contains("blocks to freeze"); }))
      << m_window->messageBar()->text().toStdString();
  EXPECT_TRUE(reaches(Stage::Found));
}

TEST_F(TrainPageOnInventedPeople, ComparesANetworkThatWasChosenElsewhere) {
  const auto other = test::writeRandomNetwork(m_folder.path(), "other", 7);
  Q_EMIT m_window->networkPage()->comparisonWanted(QString::fromStdString(other.string()));
  EXPECT_EQ(m_window->page(), MainWindow::Page::Train);
  ASSERT_TRUE(reaches(Stage::Compared)) << m_window->messageBar()->text().toStdString();
  EXPECT_EQ(page().comparison()->table()->rowCount(), 2) << "invented people alone";
  EXPECT_FALSE(page().comparison()->discardButton()->isVisible()) << "it is not ours to delete";
  QTest::mouseClick(page().comparison()->laterButton(), Qt::LeftButton);
  EXPECT_EQ(training().stage(), Stage::Empty);
  EXPECT_TRUE(std::filesystem::exists(other));
}

/// The same page with the faces of invented people, a folder each.
class TrainPageOnDrawnFaces : public WindowFixture {
 protected:
  void SetUp() override {
    for (std::uint64_t person = 0; person < 15; ++person) {
      const auto folder = m_folder.path() / "people" / ("person-" + std::to_string(person));
      std::filesystem::create_directories(folder);
      for (std::uint64_t photo = 0; photo < 3; ++photo)
        test::writeBytes(folder / (std::to_string(photo) + ".png"),
                         test::encoded(SyntheticFace(3, person).snapshot(photo).picture, ".png"));
    }
    m_faceNetwork = test::shippedFaceNetwork();
    openWindow();
    QTest::keyClick(m_window.get(), Qt::Key_F6);
    QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
    ASSERT_TRUE(until([&] { return m_session->modality() == Modality::Face; }));
  }
};

TEST_F(TrainPageOnDrawnFaces, FineTunesComparesAndPromotesWhileSignaturesAreChosen) {
  auto& training = m_window->training();
  auto* page = m_window->trainPage();
  const auto before = m_session->service()->service.identity;
  const auto people = QString::fromStdString((m_folder.path() / "people").string());
  dropFiles(*page->setup()->drop(), {people});
  ASSERT_TRUE(until([&] { return training.stage() == Stage::Found; }))
      << m_window->messageBar()->text().toStdString();
  EXPECT_TRUE(page->setup()->summary().contains("45 photos"))
      << page->setup()->summary().toStdString();
  EXPECT_FALSE(page->setup()->anewButton()->isVisible());
  // What was found of faces says nothing of signatures.
  QTest::keyClick(m_window.get(), Qt::Key_1, Qt::ControlModifier);
  ASSERT_TRUE(until([&] { return training.stage() == Stage::Empty; }));
  QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
  ASSERT_TRUE(until([&] { return m_session->modality() == Modality::Face; }));
  dropFiles(*page->setup()->drop(), {people});
  ASSERT_TRUE(until([&] { return training.stage() == Stage::Found; }));
  auto options = page->setup()->form()->options();
  ASSERT_TRUE(options) << options.error().message;
  options->steps = 4;
  options->stepsPerEpoch = 2;
  options->batch.subjects = 3;
  options->batch.genuine = 2;
  training.start(*options, true);
  ASSERT_EQ(training.stage(), Stage::Training);
  QTest::keyClick(m_window.get(), Qt::Key_1, Qt::ControlModifier);
  ASSERT_TRUE(until([&] { return training.stage() == Stage::Compared; }))
      << m_window->messageBar()->text().toStdString();
  EXPECT_EQ(m_session->modality(), Modality::Signature);
  EXPECT_EQ(training.compared()->modality, Modality::Face);
  EXPECT_EQ(training.compared()->comparison.before, before);
  EXPECT_TRUE(page->comparison()->isVisible());
  const auto trained = training.compared()->identity;
  QTest::mouseClick(page->comparison()->promoteButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return !training.isPromoting() && training.stage() != Stage::Compared; }))
      << m_window->messageBar()->text().toStdString();
  QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
  ASSERT_TRUE(until([&] { return m_session->modality() == Modality::Face; }));
  EXPECT_EQ(m_session->service()->service.identity, trained);
}

TEST(OptionsForm, ChangesOnlyWhatWasTouched) {
  OptionsForm form;
  TrainingOptions options;
  options.averageDecay = 0.99876543210987;  // more digits than a field shows
  form.setOptions(options);
  EXPECT_GT(form.rowCount(), 60);
  auto read = form.options();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(writeTrainingOptions(*read), writeTrainingOptions(options));
  auto* name = qobject_cast<QLineEdit*>(form.editor("name"));
  ASSERT_NE(name, nullptr);
  name->setText(QStringLiteral("our \"own\" network"));
  read = form.options();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->name, "our \"own\" network");
  EXPECT_EQ(read->averageDecay, options.averageDecay);
}

}  // namespace
}  // namespace countersign::ui
