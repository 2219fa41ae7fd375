// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPushButton>
#include <QTableView>

#include "core/corpus/SyntheticFace.h"
#include "tests/support/FaceNetwork.h"
#include "tests/ui/support/WindowFixture.h"
#include "ui/pages/EnrolPanel.h"
#include "ui/pages/HistoryPage.h"
#include "ui/pages/IdentifyPage.h"
#include "ui/pages/PeoplePage.h"
#include "ui/pages/RecordPanel.h"
#include "ui/pages/SecondVerdict.h"
#include "ui/pages/VerifyPage.h"
#include "ui/support/VerdictText.h"
#include "ui/widgets/CropDialog.h"
#include "ui/widgets/ImageDrop.h"
#include "ui/widgets/MergeDialog.h"
#include "ui/widgets/MessageBar.h"
#include "ui/widgets/PersonPicker.h"
#include "ui/widgets/ReferenceStrip.h"
#include "ui/widgets/VerdictBanner.h"

namespace countersign::ui {
namespace {

class FacesInTheWindow : public WindowFixture {
 protected:
  void SetUp() override {
    m_faceNetwork = test::shippedFaceNetwork();
    openWindow();
  }

  QString photo(std::uint64_t person, std::uint64_t index) const {
    return written(SyntheticFace(1, person).snapshot(index).picture,
                   "photo-" + std::to_string(person) + "-" + std::to_string(index) + ".png");
  }
  QString group() const {
    cv::Mat both(260, 520, CV_8UC3, cv::Scalar::all(200));
    SyntheticFace(1, 1).snapshot(7).picture.copyTo(both(cv::Rect(5, 5, 250, 250)));
    SyntheticFace(1, 6).snapshot(7).picture.copyTo(both(cv::Rect(265, 5, 250, 250)));
    return written(both, "group.png");
  }
  QString written(const cv::Mat& picture, const std::string& name) const {
    const auto path = m_folder.path() / name;
    test::writeBytes(path, test::encoded(picture, ".png"));
    return QString::fromStdString(path.string());
  }

  /// By the keys that the tool tips name.
  void choose(Modality modality) {
    QTest::keyClick(m_window.get(), modality == Modality::Face ? Qt::Key_2 : Qt::Key_1,
                    Qt::ControlModifier);
    ASSERT_TRUE(until([&] { return m_session->modality() == modality; }));
  }

  void enrolFaces(const QString& identifier, std::uint64_t person) {
    const auto before = m_session->people().size();
    m_window->showPage(MainWindow::Page::People);
    m_window->peoplePage()->enrol({});
    auto* panel = m_window->peoplePage()->enrolPanel();
    QTest::keyClicks(panel->identifier(), identifier);
    dropFiles(*panel->drop(), {photo(person, 0), photo(person, 1), photo(person, 2)});
    ASSERT_TRUE(
        until([&] { return panel->imageCount() == 3 && panel->saveButton()->isEnabled(); }));
    QTest::mouseClick(panel->saveButton(), Qt::LeftButton);
    ASSERT_TRUE(until([&] { return m_session->people().size() == before + 1; }));
  }

  /// To the one who is on file.
  void addFaces(const QString& identifier, std::uint64_t person) {
    choose(Modality::Face);
    m_window->showPage(MainWindow::Page::People);
    m_window->peoplePage()->enrol({}, identifier);
    auto* panel = m_window->peoplePage()->enrolPanel();
    dropFiles(*panel->drop(), {photo(person, 0), photo(person, 1), photo(person, 2)});
    ASSERT_TRUE(
        until([&] { return panel->imageCount() == 3 && panel->saveButton()->isEnabled(); }));
    QTest::mouseClick(panel->saveButton(), Qt::LeftButton);
    ASSERT_TRUE(until([&] { return m_session->people().front().faceReferences == 3; }));
  }
};

TEST_F(FacesInTheWindow, AreEnrolledVerifiedIdentifiedAndRecorded) {
  choose(Modality::Face);
  enrolFaces("1", 1);
  EXPECT_TRUE(m_window->messageBar()->text().contains("3 faces of 1"));
  enrolFaces("2", 6);
  const auto& people = m_session->people();
  EXPECT_EQ(people[0].faceReferences, 3);
  EXPECT_EQ(people[0].signatureReferences, 0);
  EXPECT_TRUE(until([&] { return m_window->peoplePage()->references()->count() == 3; }));

  m_window->showPage(MainWindow::Page::Verify);
  auto* page = m_window->verifyPage();
  page->choosePerson(people[0].person.key);
  dropFiles(*page->drop(), {photo(1, 5)});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  EXPECT_EQ(page->examination()->scores.size(), 3U);
  EXPECT_EQ(page->examination()->finding, Finding::Match);
  QTest::mouseClick(page->recordPanel()->findChild<QPushButton*>(), Qt::LeftButton);
  auto* history = m_window->historyPage();
  ASSERT_TRUE(until([&] { return history->table()->model()->rowCount() == 1; }));

  m_window->showPage(MainWindow::Page::Identify);
  auto* identify = m_window->identifyPage();
  identify->takeImage({photo(6, 5), {}});
  ASSERT_TRUE(until([&] { return identify->identification().has_value(); }));
  EXPECT_EQ(identify->identification()->candidates.front().person.identifier, "2");

  // What was decided about a face is shown as such while signatures are compared.
  choose(Modality::Signature);
  m_window->showPage(MainWindow::Page::History);
  ASSERT_TRUE(until([&] { return history->shownDecision().has_value(); }));
  EXPECT_EQ(history->shownDecision()->decision.summary.modality, Modality::Face);
  EXPECT_TRUE(history->shownDecision()->reproduction.isFromImage);
  EXPECT_TRUE(history->shownDecision()->reproduction.isSame);
}

TEST_F(FacesInTheWindow, HaveAVerdictSoonAfterADrop) {
  choose(Modality::Face);
  enrolFaces("1", 1);
  m_window->showPage(MainWindow::Page::Verify);
  auto* page = m_window->verifyPage();
  page->choosePerson(m_session->people().front().person.key);
  ASSERT_TRUE(until([&] { return page->references()->count() == 3; }));
  QTest::qWait(500);
  QStringList files;
  for (std::uint64_t i = 3; i < 14; ++i) files.push_back(photo(1, i));
  const auto milliseconds = dropToVerdict(files);
  std::printf("photo to verdict, painted: %.0f ms (median), %.0f ms (worst of 11)\n",
              milliseconds[5], milliseconds.back());
#ifdef NDEBUG
  EXPECT_LT(milliseconds[5], 180) << "half of that on a machine that does nothing else";
#endif
}

TEST_F(FacesInTheWindow, StandBesideTheSignaturesVerdict) {
  const auto ada = enrol("1", "Ada", 4);
  addFaces("1", 1);
  choose(Modality::Signature);

  m_window->showPage(MainWindow::Page::Verify);
  auto* page = m_window->verifyPage();
  auto* second = page->secondVerdict();
  EXPECT_FALSE(second->isVisible()) << "nobody is chosen";
  page->choosePerson(ada);
  ASSERT_TRUE(until([&] { return second->isVisible(); })) << "a face is on file";
  EXPECT_FALSE(second->hasVerdict());
  page->takeImage({drawing(4, 5), {}});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  const auto signature = page->examination()->fused->value;
  page->recordPanel()->note()->setText("at the counter");

  QTest::mouseClick(second->otherButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_session->modality() == Modality::Face; }));
  ASSERT_TRUE(until([&] { return second->examination().has_value(); }));
  EXPECT_EQ(second->examination()->fused->value, signature) << "by the network for signatures";
  dropFiles(*page->drop(), {photo(1, 5)});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  EXPECT_EQ(page->examination()->finding, Finding::Match);
  EXPECT_EQ(page->recordPanel()->note()->text(), "") << "another decision";

  // Recording the one goes on with the other.
  QTest::mouseClick(page->recordPanel()->button(Finding::Match), Qt::LeftButton);
  auto* history = m_window->historyPage();
  ASSERT_TRUE(until([&] { return history->table()->model()->rowCount() == 1; }));
  ASSERT_TRUE(until([&] { return page->recordPanel()->nextButton()->isVisible(); }));
  QTest::keyClick(page->recordPanel()->nextButton(), Qt::Key_Space);
  ASSERT_TRUE(until([&] { return m_session->modality() == Modality::Signature; }));
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  EXPECT_EQ(page->examination()->fused->value, signature);
  EXPECT_EQ(page->recordPanel()->note()->text(), "at the counter");
  ASSERT_TRUE(until([&] { return second->examination().has_value(); }));
  EXPECT_FALSE(second->isUnrecorded());
  QTest::mouseClick(page->recordPanel()->button(Finding::Refer), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return history->table()->model()->rowCount() == 2; }));
  // What is recorded is still there on coming back.
  choose(Modality::Face);
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  EXPECT_TRUE(page->recordPanel()->nextButton()->isVisible());
  QTest::mouseClick(page->recordPanel()->nextButton(), Qt::LeftButton);
  EXPECT_FALSE(second->hasVerdict()) << "both are recorded: the next case";
  EXPECT_FALSE(page->examination());
}

/// With both networks that ship, whose cards have trials of other people.
class ShippedFacesInTheWindow : public FacesInTheWindow {
 protected:
  void SetUp() override {
    m_network = COUNTERSIGN_SOURCE_DIR "/models/signature/signature.safetensors";
    FacesInTheWindow::SetUp();
  }
};

TEST_F(ShippedFacesInTheWindow, AddToTheSignaturesEvidence) {
  const auto ada = enrol("1", "Ada", 4);
  addFaces("1", 1);
  m_window->showPage(MainWindow::Page::Verify);
  auto* page = m_window->verifyPage();
  page->choosePerson(ada);
  page->takeImage({photo(1, 5), {}});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  choose(Modality::Signature);
  page->takeImage({drawing(4, 5), {}});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  const auto* banner = page->secondVerdict()->findChild<VerdictBanner*>();
  EXPECT_TRUE(until([&] { return banner->accessibleName().contains("Both: "); }))
      << banner->accessibleName().toStdString();
  const auto llrOf = [&](Modality modality, const Examination& e) {
    const auto strength = m_session->serviceOf(modality)->strengthFor(3);
    return strength->against(TrialKind::Random)->logLikelihoodRatio(e.fused->value);
  };
  const double sum = llrOf(Modality::Signature, *page->examination()) +
                     llrOf(Modality::Face, *page->secondVerdict()->examination());
  EXPECT_TRUE(banner->accessibleName().contains(strengthText(sum, TrialKind::Random)))
      << banner->accessibleName().toStdString();
}

TEST_F(FacesInTheWindow, LeaveNothingBehindAmongSignatures) {
  const auto ada = enrol("1", "Ada", 4);
  m_window->showPage(MainWindow::Page::Verify);
  auto* page = m_window->verifyPage();
  page->choosePerson(ada);
  page->takeImage({drawing(4, 5), {}});
  ASSERT_TRUE(until([&] { return page->examination().has_value(); }));
  choose(Modality::Face);
  EXPECT_FALSE(page->examination());
  ASSERT_TRUE(page->picker()->person()) << "the person stays";
  ASSERT_TRUE(until([&] { return page->references()->count() == 0; })) << "a face is not on file";
  page->takeImage({photo(1, 0), {}});
  QTest::qWait(300);
  EXPECT_FALSE(page->examination()) << "nothing to compare with";
  // A change among faces is taken back with signatures on the screen.
  enrolFaces("2", 1);
  choose(Modality::Signature);
  ASSERT_TRUE(until([&] { return page->references()->count() == 3; }));
  QTest::keyClick(m_window.get(), Qt::Key_Z, Qt::ControlModifier);
  EXPECT_TRUE(until([&] { return m_session->people().size() == 1; }));
}

TEST_F(FacesInTheWindow, AreSavedThoughSignaturesAreChosenMeanwhile) {
  choose(Modality::Face);
  m_window->showPage(MainWindow::Page::People);
  m_window->peoplePage()->enrol({}, "1");
  auto* panel = m_window->peoplePage()->enrolPanel();
  dropFiles(*panel->drop(), {photo(1, 0), photo(1, 1), photo(1, 2)});
  ASSERT_TRUE(until([&] { return panel->imageCount() == 3 && panel->saveButton()->isEnabled(); }));
  panel->saveButton()->click();
  m_session->setModality(Modality::Signature);
  ASSERT_TRUE(until([&] { return m_session->people().size() == 1; }));
  EXPECT_EQ(m_session->people().front().faceReferences, 3);
  EXPECT_TRUE(until([&] { return m_window->messageBar()->text().contains("3 faces of 1"); }));
  EXPECT_EQ(m_session->modality(), Modality::Signature);
  // The last wish counts, however quickly it follows another.
  m_session->setModality(Modality::Face);
  m_session->setModality(Modality::Signature);
  QTest::qWait(300);
  EXPECT_EQ(m_session->modality(), Modality::Signature);
  m_session->undo();
  EXPECT_TRUE(until([&] { return m_session->people().empty(); }));
}

TEST_F(FacesInTheWindow, OfSomebodyOnFileArePointedOutAndMerged) {
  choose(Modality::Face);
  enrolFaces("1", 1);
  m_window->showPage(MainWindow::Page::People);
  auto* page = m_window->peoplePage();
  page->enrol({}, "2");
  auto* panel = page->enrolPanel();
  dropFiles(*panel->drop(), {photo(1, 5), photo(1, 6)});
  ASSERT_TRUE(until([&] { return panel->lookalike()->isVisible(); }));
  EXPECT_TRUE(panel->lookalike()->text().contains("on file already"));
  EXPECT_TRUE(panel->addToLookalikeButton()->isVisible());
  // Enrolled as somebody else all the same, and merged later.
  ASSERT_TRUE(until([&] { return panel->saveButton()->isEnabled(); }));
  panel->saveButton()->click();
  ASSERT_TRUE(until([&] { return m_session->people().size() == 2; }));
  const auto second = std::find_if(m_session->people().begin(), m_session->people().end(),
                                   [](const auto& one) { return one.person.identifier == "2"; });
  page->select(second->person.key);
  QTest::mouseClick(page->mergeButton(), Qt::LeftButton);
  auto* dialog = page->findChild<MergeDialog*>();
  ASSERT_NE(dialog, nullptr);
  EXPECT_FALSE(dialog->mergeButton()->isEnabled());
  QTest::keyClicks(dialog->picker(), "1");
  QTest::keyClick(dialog->picker(), Qt::Key_Return);
  ASSERT_TRUE(dialog->mergeButton()->isEnabled());
  QTest::mouseClick(dialog->mergeButton(), Qt::LeftButton);
  ASSERT_TRUE(until([&] { return m_session->people().size() == 1; }));
  EXPECT_EQ(m_session->people().front().faceReferences, 5);
  EXPECT_TRUE(m_window->messageBar()->text().contains("merged into"));
  m_session->undo();
  ASSERT_TRUE(until([&] { return m_session->people().size() == 2; }));
  // The other way: the images go to whom they look like.
  page->enrol({}, "3");
  EXPECT_FALSE(panel->lookalike()->isVisible()) << "that was about other images";
  dropFiles(*panel->drop(), {photo(1, 8)});
  ASSERT_TRUE(until([&] { return panel->addToLookalikeButton()->isVisible(); }));
  QTest::mouseClick(panel->addToLookalikeButton(), Qt::LeftButton);
  EXPECT_TRUE(panel->identifier()->text() == "1" || panel->identifier()->text() == "2");
}

TEST_F(FacesInTheWindow, AreImportedByTheFolderAndTakenBack) {
  choose(Modality::Face);
  const auto people = m_folder.path() / "people";
  for (std::uint64_t person = 1; person <= 3; ++person) {
    const auto folder = people / (std::to_string(person) + " Person " + std::to_string(person));
    std::filesystem::create_directories(folder);
    for (std::uint64_t index = 0; index < 2; ++index)
      std::filesystem::copy_file(photo(person, index).toStdString(),
                                 folder / (std::to_string(index) + ".png"));
  }
  std::filesystem::copy_file(group().toStdString(), people / "1 Person 1" / "group.png");
  m_window->showPage(MainWindow::Page::People);
  m_session->importFolder(people);
  ASSERT_TRUE(until([&] { return m_session->people().size() == 3; }));
  EXPECT_EQ(m_session->people().front().person.name, "Person 1");
  EXPECT_EQ(m_session->people().front().faceReferences, 2);
  auto* report = m_window->peoplePage()->findChild<QMessageBox*>();
  ASSERT_NE(report, nullptr);
  EXPECT_TRUE(report->informativeText().contains("group.png")) << "several faces";
  report->close();
  EXPECT_TRUE(m_window->messageBar()->text().contains("6 images"))
      << m_window->messageBar()->text().toStdString();
  m_session->undo();
  EXPECT_TRUE(until([&] { return m_session->people().empty(); }));
}

TEST_F(FacesInTheWindow, OfSeveralPeopleAreToldApartByAFrame) {
  choose(Modality::Face);
  m_window->showPage(MainWindow::Page::People);
  m_window->peoplePage()->enrol({}, "1");
  auto* panel = m_window->peoplePage()->enrolPanel();
  panel->takeImages({{group(), {}}});
  ASSERT_TRUE(until([&] { return panel->imageCount() == 1; }));
  EXPECT_FALSE(panel->saveButton()->isEnabled());
  EXPECT_NE(panel->image(0).examined->image.quality.find("more than one face"), std::string::npos);
  panel->crop(0);
  auto* dialog = m_window->findChild<CropDialog*>();
  ASSERT_NE(dialog, nullptr);
  // By a click, by a key, or by a frame.
  const auto chosenX = [&] {
    const auto& face = *dialog->result()->sample.face;
    return face.chosen ? face.faces[*face.chosen].box.x : -1;
  };
  QTest::mouseClick(dialog->frame(), Qt::LeftButton, {}, dialog->frame()->placeOf(1));
  ASSERT_TRUE(until([&] { return dialog->result()->isComparable(); }));
  EXPECT_GT(chosenX(), 260);
  EXPECT_EQ(dialog->result()->image.region.face, (FaceChoice{FaceChoice::Kind::Number, 2}));
  QTest::keyClick(dialog->frame(), Qt::Key_1);
  ASSERT_TRUE(until([&] { return dialog->result()->isComparable() && chosenX() < 260; }));
  dialog->frame()->setCrop({262, 0, 256, 260});
  ASSERT_TRUE(until([&] {
    return dialog->result()->isComparable() && dialog->result()->image.region.crop.has_value();
  }));
  EXPECT_EQ(dialog->result()->image.region.face, FaceChoice{});
  dialog->accept();
  EXPECT_TRUE(until([&] { return panel->saveButton()->isEnabled(); }));
}

TEST_F(FacesInTheWindow, AreRefusedWithASentenceWhereThereIsNoNetworkForThem) {
  m_faceNetwork = m_folder.path() / "missing.safetensors";
  openWindow();
  m_window->showPage(MainWindow::Page::Verify);
  QTest::keyClick(m_window.get(), Qt::Key_2, Qt::ControlModifier);
  EXPECT_TRUE(until([&] { return m_window->messageBar()->text().contains("missing"); }));
  EXPECT_EQ(m_session->modality(), Modality::Signature);
}

}  // namespace
}  // namespace countersign::ui
