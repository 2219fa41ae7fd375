// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/office/StoreTrials.h"

#include <gtest/gtest.h>

#include "core/office/Office.h"
#include "tests/support/TestNetwork.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

class TrialsOfAStore : public testing::Test {
 protected:
  void SetUp() override {
    auto office = Office::open({.folder = test::storeIn(m_folder.path() / "store"),
                                .access = Store::Access::Write,
                                .shippedNetwork = m_network,
                                .author = {"ada"},
                                .clock = test::steppingClock()});
    ASSERT_TRUE(office) << office.error().message;
    m_office = *std::move(office);
    m_desk = m_office->signatureDesk();
  }
  Person enrol(std::uint64_t number, int count) {
    std::vector<std::shared_ptr<const ExaminedImage>> images;
    images.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      images.push_back(test::examinedDrawing(*m_desk, number, static_cast<std::uint64_t>(i)));
    return m_desk->enrol(std::to_string(number), "Person " + std::to_string(number), images)
        ->person;
  }
  static std::size_t count(const KnownTrials& known, TrialKind kind) {
    return static_cast<std::size_t>(std::count(known.evidence.groups.begin(),
                                               known.evidence.groups.end(),
                                               static_cast<std::uint8_t>(kind)));
  }

  test::TemporaryFolder m_folder;
  std::filesystem::path m_network = test::writeRandomNetwork(m_folder.path(), "first", 1);
  std::unique_ptr<Office> m_office;
  std::shared_ptr<const Desk> m_desk;
};

TEST_F(TrialsOfAStore, NeedSomebodyWithTwoReferences) {
  EXPECT_EQ(storeTrials(*m_desk, {}).error().code, ErrorCode::NotFound);
  enrol(1, 1);
  EXPECT_EQ(storeTrials(*m_desk, {}).error().code, ErrorCode::NotFound);
}

TEST_F(TrialsOfAStore, LeaveEachReferenceOutOnce) {
  const auto ada = enrol(1, 3);
  enrol(2, 2);
  enrol(3, 1);
  const auto made = storeTrials(*m_desk, {});
  ASSERT_TRUE(made) << made.error().message;
  const auto& known = made->known;
  EXPECT_EQ(made->people, 2);
  EXPECT_EQ(made->singles, 1);
  EXPECT_EQ(count(known, TrialKind::Genuine), 5U);
  EXPECT_EQ(count(known, TrialKind::Random), 12U) << "six references against two others each";
  EXPECT_EQ(made->possibleNonMated, 12);
  EXPECT_EQ(known.network, m_desk->network().identity());
  EXPECT_EQ(known.people.size(), 3U);
  // The first trial: Ada's first reference against her two others, fused as a verification is.
  const auto references = m_desk->embeddedReferences(ada.key);
  ASSERT_TRUE(references);
  std::vector<SimilarityScore> scores;
  for (const std::size_t other : {1U, 2U})
    scores.push_back({m_desk->network().score((*references)[0], (*references)[other])});
  EXPECT_NEAR(known.evidence.scores[0],
              fuseScores(scores, m_desk->network().card().fusedReferences).value, 1e-6);
  for (std::size_t i = 0; i < known.probes.size(); ++i)
    EXPECT_NE(known.probes[i], known.shown[i]) << "nothing is compared with itself";
}

TEST_F(TrialsOfAStore, AreAnEvenChoiceWhereThereAreTooMany) {
  for (const std::uint64_t person : {1, 2, 3, 4, 5}) enrol(person, 2);
  const auto made = storeTrials(*m_desk, {}, {.mostNonMated = 20});
  ASSERT_TRUE(made);
  EXPECT_EQ(count(made->known, TrialKind::Random), 20U);
  EXPECT_EQ(made->possibleNonMated, 40);
  std::vector<int> claimed(5);
  for (std::size_t i = 0; i < made->known.evidence.groups.size(); ++i)
    if (made->known.evidence.groups[i] == static_cast<std::uint8_t>(TrialKind::Random))
      ++claimed[static_cast<std::size_t>(made->known.evidence.subjects[i])];
  for (const int times : claimed) EXPECT_GE(times, 2) << "nobody is left out";
}

TEST_F(TrialsOfAStore, CountRecordedForgeriesOnce) {
  const auto ada = enrol(1, 2);
  enrol(2, 2);
  const auto probe = test::examinedDrawing(*m_desk, 7, 0);
  for (const auto recorded : {Finding::NonMatch, Finding::NonMatch, Finding::Match}) {
    const auto examination = m_desk->verify(ada.key, probe);
    ASSERT_TRUE(examination);
    ASSERT_TRUE(m_desk->record(*examination, {recorded}));
  }
  const auto made = storeTrials(*m_desk, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->forgeries, 1) << "the same image twice is one forgery";
  EXPECT_EQ(count(made->known, TrialKind::Skilled), 1U);
  const auto sample = made->known.samples[static_cast<std::size_t>(made->known.probes.back())];
  EXPECT_GT(sample.decision, 0);
}

TEST_F(TrialsOfAStore, AreReadBackAsTheyWereWritten) {
  const auto first = enrol(1, 3);
  const auto second = enrol(2, 3);
  ASSERT_TRUE(m_office->repository().renamePerson(second.key, first.name, {"ada"}));
  const auto made = storeTrials(*m_desk, {});
  ASSERT_TRUE(made);
  const auto read = parseScoredTrials(writeKnownTrials(made->known));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->evidence.scores, made->known.evidence.scores);
  EXPECT_EQ(read->evidence.groups, made->known.evidence.groups);
  EXPECT_EQ(read->network, made->known.network);
  EXPECT_EQ(read->evidence.subjects, made->known.evidence.subjects)
      << "the two have one name, and are two people";
  EXPECT_EQ(read->people, made->known.people);
  EXPECT_EQ(read->references, made->known.references);
  EXPECT_EQ(read->references, 2) << "one of three is left out";
}

TEST_F(TrialsOfAStore, StopWhenAsked) {
  enrol(1, 2);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(storeTrials(*m_desk, {stop.get_token(), {}}).error().code, ErrorCode::Cancelled);
}

}  // namespace
}  // namespace countersign
