// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <limits>
#include <thread>

#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kSignature = Modality::Signature;

class StoreInAFolder : public testing::Test {
 protected:
  void SetUp() override {
    test::storeIn(folder());
    reopen();
  }

  void reopen() {
    m_store.reset();
    auto opened = Store::open(folder(), Store::Access::Write, m_clock);
    ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
    m_store = *std::move(opened);
  }
  std::filesystem::path folder() const { return m_folder.path() / "store"; }
  Repository& repository() { return m_store->repository(); }
  Enrolled enrol(const std::string& identifier, const std::vector<std::string>& images) {
    Enrolment enrolment{identifier, "Name of " + identifier, {}};
    for (const auto& image : images)
      enrolment.references.push_back(test::plainReference(image, "net-a"));
    auto enrolled = repository().enrol(enrolment, m_author);
    EXPECT_TRUE(enrolled) << enrolled.error().message << enrolled.error().detail;
    return *std::move(enrolled);
  }
  static std::vector<std::string> identifiersOf(const Result<std::vector<PersonSummary>>& people) {
    std::vector<std::string> all;
    for (const auto& summary : *people) all.push_back(summary.person.identifier);
    return all;
  }
  NewDecision decisionAbout(const Enrolled& enrolled) const {
    NewDecision decision;
    decision.person = enrolled.person.key;
    decision.network = "net-a";
    decision.probe = test::plainReference("probe", "net-a").image;
    decision.embedding = {0, 0, 128, 63};
    decision.references = {{enrolled.references.front(), {0, 0, 0, 64}, 0.75}};
    decision.applied = {{{0.7}, 0.02}, ThresholdSource::Amount, 1250.5, true};
    decision.blind = Finding::NonMatch;
    decision.fusedReferences = 3;
    decision.score = 0.75;
    decision.finding = Finding::Match;
    decision.recorded = Finding::Refer;
    decision.note = "Überweisung – „4471“";
    return decision;
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  Author m_author{"ada"};
  std::unique_ptr<Store> m_store;
};

TEST_F(StoreInAFolder, KeepsAReferenceAsItWasGiven) {
  const auto enrolled = enrol("10342", {"one", "two"});
  EXPECT_TRUE(enrolled.isNewPerson);
  reopen();
  const auto person = repository().findPerson("10342");
  ASSERT_TRUE(person);
  EXPECT_EQ(person->name, "Name of 10342");
  const auto references = repository().references(person->key);
  ASSERT_TRUE(references);
  ASSERT_EQ(references->size(), 2U);
  const auto given = test::plainReference("one", "net-a");
  const auto& first = references->front();
  EXPECT_EQ(first.sourceName, "one.png");
  EXPECT_EQ(first.sourceHash, given.image.sourceHash);
  EXPECT_EQ(first.region.crop, given.image.region.crop);
  EXPECT_EQ(first.region.rotation, -2.5);
  EXPECT_EQ(first.dotsPerInch, 300);
  EXPECT_EQ(first.quality, "A remark.");
  EXPECT_EQ(first.added.author, "ada");
  EXPECT_EQ(toIso8601(first.added.time), "2026-01-02T03:04:07Z");
  const auto images = repository().images(first.key);
  ASSERT_TRUE(images);
  EXPECT_EQ(images->original, given.image.original);
  EXPECT_EQ(images->normalised, given.image.normalised);
  const auto templates = repository().templates("net-a", person->key);
  ASSERT_TRUE(templates);
  ASSERT_EQ(templates->size(), 2U);
  EXPECT_EQ(templates->front().content, given.templates.front().content);
}

TEST_F(StoreInAFolder, RefusesTheSameImageTwiceAndSavesNothingOfThatEnrolment) {
  enrol("1", {"one"});
  const auto again = repository().enrol(
      {"2",
       "Somebody else",
       {test::plainReference("two", "net-a"), test::plainReference("one", "net-a")}},
      m_author);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::AlreadyEnrolled);
  EXPECT_THAT(again.error().message, HasSubstr("a reference of 1 Name of 1"));
  EXPECT_THAT(identifiersOf(repository().people()), ElementsAre("1"));
  const auto twins = repository().enrol(
      {"3", "", {test::plainReference("x", "net-a"), test::plainReference("x", "net-a")}},
      m_author);
  ASSERT_FALSE(twins);
  EXPECT_THAT(twins.error().message, HasSubstr("twice"));
}

TEST_F(StoreInAFolder, AddsToAPersonWhoIsOnFileAndKeepsTheirName) {
  enrol("1", {"one"});
  const auto more =
      repository().enrol({"1", "Another name", {test::plainReference("two", "net-a")}}, m_author);
  ASSERT_TRUE(more);
  EXPECT_FALSE(more->isNewPerson);
  EXPECT_EQ(more->person.name, "Name of 1");
  EXPECT_EQ(repository().people()->front().signatureReferences, 2);
}

TEST_F(StoreInAFolder, TakesRemovalsBackUntilItIsOpenedAgain) {
  const auto ada = enrol("1", {"one", "two"});
  const auto bob = enrol("2", {"three"});
  ASSERT_TRUE(repository().retireReferences({ada.references[0]}, m_author));
  ASSERT_TRUE(repository().retirePerson(bob.person.key, m_author));
  EXPECT_EQ(repository().references(ada.person.key)->size(), 1U);
  EXPECT_THAT(identifiersOf(repository().people()), ElementsAre("1"));
  EXPECT_EQ(repository().templates("net-a", {})->size(), 1U);
  EXPECT_FALSE(repository().retirePerson(bob.person.key, m_author)) << "twice";

  ASSERT_TRUE(repository().restoreReferences({ada.references[0]}, m_author));
  ASSERT_TRUE(repository().restorePerson(bob.person.key, m_author));
  EXPECT_EQ(repository().references(ada.person.key)->size(), 2U);
  EXPECT_THAT(identifiersOf(repository().people()), ElementsAre("1", "2"));

  ASSERT_TRUE(repository().retirePerson(bob.person.key, m_author));
  reopen();
  EXPECT_EQ(repository().restorePerson(bob.person.key, m_author).error().code, ErrorCode::NotFound);
  EXPECT_EQ(repository().images(bob.references[0]).error().code, ErrorCode::NotFound);
}

TEST_F(StoreInAFolder, MergesTwoPeopleAndTakesItBack) {
  const auto ada = enrol("1", {"one", "two"});
  const auto twin = enrol("2", {"three"});
  const auto decision = repository().record(decisionAbout(twin), m_author);
  ASSERT_TRUE(decision);
  EXPECT_EQ(repository().mergePeople(ada.person.key, ada.person.key, m_author).error().code,
            ErrorCode::OptionOutOfRange);
  EXPECT_EQ(repository().mergePeople(ada.person.key, {99}, m_author).error().code,
            ErrorCode::NotFound);
  const auto merge = repository().mergePeople(twin.person.key, ada.person.key, m_author);
  ASSERT_TRUE(merge) << merge.error().message;
  EXPECT_EQ(merge->moved, twin.references);
  EXPECT_THAT(identifiersOf(repository().people()), ElementsAre("1"));
  EXPECT_EQ(repository().references(ada.person.key)->size(), 3U);
  EXPECT_EQ(repository().templates("net-a", ada.person.key)->size(), 3U);
  EXPECT_EQ(repository().decision(*decision)->summary.person->identifier, "2") << "as it was";
  EXPECT_FALSE(repository().mergePeople(twin.person.key, ada.person.key, m_author)) << "twice";

  ASSERT_TRUE(repository().undoMerge(*merge, m_author));
  EXPECT_THAT(identifiersOf(repository().people()), ElementsAre("1", "2"));
  EXPECT_EQ(repository().references(ada.person.key)->size(), 2U);
  EXPECT_EQ(repository().references(twin.person.key)->size(), 1U);
  EXPECT_FALSE(repository().undoMerge(*merge, m_author)) << "nobody to bring back";

  // Over a restart the one who went is really gone, the references stay.
  ASSERT_TRUE(repository().mergePeople(twin.person.key, ada.person.key, m_author));
  reopen();
  EXPECT_EQ(repository().references(ada.person.key)->size(), 3U);
  EXPECT_TRUE(repository().images(twin.references[0]));
  // An identifier that was given to somebody else meanwhile stays theirs.
  const auto again =
      repository().mergePeople(enrol("3", {"four"}).person.key, ada.person.key, m_author);
  ASSERT_TRUE(again);
  enrol("3", {"five"});
  EXPECT_EQ(repository().undoMerge(*again, m_author).error().code, ErrorCode::AlreadyEnrolled);
  EXPECT_EQ(repository().references(ada.person.key)->size(), 4U);
}

TEST_F(StoreInAFolder, DoesNotRestoreAnImageThatWasEnrolledAgain) {
  const auto ada = enrol("1", {"one", "two"});
  ASSERT_TRUE(repository().retireReferences({ada.references[0]}, m_author));
  enrol("2", {"one"});
  const auto restored = repository().restoreReferences({ada.references[0]}, m_author);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, ErrorCode::AlreadyEnrolled);
  EXPECT_EQ(repository().references(ada.person.key)->size(), 1U) << "rolled back";
}

TEST_F(StoreInAFolder, KeepsWhatADecisionRestsOn) {
  const auto ada = enrol("1", {"one", "two"});
  const auto key = repository().record(decisionAbout(ada), m_author);
  ASSERT_TRUE(key);
  ASSERT_TRUE(repository().retirePerson(ada.person.key, m_author));
  reopen();
  const auto decision = repository().decision(*key);
  ASSERT_TRUE(decision) << decision.error().message;
  const auto& content = decision->content;
  EXPECT_EQ(decision->summary.person->identifier, "1");
  EXPECT_EQ(decision->summary.event.author, "ada");
  EXPECT_EQ(content.note, "Überweisung – „4471“");
  EXPECT_EQ(content.score, 0.75);
  EXPECT_EQ(content.applied.rule.band, 0.02);
  EXPECT_EQ(content.applied.source, ThresholdSource::Amount);
  EXPECT_EQ(content.applied.amount, 1250.5);
  EXPECT_TRUE(content.applied.isAlwaysReferred);
  EXPECT_EQ(content.blind, Finding::NonMatch);
  EXPECT_EQ(content.finding, Finding::Match);
  EXPECT_EQ(content.recorded, Finding::Refer);
  EXPECT_EQ(content.probe.original, decisionAbout(ada).probe.original);
  EXPECT_EQ(content.embedding, decisionAbout(ada).embedding);
  ASSERT_EQ(content.references.size(), 1U);
  EXPECT_EQ(content.references[0].score, 0.75);
  EXPECT_EQ(content.references[0].embedding, (Bytes{0, 0, 0, 64}));
  EXPECT_TRUE(repository().images(content.references[0].reference)) << "needed for the decision";
  EXPECT_EQ(repository().images(ada.references[1]).error().code, ErrorCode::NotFound);
}

TEST_F(StoreInAFolder, OrdersByAnUnbrokenSequenceWhenTheClockIsSetBack) {
  std::int64_t now = 5'000'000;
  m_store.reset();
  m_clock = [&now] { return Timestamp{now}; };
  reopen();
  const auto ada = enrol("1", {"one"});
  now = 1'000'000;
  ASSERT_TRUE(repository().record(decisionAbout(ada), m_author));
  now = 500'000;
  ASSERT_TRUE(repository().record(decisionAbout(ada), m_author));
  const auto all = repository().decisions();
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].event.sequence, (*all)[1].event.sequence + 1);
  EXPECT_LT((*all)[0].event.time, (*all)[1].event.time);
}

TEST_F(StoreInAFolder, SwitchesNetworksOnlyWhenEveryReferenceIsEmbedded) {
  EXPECT_EQ(repository().networkInService(kSignature).error().code, ErrorCode::NotFound);
  const auto ada = enrol("1", {"one", "two"});
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  const auto early = repository().putIntoService(kSignature, "net-b", {{0.6}, 0}, m_author);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::NetworkIncompatible);
  EXPECT_EQ(repository().networkInService(kSignature)->identity, "net-a");
  EXPECT_THAT(*repository().referencesWithout(kSignature, "net-b", 10),
              ElementsAre(ada.references[0], ada.references[1]));
  for (const auto reference : ada.references)
    ASSERT_TRUE(repository().addTemplates(
        {{reference, {"net-b", std::string(kEmbeddingKind), {1, 2, 3, 4}}}}, m_author));
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-b", {{0.6}, 0}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->rule.threshold.value, 0.6);
  // A rule belongs to its network, and is there again when the network is.
  ASSERT_TRUE(repository().setRule("net-b", {{0.65}, 0.01}, m_author));
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.9}, 0}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->rule.threshold.value, 0.5);
  EXPECT_FALSE(repository().setRule("net-z", {{0.5}, 0}, m_author));
}

TEST_F(StoreInAFolder, KeepsThePolicyOfEachNetwork) {
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->policy, DecisionPolicy{});
  const DecisionPolicy policy{
      {{500, {0.6}}, {std::numeric_limits<double>::infinity(), {0.7}}}, true, 0.05};
  ASSERT_TRUE(repository().setPolicy("net-a", policy, m_author));
  ASSERT_TRUE(repository().setRule("net-a", {{0.55}, 0}, m_author));
  reopen();
  EXPECT_EQ(repository().networkInService(kSignature)->policy, policy);
  EXPECT_EQ(repository().networkInService(kSignature)->rule.threshold.value, 0.55);
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-b", {{0.6}, 0}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->policy,
            (DecisionPolicy{{{500, {0.6}}}, false, 0.05}))
      << "its own τ up to the first limit, the same share of blind checks";
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.9}, 0}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->policy, policy);
  ASSERT_TRUE(repository().setPolicy("net-a", {}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->policy, DecisionPolicy{});
  EXPECT_EQ(repository().setPolicy("net-z", {}, m_author).error().code, ErrorCode::NotFound);
}

TEST_F(StoreInAFolder, KeepsAThresholdOfOnePersonWithItsReason) {
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  const auto ada = enrol("1", {"one"}).person.key;
  EXPECT_FALSE(repository().personThreshold(ada, "net-a")->has_value());
  const PersonThreshold tremor{{0.42}, "tremor since 2024", {}};
  ASSERT_TRUE(repository().setPersonThreshold(ada, "net-a", tremor, m_author));
  reopen();
  const auto kept = repository().personThreshold(ada, "net-a");
  ASSERT_TRUE(kept && kept->has_value());
  EXPECT_EQ((*kept)->threshold.value, 0.42);
  EXPECT_EQ((*kept)->reason, "tremor since 2024");
  EXPECT_EQ((*kept)->set.author, "ada");
  EXPECT_FALSE(repository().personThreshold(ada, "net-b")->has_value()) << "of another network";
  EXPECT_EQ(repository()
                .setPersonThreshold(ada, "net-a", PersonThreshold{{0.4}, "", {}}, m_author)
                .error()
                .code,
            ErrorCode::OptionOutOfRange);
  EXPECT_EQ((*repository().personThreshold(ada, "net-a"))->threshold.value, 0.42);
  // Somebody who is really deleted takes it along.
  ASSERT_TRUE(repository().retirePerson(ada, m_author));
  EXPECT_EQ(repository().setPersonThreshold(ada, "net-a", tremor, m_author).error().code,
            ErrorCode::NotFound);
  reopen();
  EXPECT_FALSE(repository().personThreshold(ada, "net-a")->has_value());
  EXPECT_EQ(repository().person(ada).error().code, ErrorCode::NotFound);
  ASSERT_TRUE(m_store->check());

  const auto bob = enrol("2", {"two"}).person.key;
  ASSERT_TRUE(repository().setPersonThreshold(bob, "net-a", tremor, m_author));
  ASSERT_TRUE(repository().setPersonThreshold(bob, "net-a", {}, m_author));
  EXPECT_FALSE(repository().personThreshold(bob, "net-a")->has_value());
}

TEST_F(StoreInAFolder, KeepsTheScoresOfOwnPeopleThatVerdictsAreWeighedBy) {
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->ownEvidence, 0);
  EXPECT_FALSE(repository().ownEvidence("net-a")->has_value());
  const OwnEvidence own{{{0.5F, -0.25F, 1e-7F}, {0, 1, 2}, {7, -1, 1 << 20}}, 4, {}};
  ASSERT_TRUE(repository().setOwnEvidence("net-a", own, m_author));
  reopen();
  const auto kept = repository().ownEvidence("net-a");
  ASSERT_TRUE(kept && kept->has_value());
  EXPECT_EQ((*kept)->evidence.scores, own.evidence.scores);
  EXPECT_EQ((*kept)->evidence.groups, own.evidence.groups);
  EXPECT_EQ((*kept)->evidence.subjects, own.evidence.subjects);
  EXPECT_EQ((*kept)->references, 4);
  EXPECT_EQ(repository().networkInService(kSignature)->ownEvidence, (*kept)->set.sequence);
  ASSERT_TRUE(repository().setOwnEvidence("net-a", own, m_author));
  EXPECT_GT(repository().networkInService(kSignature)->ownEvidence, (*kept)->set.sequence)
      << "made anew";
  ASSERT_TRUE(repository().setOwnEvidence("net-a", {}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->ownEvidence, 0);
}

TEST_F(StoreInAFolder, StaysAsCarefulWithANewNetwork) {
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  ASSERT_TRUE(
      repository().setPolicy("net-a", {{{500, {0.5}}, {5000, {0.7}}}, true, 0.25}, m_author));
  const auto ada = enrol("1", {"one"});
  ASSERT_TRUE(repository().setPersonThreshold(ada.person.key, "net-a",
                                              PersonThreshold{{0.9}, "a twin", {}}, m_author));
  EXPECT_EQ(*repository().personThresholdsElsewhere(kSignature), 0);
  const auto references = repository().references(ada.person.key);
  const auto embedded = test::plainReference("one", "net-b").templates.front();
  ASSERT_TRUE(repository().addTemplates({{references->front().key, embedded}}, m_author));
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-b", {{0.3}, 0.05}, m_author));
  const auto service = *repository().networkInService(kSignature);
  EXPECT_EQ(service.identity, "net-b");
  EXPECT_EQ(service.policy.blindShare, 0.25);
  EXPECT_FALSE(service.policy.isIndividual) << "nobody has looked at this network's spread";
  ASSERT_EQ(service.policy.amounts.size(), 1U) << "what lies above 500 is referred";
  EXPECT_EQ(service.policy.amounts[0].upTo, 500);
  EXPECT_EQ(service.policy.amounts[0].threshold.value, 0.3);
  EXPECT_EQ(*repository().personThresholdsElsewhere(kSignature), 1) << "Ada's is the other one's";
  // What was set for a network is there when it comes back.
  ASSERT_TRUE(repository().setPolicy("net-b", {}, m_author));
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.3}, 0.05}, m_author));
  EXPECT_EQ(repository().networkInService(kSignature)->policy.amounts.size(), 2U);
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-b", {{0.3}, 0.05}, m_author));
  EXPECT_TRUE(repository().networkInService(kSignature)->policy.amounts.empty());
}

TEST_F(StoreInAFolder, LosesNoThresholdInAMerge) {
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  const auto from = enrol("1", {"one"}).person.key;
  const auto into = enrol("2", {"two"}).person.key;
  const auto set = [&](PersonKey person, double threshold) {
    ASSERT_TRUE(repository().setPersonThreshold(person, "net-a",
                                                PersonThreshold{{threshold}, "why", {}}, m_author));
  };
  set(from, 0.9);
  EXPECT_EQ(repository().mergePeople(from, into, m_author).error().code,
            ErrorCode::OptionOutOfRange);
  set(into, 0.8);
  EXPECT_FALSE(repository().mergePeople(from, into, m_author)) << "a lower one";
  EXPECT_EQ(repository().people()->size(), 2U);
  set(into, 0.9);
  EXPECT_TRUE(repository().mergePeople(from, into, m_author));
}

TEST_F(StoreInAFolder, KnowsWhenTheScoresOfOwnPeopleAreOutOfDate) {
  const auto isOutdated = [&] { return *repository().isOwnEvidenceOutdated(kSignature); };
  ASSERT_TRUE(repository().putIntoService(kSignature, "net-a", {{0.5}, 0.1}, m_author));
  EXPECT_FALSE(isOutdated()) << "nothing was measured";
  const auto ada = enrol("1", {"one", "two"});
  ASSERT_TRUE(
      repository().setOwnEvidence("net-a", OwnEvidence{{{0.5F}, {0}, {0}}, 1, {}}, m_author));
  EXPECT_FALSE(isOutdated());
  const auto bob = enrol("2", {"three"});
  EXPECT_TRUE(isOutdated()) << "somebody came";
  ASSERT_TRUE(
      repository().setOwnEvidence("net-a", OwnEvidence{{{0.5F}, {0}, {0}}, 1, {}}, m_author));
  EXPECT_FALSE(isOutdated());
  ASSERT_TRUE(repository().retirePerson(bob.person.key, m_author));
  EXPECT_TRUE(isOutdated()) << "somebody went";
  ASSERT_TRUE(
      repository().setOwnEvidence("net-a", OwnEvidence{{{0.5F}, {0}, {0}}, 1, {}}, m_author));
  const auto references = repository().references(ada.person.key);
  ASSERT_TRUE(references && !references->empty());
  ASSERT_TRUE(repository().retireReferences({references->front().key}, m_author));
  EXPECT_TRUE(isOutdated()) << "a reference went";
}

TEST_F(StoreInAFolder, LetsOneProgramWriteAndOthersRead) {
  SKIP_ON_SERVER();
  enrol("1", {"one"});
  const auto second = Store::open(folder(), Store::Access::Write);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::StoreBusy);
  EXPECT_THAT(second.error().message, HasSubstr("Another window or program"));
  const auto reader = Store::open(folder(), Store::Access::WriteIfFree);
  ASSERT_TRUE(reader);
  EXPECT_FALSE((*reader)->repository().isWritable());
  EXPECT_FALSE((*reader)->writerElsewhere().empty());
  EXPECT_EQ((*reader)->repository().people()->size(), 1U);
  enrol("2", {"two"});
  EXPECT_EQ((*reader)->repository().people()->size(), 2U) << "sees what the other one writes";
  EXPECT_EQ((*reader)->repository().retirePerson({1}, m_author).error().code, ErrorCode::StoreBusy);
  m_store.reset();
  EXPECT_TRUE(Store::open(folder(), Store::Access::Write)) << "free again";
}

TEST_F(StoreInAFolder, ServesSeveralThreadsAtOnce) {
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        const auto name = std::to_string(t) + "-" + std::to_string(i);
        const auto done =
            repository().enrol({name, "", {test::plainReference(name, "net-a")}}, m_author);
        EXPECT_TRUE(done) << done.error().message << done.error().detail;
        EXPECT_TRUE(repository().people());
      }
    });
  threads.clear();
  EXPECT_EQ(repository().people()->size(), 40U);
  EXPECT_TRUE(m_store->check());
}

TEST_F(StoreInAFolder, SaysWhatIsWrongWithADamagedStore) {
  SKIP_ON_SERVER();
  m_store.reset();
  {
    std::fstream file(folder() / "store.db", std::ios::in | std::ios::out | std::ios::binary);
    file.write("this is not a database at all, is it", 36);
  }
  std::filesystem::remove(folder() / "store.db-wal");
  const auto opened = Store::open(folder(), Store::Access::Write);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::StoreFailure);
  EXPECT_THAT(opened.error().message, HasSubstr("damaged"));
}

TEST_F(StoreInAFolder, IsNotOpenedByAnOlderProgram) {
  m_store.reset();
  for (const std::string version : {"99", "99999999999999999999", "-1", "", "four"}) {
    test::changeRows(folder(), "UPDATE store_info SET content = '" + version +
                                   "' WHERE name = 'schema_version'");
    for (const auto access : {Store::Access::Write, Store::Access::Read}) {
      const auto opened = Store::open(folder(), access);
      ASSERT_FALSE(opened) << version;
      EXPECT_THAT(opened.error().message,
                  HasSubstr(version == "99" ? "newer version" : "The store is damaged"));
    }
  }
}

TEST(Store, IsNotThereUntilItIsSetUp) {
  const test::TemporaryFolder folder;
  for (const auto access : {Store::Access::Read, Store::Access::Write}) {
    EXPECT_EQ(Store::open(folder.path() / "none", access).error().code, ErrorCode::StoreMissing);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "none"));
  }
}

TEST(StoreThatIsLocked, SaysWhatItFoundToWhoeverOpensItInTheEnd) {
  const test::TemporaryFolder place;
  const auto folder = place.path() / "store";
  const auto keys = setUpStore(folder, {.name = "ada"});
  ASSERT_TRUE(keys) << keys.error().message;
  const auto credential = [&] { return withKey(Secret::of(keys->account)); };
  {
    const auto store = Store::open(folder, Store::Access::Write, systemTime, credential());
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_TRUE((*store)->recoveries().empty());
    std::filesystem::copy_file(folder / "writer.lock", place.path() / "mark");
  }
  std::filesystem::copy_file(place.path() / "mark", folder / "writer.lock",
                             std::filesystem::copy_options::overwrite_existing);
  // The window asks for a passphrase first, and whoever types it may mistype it.
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(Store::open(folder, Store::Access::WriteIfFree));
  {
    const auto store = Store::open(folder, Store::Access::Write, systemTime, credential());
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_EQ((*store)->recoveries().size(), 1U);
    EXPECT_THAT((*store)->recoveries().front(), HasSubstr("ended the last time"));
  }
  const auto store = Store::open(folder, Store::Access::Write, systemTime, credential());
  EXPECT_TRUE((*store)->recoveries().empty());
}

/// While it lives, no file grows beyond a size: writing fails as it does on a failing disk.
class FailingDisk {
 public:
  explicit FailingDisk(rlim_t bytes) : m_handler(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &m_before);
    const rlimit limit{bytes, m_before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FailingDisk() {
    ::setrlimit(RLIMIT_FSIZE, &m_before);
    std::signal(SIGXFSZ, m_handler);
  }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

 private:
  rlimit m_before{};
  void (*m_handler)(int);
};

TEST_F(StoreInAFolder, LosesNothingWhenTheDiskFails) {
  SKIP_ON_SERVER();
  enrol("1", {"one"});
  auto big = test::plainReference("big", "net-a");
  constexpr std::size_t kSize = 3'000'000;
  big.image.original.resize(kSize);
  {
    constexpr rlim_t kRoom = 1'000'000;
    const FailingDisk disk(kRoom);
    const auto refused = repository().enrol({"2", "", {big}}, m_author);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("nothing was saved"));
    EXPECT_THAT(identifiersOf(repository().people()), ElementsAre("1"));
  }
  EXPECT_TRUE(m_store->check());
  EXPECT_TRUE(repository().enrol({"2", "", {big}}, m_author)) << "once there is room again";
}

}  // namespace
}  // namespace countersign
