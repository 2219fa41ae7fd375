// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/biometrics/Desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/biometrics/IndividualThreshold.h"
#include "core/office/Office.h"
#include "tests/support/TestImages.h"
#include "tests/support/TestNetwork.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::HasSubstr;

class DeskWithAStore : public testing::Test {
 protected:
  void SetUp() override {
    auto office = Office::open({.folder = test::storeIn(m_folder.path() / "store"),
                                .access = Store::Access::Write,
                                .shippedNetwork = test::writeRandomNetwork(m_folder.path(), "net"),
                                .author = {"ada"},
                                .clock = test::steppingClock()});
    ASSERT_TRUE(office) << office.error().message << office.error().detail;
    m_office = *std::move(office);
    m_desk = m_office->signatureDesk();
  }
  std::shared_ptr<const ExaminedImage> drawing(std::uint64_t number,
                                               std::uint64_t index = 0) const {
    return test::examinedDrawing(*m_desk, number, index);
  }
  Person enrol(const std::string& identifier, std::uint64_t number, int count = 3) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    images.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      images.push_back(drawing(number, static_cast<std::uint64_t>(i)));
    auto enrolled = m_desk->enrol(identifier, "Name", images);
    EXPECT_TRUE(enrolled) << enrolled.error().message;
    return enrolled->person;
  }

  test::TemporaryFolder m_folder;
  std::unique_ptr<Office> m_office;
  std::shared_ptr<const Desk> m_desk;
};

TEST_F(DeskWithAStore, ScoresAProbeAgainstEachReferenceAndFuses) {
  const auto ada = enrol("1", 4);
  const auto examination = m_desk->verify(ada.key, drawing(4, 0));
  ASSERT_TRUE(examination) << examination.error().message;
  ASSERT_EQ(examination->scores.size(), 3U);
  EXPECT_NEAR(examination->scores[0].value, 1, 1e-6) << "the same picture";
  EXPECT_EQ(*examination->fused,
            fuseScores(examination->scores, m_desk->network().card().fusedReferences));
  EXPECT_EQ(examination->finding,
            findingOf(decide(*examination->fused, examination->service.rule)));
}

TEST_F(DeskWithAStore, EnrolsReferencesWithTheCopiesThatTheNetworkAsksFor) {
  auto file = test::randomNetwork();
  file.card.referenceCopies = 3;
  const auto path = m_folder.path() / "copying.safetensors";
  ASSERT_TRUE(writeNetworkFile(path, file));
  ASSERT_TRUE(m_office->changeNetwork(path, {}));
  m_desk = m_office->signatureDesk();
  const auto ada = enrol("1", 4, 2);
  const auto templates = m_office->repository().templates(m_desk->network().identity(), ada.key);
  ASSERT_TRUE(templates);
  ASSERT_EQ(templates->size(), 2U);
  const auto expected = m_desk->network().embedReference(drawing(4, 0)->sample.canvas);
  EXPECT_EQ(m_desk->verify(ada.key, drawing(4, 0))->embedded[0].embedding, expected->embedding);
  // The same templates when the references are embedded anew on a change of networks.
  ASSERT_TRUE(m_office->changeNetwork(m_folder.path() / "net.safetensors", {}));
  file.card.referenceCopies = 4;
  ASSERT_TRUE(writeNetworkFile(path, file));
  ASSERT_TRUE(m_office->changeNetwork(path, {}));
  m_desk = m_office->signatureDesk();
  const auto again = m_desk->network().embedReference(drawing(4, 0)->sample.canvas);
  EXPECT_EQ(m_desk->verify(ada.key, drawing(4, 0))->embedded[0].embedding, again->embedding);
}

TEST_F(DeskWithAStore, FollowsTheRuleInForce) {
  const auto ada = enrol("1", 4);
  const auto probe = drawing(4, 7);
  const auto score = m_desk->verify(ada.key, probe)->fused->value;
  ASSERT_TRUE(m_desk->setRule(score, 0.0));
  EXPECT_EQ(m_desk->verify(ada.key, probe)->finding, Finding::NonMatch) << "equal is not above";
  ASSERT_TRUE(m_desk->setRule(score - 0.01, {}));
  EXPECT_EQ(m_desk->verify(ada.key, probe)->finding, Finding::Match);
  ASSERT_TRUE(m_desk->setRule({}, 0.05));
  EXPECT_EQ(m_desk->verify(ada.key, probe)->finding, Finding::Refer);
  EXPECT_FALSE(m_desk->setRule(1.5, {}));
  EXPECT_FALSE(m_desk->setRule({}, -0.1));
}

TEST_F(DeskWithAStore, CannotJudgeABlankProbeButRecordsThatItSaw) {
  const auto ada = enrol("1", 4);
  auto blank = m_desk->examine(test::encoded(cv::Mat(200, 400, CV_8UC1, cv::Scalar(245)), ".png"),
                               "blank.png");
  ASSERT_TRUE(blank);
  EXPECT_FALSE(blank->isComparable());
  const auto examination =
      m_desk->verify(ada.key, std::make_shared<const ExaminedImage>(*std::move(blank)));
  ASSERT_TRUE(examination);
  EXPECT_EQ(examination->finding, Finding::CannotJudge);
  EXPECT_FALSE(examination->fused);
  const auto key = m_desk->record(*examination, {Finding::Refer});
  ASSERT_TRUE(key);
  const auto decision = m_office->repository().decision(*key);
  EXPECT_EQ(decision->summary.finding, Finding::CannotJudge);
  EXPECT_FALSE(decision->summary.score);
  EXPECT_TRUE(m_desk->reproduce(*decision));
}

TEST_F(DeskWithAStore, ReproducesARecordedScoreFromTheOriginalImage) {
  const auto ada = enrol("1", 4);
  auto region = SampleRegion{.crop = {}, .rotation = 3};
  auto probe = m_desk->examineAgain(*drawing(4, 9), region);
  ASSERT_TRUE(probe);
  const auto examination =
      m_desk->verify(ada.key, std::make_shared<const ExaminedImage>(*std::move(probe)));
  const auto key = m_desk->record(*examination, {Finding::Match, "seen in person"});
  ASSERT_TRUE(key);
  // Removing the references does not take the evidence away.
  ASSERT_TRUE(m_office->repository().retirePerson(ada.key, {"ada"}));
  const auto decision = m_office->repository().decision(*key);
  const auto again = m_desk->reproduce(*decision);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->isFromImage);
  EXPECT_TRUE(again->isSame);
  EXPECT_NEAR(again->score->value, examination->fused->value, 1e-6);

  auto forged = *decision;
  forged.content.score = *forged.content.score + 0.01;
  EXPECT_FALSE(m_desk->reproduce(forged)->isSame);
}

TEST_F(DeskWithAStore, DecidesByAmount) {
  const auto ada = enrol("1", 4);
  const auto probe = drawing(4, 9);
  ASSERT_TRUE(m_desk->setRule(-1.0, 0.0));
  ASSERT_TRUE(m_desk->setPolicy({{{500, {-0.5}}, {5000, {1}}}, false, 0}));
  EXPECT_EQ(m_desk->verify(ada.key, probe)->applied.rule.threshold.value, -1);
  const auto small = m_desk->verify(ada.key, probe, 500);
  EXPECT_EQ(small->applied.rule.threshold.value, -0.5);
  EXPECT_EQ(small->finding, Finding::Match);
  EXPECT_EQ(m_desk->verify(ada.key, probe, 501)->finding, Finding::NonMatch)
      << "nothing is above 1";
  const auto large = m_desk->verify(ada.key, drawing(4, 0), 5001);
  EXPECT_EQ(large->finding, Finding::Refer) << "whatever the score";
  const auto key = m_desk->record(*large, {Finding::Match, "", Finding::NonMatch});
  ASSERT_TRUE(key) << key.error().message;
  const auto decision = m_office->repository().decision(*key);
  EXPECT_EQ(decision->summary.applied.amount, 5001);
  EXPECT_TRUE(decision->summary.applied.isAlwaysReferred);
  EXPECT_EQ(decision->summary.blind, Finding::NonMatch);
  EXPECT_EQ(m_desk->setPolicy({{{500, {2}}}, false, 0}).error().code, ErrorCode::OptionOutOfRange);
}

TEST_F(DeskWithAStore, DecidesByAThresholdThatSomebodySetForAPerson) {
  const auto ada = enrol("1", 4);
  const auto bob = enrol("2", 9);
  ASSERT_TRUE(m_desk->setPolicy({{{500, {0.3}}}, false, 0}));
  EXPECT_FALSE(m_desk->setPersonThreshold(ada.key, 0.2, "")) << "no reason";
  EXPECT_FALSE(m_desk->setPersonThreshold(ada.key, 1.5, "tremor")) << "out of range";
  ASSERT_TRUE(m_desk->setPersonThreshold(ada.key, 0.2, "tremor"));
  const auto own = m_desk->verify(ada.key, drawing(4, 9));
  EXPECT_EQ(own->applied.rule.threshold.value, 0.2);
  EXPECT_EQ(own->applied.source, ThresholdSource::ByHand);
  EXPECT_EQ(m_desk->verify(ada.key, drawing(4, 9), 100)->applied.rule.threshold.value, 0.3)
      << "the stricter one of amount and person";
  ASSERT_TRUE(m_desk->setPersonThreshold(ada.key, 0.4, "often forged"));
  EXPECT_EQ(m_desk->verify(ada.key, drawing(4, 9), 100)->applied.rule.threshold.value, 0.4);
  EXPECT_EQ(m_desk->verify(bob.key, drawing(9, 9))->applied.source, ThresholdSource::Office);
  const auto rule = m_desk->ruleFor(ada.key);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->byHand->reason, "often forged");
  EXPECT_EQ(rule->references, 3);
  EXPECT_TRUE(rule->individual) << "what it would be otherwise";
  ASSERT_TRUE(m_desk->clearPersonThreshold(ada.key));
  EXPECT_EQ(m_desk->verify(ada.key, drawing(4, 9))->applied.source, ThresholdSource::Office);
}

TEST_F(DeskWithAStore, DecidesByTheSpreadOfAPersonsReferences) {
  const auto ada = enrol("1", 4, 4);
  const auto bob = enrol("2", 9, 2);
  ASSERT_TRUE(m_desk->setRule(0.5, 0.0));
  ASSERT_TRUE(m_desk->setPolicy({{}, true, 0})) << m_desk->setPolicy({{}, true, 0}).error().message;
  const auto references = *m_desk->embeddedReferences(ada.key);
  std::vector<double> pairs;
  for (std::size_t i = 0; i < references.size(); ++i)
    for (std::size_t j = i + 1; j < references.size(); ++j)
      pairs.push_back(m_desk->network().score(references[i], references[j]));
  const auto expected =
      individualThreshold({0.5}, *usualSpread(m_desk->network().evidence(), 4), pairs, 4);
  EXPECT_NE(expected.value, 0.5);
  const auto examination = m_desk->verify(ada.key, drawing(4, 9));
  EXPECT_NEAR(examination->applied.rule.threshold.value, expected.value, 1e-9);
  EXPECT_EQ(examination->applied.source, ThresholdSource::Individual);
  EXPECT_NEAR(m_desk->ruleFor(ada.key)->individual->value, expected.value, 1e-9);
  EXPECT_EQ(m_desk->verify(bob.key, drawing(9, 9))->applied.source, ThresholdSource::Office)
      << "two references show no spread";
  ASSERT_TRUE(m_desk->setPersonThreshold(ada.key, 0.2, "tremor"));
  EXPECT_EQ(m_desk->verify(ada.key, drawing(4, 9))->applied.rule.threshold.value, 0.2);
}

TEST_F(DeskWithAStore, HasNoThresholdsByPersonWithoutEvidenceOfWhatIsUsual) {
  auto file = test::randomNetwork(2);
  file.evidence.clear();
  const auto path = m_folder.path() / "unmeasured.safetensors";
  ASSERT_TRUE(writeNetworkFile(path, file));
  ASSERT_TRUE(m_office->changeNetwork(path, {}));
  m_desk = m_office->signatureDesk();
  EXPECT_EQ(m_desk->setPolicy({{}, true, 0}).error().code, ErrorCode::OptionOutOfRange);
  EXPECT_FALSE(m_desk->ruleFor(enrol("1", 4).key)->individual);
}

/// Scores of so many people, each with two mated and two random trials.
ScoreEvidence evidenceOf(int people, TrialKind nonMated) {
  ScoreEvidence evidence;
  for (int person = 0; person < people; ++person)
    for (const auto kind : {TrialKind::Genuine, nonMated})
      for (const float score : {0.1F, 0.2F}) {
        evidence.scores.push_back(score);
        evidence.groups.push_back(static_cast<std::uint8_t>(kind));
        evidence.subjects.push_back(person);
      }
  return evidence;
}

TEST_F(DeskWithAStore, WeighsScoresByOwnPeopleOnceTheyAreEnough) {
  const auto identity = m_desk->network().identity();
  EXPECT_EQ(m_desk->evidence()->size(), m_desk->network().evidence().size()) << "the card's";
  const auto few = evidenceOf(Desk::kFewestOwnPeople - 1, TrialKind::Random);
  EXPECT_EQ(m_desk->weighByOwnPeople(few, 3, identity).error().code,
            ErrorCode::QualityInsufficient);
  const auto enough = evidenceOf(Desk::kFewestOwnPeople, TrialKind::Random);
  EXPECT_EQ(m_desk->weighByOwnPeople(enough, 3, "another").error().code,
            ErrorCode::NetworkIncompatible);
  ASSERT_TRUE(m_desk->weighByOwnPeople(enough, 3, identity));
  auto weighed = *m_desk->evidence();
  ASSERT_EQ(weighed.size(), 1U);
  EXPECT_EQ(weighed.begin()->first, "people-on-file-and-forgeries-of-the-card-3ref");
  EXPECT_EQ(ofKind(weighed.begin()->second, TrialKind::Genuine).scores,
            ofKind(enough, TrialKind::Genuine).scores);
  int forgeries = 0;
  for (const auto& name : listsFor(m_desk->network().evidence(), 3).names)
    forgeries += static_cast<int>(
        ofKind(m_desk->network().evidence().at(name), TrialKind::Skilled).scores.size());
  ASSERT_GT(forgeries, 0);
  EXPECT_EQ(ofKind(weighed.begin()->second, TrialKind::Skilled).scores.size(),
            static_cast<std::size_t>(forgeries));
  ASSERT_TRUE(m_desk->weighByOwnPeople(evidenceOf(Desk::kFewestForgedPeople, TrialKind::Skilled), 3,
                                       identity));
  weighed = *m_desk->evidence();
  EXPECT_EQ(weighed.begin()->first, "people-on-file-3ref") << "forgeries of its own";
  ASSERT_TRUE(m_desk->weighByCard());
  EXPECT_EQ(m_desk->evidence()->size(), m_desk->network().evidence().size());
}

TEST_F(DeskWithAStore, SaysWhichReferenceDiffers) {
  const auto agreement =
      m_desk->agreement({drawing(4, 0), drawing(4, 0), drawing(4, 0), drawing(9, 0)}, {});
  ASSERT_TRUE(agreement);
  ASSERT_EQ(agreement->size(), 4U);
  EXPECT_NEAR((*agreement)[0].score.value, 1, 1e-6);
  EXPECT_LT((*agreement)[3].score.value, (*agreement)[0].score.value);
  ASSERT_TRUE(m_desk->setRule((*agreement)[3].score.value, {}));
  const auto judged =
      m_desk->agreement({drawing(4, 0), drawing(4, 0), drawing(4, 0), drawing(9, 0)}, {});
  EXPECT_TRUE((*judged)[0].agrees);
  EXPECT_FALSE((*judged)[3].agrees);
  EXPECT_TRUE((*m_desk->agreement({drawing(4)}, {}))[0].agrees) << "nothing to differ from";
}

TEST_F(DeskWithAStore, FindsThePersonOrSaysUnknown) {
  enrol("1", 4);
  const auto bob = enrol("2", 9);
  const auto found = m_desk->identify(drawing(9, 0), 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->people, 2);
  ASSERT_EQ(found->candidates.size(), 1U);
  EXPECT_EQ(found->candidates[0].person.key, bob.key);
  ASSERT_TRUE(m_desk->setRule(found->candidates[0].score.value, 0.0));
  const auto unknown = m_desk->identify(drawing(9, 0));
  EXPECT_EQ(unknown->finding, Finding::NonMatch);
  EXPECT_EQ(unknown->candidates.size(), 2U);

  const auto key = m_desk->record(*unknown, {}, Finding::NonMatch, "");
  ASSERT_TRUE(key);
  const auto decision = m_office->repository().decision(*key);
  EXPECT_TRUE(decision->summary.isIdentification);
  EXPECT_FALSE(decision->summary.person);
  const auto chosen = m_desk->record(*unknown, bob.key, Finding::Match, "");
  EXPECT_TRUE(m_desk->reproduce(*m_office->repository().decision(*chosen))->isSame);
}

TEST_F(DeskWithAStore, PointsOutWhoLooksLikeNewImages) {
  const auto ada = enrol("1", 4);
  enrol("2", 9);
  // The random network finds all drawings much alike: τ between the two.
  const auto own = m_desk->identify(drawing(4, 5));
  ASSERT_TRUE(own);
  ASSERT_EQ(own->candidates.front().person.key, ada.key);
  const double between = (own->candidates[0].score.value + own->candidates[1].score.value) / 2;
  ASSERT_TRUE(m_desk->setRule(between, {}));
  const auto alike = m_desk->lookalikes({drawing(4, 5)}, {});
  ASSERT_TRUE(alike) << alike.error().message;
  ASSERT_EQ(alike->size(), 1U);
  EXPECT_EQ(alike->front().person.key, ada.key);
  EXPECT_NEAR(alike->front().score.value, own->candidates.front().score.value, 1e-6);
  EXPECT_TRUE(m_desk->lookalikes({drawing(4, 5)}, ada.key)->empty()) << "their own do not count";
  EXPECT_TRUE(m_desk->lookalikes({}, {})->empty());
  // Every image has to pass, not the most of them.
  ASSERT_TRUE(m_desk->setRule(0.999999, {}));
  EXPECT_TRUE(m_desk->lookalikes({drawing(4, 0), drawing(4, 5)}, {})->empty());
}

TEST_F(DeskWithAStore, RefusesToEnrolWhatCannotBeCompared) {
  auto blank = m_desk->examine(test::encoded(cv::Mat(200, 400, CV_8UC1, cv::Scalar(245)), ".png"),
                               "blank.png");
  const auto refused = m_desk->enrol(
      "1", "", {drawing(4), std::make_shared<const ExaminedImage>(*std::move(blank))});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::QualityInsufficient);
  EXPECT_THAT(refused.error().message, HasSubstr("blank.png"));
  EXPECT_TRUE(m_office->repository().people()->empty());
}

TEST_F(DeskWithAStore, NeverComparesWithTheTemplatesOfAnotherNetwork) {
  const auto ada = enrol("1", 4);
  const auto other = test::writeRandomNetwork(m_folder.path(), "other", 2);
  ASSERT_TRUE(m_office->changeNetwork(other, {}));
  const auto old = drawing(4);
  const auto refused = m_desk->verify(ada.key, old);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::NetworkIncompatible);
  // Nor with a probe, or a new reference, that the old network embedded: both have one length.
  const auto desk = m_office->signatureDesk();
  EXPECT_EQ(desk->verify(ada.key, old).error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(desk->identify(old).error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(desk->enrol("2", "", {old}).error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(desk->agreement({old}, {}).error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(desk->setRule(0.5, {}, m_desk->network().identity()).error().code,
            ErrorCode::NetworkIncompatible);
  const auto anew = desk->examineAgain(*old, {});
  EXPECT_TRUE(desk->verify(ada.key, std::make_shared<const ExaminedImage>(*anew)));
}

TEST_F(DeskWithAStore, KnowsTheKindOfInput) {
  const auto kindOf = [&](const cv::Mat& image) {
    return m_desk->examine(test::encoded(image, ".png"), "x.png")->image.kind;
  };
  cv::Mat grey = test::signatureDrawing(4);
  cv::Mat bilevel = grey > 128;
  cv::Mat colour;
  cv::merge(std::vector<cv::Mat>{cv::Mat(grey.size(), CV_8UC1, cv::Scalar(255)), grey, grey},
            colour);
  EXPECT_EQ(kindOf(grey), InputKind::Grey);
  EXPECT_EQ(kindOf(bilevel), InputKind::Bilevel);
  EXPECT_EQ(kindOf(colour), InputKind::Colour);
}

}  // namespace
}  // namespace countersign
