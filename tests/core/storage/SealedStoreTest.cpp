// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "core/storage/Audit.h"
#include "core/storage/Store.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kName = "Wilhelmina Quarzbrecher";
constexpr const char* kIdentifier = "IDENT-77123345";
constexpr const char* kNote = "seen at the counter in Lindenallee";
constexpr const char* kReason = "her hand trembles since spring";
constexpr const char* kFile = "scan-of-wilhelmina.png";
constexpr const char* kAuthor = "clerk-antonia";

/// A store with keys and somebody on file who can be looked for.
class SealedStore : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(protectOpenly(test::placeFor(folder()), "ada"));
    open();
    fill();
  }
  void open() {
    m_store.reset();
    auto opened = Store::open(folder(), Store::Access::Write, m_clock);
    ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
    m_store = *std::move(opened);
  }
  void fill() {
    auto reference = test::plainReference("one", "net-a");
    reference.image.sourceName = kFile;
    constexpr std::size_t kSize = 5000;
    reference.image.original.clear();
    reference.image.normalised.clear();
    for (std::size_t i = 0; i < kSize; ++i) {
      reference.image.original.push_back(static_cast<std::uint8_t>(i * i + 7 * i));
      reference.image.normalised.push_back(static_cast<std::uint8_t>(i * i + 11 * i));
      reference.templates.front().content.push_back(static_cast<std::uint8_t>(i * 13 + i / 256));
    }
    m_reference = reference;
    auto& repository = m_store->repository();
    const auto enrolled = repository.enrol({kIdentifier, kName, {reference}}, m_author);
    ASSERT_TRUE(enrolled) << enrolled.error().message << enrolled.error().detail;
    m_person = enrolled->person.key;
    ASSERT_TRUE(repository.enrol({"2", "Bob", {test::plainReference("two", "net-a")}}, m_author));
    ASSERT_TRUE(repository.putIntoService(Modality::Signature, "net-a", {{0.7}, 0.02}, m_author));
    ASSERT_TRUE(repository.setPersonThreshold(m_person, "net-a",
                                              PersonThreshold{{0.8}, kReason, {}}, m_author));
    NewDecision decision;
    decision.person = m_person;
    decision.network = "net-a";
    decision.probe = reference.image;
    decision.embedding = reference.templates.front().content;
    decision.references = {
        {enrolled->references.front(), reference.templates.front().content, 0.75}};
    decision.score = 0.75;
    decision.note = kNote;
    const auto recorded = repository.record(decision, m_author);
    ASSERT_TRUE(recorded) << recorded.error().message << recorded.error().detail;
    m_decision = *recorded;
  }
  fs::path folder() const { return m_folder.path() / "store"; }
  fs::path database() const { return folder() / "store.db"; }

  /// What another program does to the database.
  void change(const std::string& sql) const { test::changeRows(folder(), sql); }
  static std::string contentOf(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// Files below a folder that hold a text.
  static std::vector<fs::path> filesWith(const fs::path& below, const std::string& text) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(below))
      if (entry.is_regular_file() && contentOf(entry.path()).find(text) != std::string::npos)
        found.push_back(entry.path());
    return found;
  }
  static std::string pieceOf(const Bytes& bytes) {
    constexpr std::ptrdiff_t kFrom = 1000;
    constexpr std::ptrdiff_t kPiece = 12;
    return {bytes.begin() + kFrom, bytes.begin() + kFrom + kPiece};
  }
  /// Everything that a user is shown, as text; nothing when something is refused.
  std::optional<std::string> shown(Store& store) const {
    std::string text;
    const auto add = [&](const std::string& more) { text += more + "\n"; };
    auto& repository = store.repository();
    const auto people = repository.people();
    if (!people) return std::nullopt;
    for (const auto& summary : *people) {
      add(summary.person.identifier + summary.person.name +
          std::to_string(summary.signatureReferences));
      const auto references = repository.references(summary.person.key);
      if (!references) return std::nullopt;
      for (const auto& reference : *references) {
        add(reference.sourceName + reference.sourceHash + reference.quality +
            reference.added.author);
        const auto images = repository.images(reference.key);
        if (!images) return std::nullopt;
        add({images->original.begin(), images->original.end()});
        add({images->normalised.begin(), images->normalised.end()});
      }
      const auto threshold = repository.personThreshold(summary.person.key, "net-a");
      if (!threshold) return std::nullopt;
      if (*threshold) add(std::to_string((*threshold)->threshold.value) + (*threshold)->reason);
    }
    const auto templates = repository.templates("net-a", {});
    if (!templates) return std::nullopt;
    for (const auto& one : *templates) add({one.content.begin(), one.content.end()});
    const auto service = repository.networkInService(Modality::Signature);
    if (!service) return std::nullopt;
    add(std::to_string(service->rule.threshold.value));
    const auto decision = repository.decision(m_decision);
    if (!decision) return std::nullopt;
    add(std::to_string(*decision->content.score) + decision->content.note +
        decision->summary.event.author);
    add({decision->content.probe.original.begin(), decision->content.probe.original.end()});
    return text;
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  Author m_author{kAuthor};
  NewReference m_reference;
  PersonKey m_person;
  DecisionKey m_decision;
  std::unique_ptr<Store> m_store;
};

TEST_F(SealedStore, LeavesNothingPersonalInAnyFile) {
  SKIP_ON_SERVER();
  const auto backup = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(backup) << backup.error().message << backup.error().detail;
  // Once with the log beside it and once without.
  for (int pass = 0; pass < 2; ++pass) {
    for (const std::string& text :
         {std::string(kName), std::string(kIdentifier), std::string(kNote), std::string(kReason),
          std::string(kFile), std::string(kAuthor), m_reference.image.sourceHash,
          pieceOf(m_reference.image.original), pieceOf(m_reference.image.normalised),
          pieceOf(m_reference.templates.front().content)})
      EXPECT_TRUE(filesWith(m_folder.path(), text).empty())
          << text << " in " << filesWith(m_folder.path(), text).front();
    m_store.reset();
  }
  // The same search finds what is there to be found.
  EXPECT_FALSE(filesWith(m_folder.path(), "biometric_reference").empty());
}

TEST_F(SealedStore, RefusesWhatWasMovedOrPutBack) {
  // The first row with the content of the second.
  const auto another = [](const std::string& table, const std::string& key) {
    return "UPDATE " + table + " SET content = (SELECT content FROM " + table + " WHERE " + key +
           " = 2) WHERE " + key + " = 1";
  };
  const std::vector<std::string> changes = {
      another("person", "person_key"),
      "UPDATE biometric_reference SET person_key = 2 WHERE reference_key = 1",
      "UPDATE reference_image SET normalised = original WHERE reference_key = 1",
      another("template", "reference_key"),
      "UPDATE decision SET network = 'net-b'",
      "UPDATE decision SET person_key = 2",
      "UPDATE decision_probe SET original = normalised",
      "UPDATE network SET written = written - 1",
  };
  m_store.reset();
  const test::RowsAsTheyAre whole(folder());
  for (const auto& sql : changes) {
    change(sql);
    {
      const auto opened = Store::open(folder(), Store::Access::Write, m_clock);
      EXPECT_TRUE(!opened || !shown(**opened)) << sql;
    }
    whole.putBack();
  }
  open();
  EXPECT_TRUE(shown(*m_store));
}

// A cell as it was before a change cannot come back.
TEST_F(SealedStore, RefusesACellOfBefore) {
  SKIP_ON_SERVER();
  m_store.reset();
  const auto old = contentOf(database());
  std::ofstream(m_folder.path() / "old.db", std::ios::binary) << old;
  open();
  ASSERT_TRUE(m_store->repository().renamePerson(m_person, "Another", m_author));
  m_store.reset();
  change("ATTACH '" + (m_folder.path() / "old.db").string() +
         "' AS old; UPDATE person SET content = (SELECT content FROM old.person WHERE"
         " person_key = 1) WHERE person_key = 1");
  open();
  const auto person = m_store->repository().person(m_person);
  ASSERT_FALSE(person);
  EXPECT_THAT(person.error().message, HasSubstr("changed by another program"));
}

// Whole rows, with all that their sealed columns are bound to.
TEST_F(SealedStore, NoticesWhenARowGoesComesBackOrIsRetired) {
  SKIP_ON_SERVER();
  ASSERT_TRUE(m_store->repository().renamePerson(m_person, "Another", m_author));
  m_store.reset();
  const auto old = m_folder.path() / "old.db";
  fs::copy_file(database(), old);
  open();
  ASSERT_TRUE(m_store->repository().renamePerson(m_person, "A third", m_author));
  ASSERT_TRUE(m_store->repository().setRule("net-a", {{0.6}, 0.02}, m_author));
  m_store.reset();
  const auto whole = contentOf(database());
  struct Case {
    std::string sql;
    const char* named;
  };
  const std::string attached = "PRAGMA foreign_keys = OFF; ATTACH '" + old.string() + "' AS old; ";
  const std::vector<Case> cases = {
      {"REPLACE INTO main.person SELECT * FROM old.person WHERE person_key = 1", "the people"},
      {"UPDATE person SET retired = 1 WHERE person_key = 2", "the people"},
      {"UPDATE biometric_reference SET retired = 1 WHERE reference_key = 2", "their references"},
      {"DELETE FROM template WHERE reference_key = 2", "the embeddings"},
      {"DELETE FROM reference_image WHERE reference_key = 2", "the images"},
      {"DELETE FROM person_threshold", "people's own thresholds"},
      {"REPLACE INTO main.network SELECT * FROM old.network", "the thresholds"},
      {"DELETE FROM store_info WHERE name LIKE 'network_in%'", "the networks in service"},
      {"DELETE FROM decision_reference; DELETE FROM decision_probe; DELETE FROM decision",
       "the decisions, the images of decisions and what decisions rest on"},
      {"INSERT INTO erased_person VALUES (1)", "who was erased"},
      // Nothing reads another, but no query finds the row any more.
      {"UPDATE decision SET event = 1", "the decisions"},
      {"UPDATE decision_reference SET position = 7", "what decisions rest on"},
      {"UPDATE biometric_reference SET person_key = person_key + 0.2 WHERE reference_key = 2",
       "their references"},
      {"UPDATE template SET network = CAST(network AS BLOB) WHERE reference_key = 2",
       "the embeddings"},
      {"DROP TRIGGER event_refuses_DELETE; DELETE FROM event WHERE sequence = 2", "its history"},
      {"DROP TRIGGER event_refuses_UPDATE; UPDATE event SET sequence = 2.2 WHERE sequence = 2",
       "its history"},
      // The book itself, and the version that had none.
      {"UPDATE store_state SET content = x'00112233'", "the book of its rows"},
      {"DROP TABLE store_state; UPDATE store_info SET content = '3' WHERE name = 'schema_version'",
       "of an earlier version than it was"},
      {"REPLACE INTO main.store_state SELECT * FROM old.store_state", "its newest change"},
  };
  for (const auto& one : cases) {
    change(attached + one.sql);
    for (const auto access : {Store::Access::Write, Store::Access::Read}) {
      const auto opened = Store::open(folder(), access, m_clock);
      ASSERT_FALSE(opened) << one.sql;
      EXPECT_EQ(opened.error().code, ErrorCode::StoreFailure);
      EXPECT_THAT(opened.error().message, HasSubstr(one.named));
    }
    std::ofstream(database(), std::ios::binary) << whole;
  }
  open();
  EXPECT_TRUE(shown(*m_store));
}

// Not only when it is next opened, but before anything rests on it.
TEST_F(SealedStore, RefusesToGoOnFromAnotherProgramsEvent) {
  change(
      "INSERT INTO event SELECT sequence + 1, time_us, author, action, subject, details, code"
      " FROM event ORDER BY sequence DESC LIMIT 1");
  const auto renamed = m_store->repository().renamePerson(m_person, "Another", m_author);
  ASSERT_FALSE(renamed);
  EXPECT_THAT(renamed.error().message, HasSubstr("changed by another program"));
}

TEST_F(SealedStore, TakesNoOtherDatabaseForItsOwn) {
  SKIP_ON_SERVER();
  m_store.reset();
  const auto whole = contentOf(database());
  fs::remove(database());
  const auto empty = Store::open(folder(), Store::Access::Write, m_clock);
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("missing or empty"));
  EXPECT_FALSE(acceptStore(folder(), {}, m_clock));
  // One that is not encrypted, with people of somebody's choice.
  fs::copy_file(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v2/store.db", database(),
                fs::copy_options::overwrite_existing);
  const auto plain = Store::open(folder(), Store::Access::Write, m_clock);
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error().message, HasSubstr("not encrypted"));
  std::ofstream(database(), std::ios::binary) << whole;
  open();
  EXPECT_TRUE(shown(*m_store));
}

TEST_F(SealedStore, IsTakenAsItIsWhenAnAdministratorAnswersForIt) {
  const auto unreadable = "UPDATE store_state SET content = " + test::bytesLiteral("00112233");
  for (const std::string broken :
       {unreadable.c_str(),
        "DROP TABLE store_state; UPDATE store_info SET content = '3' WHERE "
        "name = 'schema_version'"}) {
    m_store.reset();
    change(broken);
    ASSERT_FALSE(Store::open(folder(), Store::Access::Write, m_clock));
    const auto mended = acceptStore(folder(), {}, m_clock);
    ASSERT_TRUE(mended) << mended.error().message;
    EXPECT_EQ(mended->size(), 1U);
    open();
    EXPECT_TRUE(shown(*m_store));
  }
  m_store.reset();
  EXPECT_TRUE(acceptStore(folder(), {}, m_clock)->empty()) << "nothing to answer for";
  change("UPDATE person SET retired = 1 WHERE person_key = 2");
  ASSERT_FALSE(Store::open(folder(), Store::Access::Write, m_clock));
  const auto accepted = acceptStore(folder(), {}, m_clock);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_THAT(*accepted, testing::ElementsAre("the people on file"));
  open();
  EXPECT_EQ(m_store->repository().people()->size(), 1U);
  const auto rows = AuditTrail::of(*m_store)->rows();
  ASSERT_TRUE(rows);
  EXPECT_TRUE(std::any_of(rows->begin(), rows->end(), [](const AuditRow& row) {
    return row.action == "accept changed rows" && detailsText(row) == "changed the people on file";
  }));
  EXPECT_TRUE(AuditTrail::of(*m_store)->verify());
}

// The book must be kept by every change, or a store could not be opened any more.
TEST_F(SealedStore, AddsUpAfterEverything) {
  auto& repository = m_store->repository();
  const auto holds = [&](const char* after) {
    const auto status = m_store->check();
    EXPECT_TRUE(status) << after << ": " << status.error().message;
  };
  holds("filling");
  ASSERT_TRUE(repository.renamePerson({2}, "Robert", m_author));
  ASSERT_TRUE(repository.setGrounds({2}, {"contract", "counter", "2030-12-31"}, m_author));
  ASSERT_TRUE(repository.setUsualGrounds({"contract", "counter", 120}, m_author));
  ASSERT_TRUE(repository.setUsualGrounds({"consent", "counter", 12}, m_author));
  holds("grounds");
  ASSERT_TRUE(repository.retireReferences({{2}}, m_author));
  ASSERT_TRUE(repository.restoreReferences({{2}}, m_author));
  ASSERT_TRUE(repository.retirePerson({2}, m_author));
  ASSERT_TRUE(repository.restorePerson({2}, m_author));
  holds("removing");
  ASSERT_TRUE(
      repository.setPersonThreshold({2}, "net-a", PersonThreshold{{0.9}, "as hers", {}}, m_author));
  const auto merge = repository.mergePeople(m_person, {2}, m_author);
  ASSERT_TRUE(merge);
  holds("merging");
  ASSERT_TRUE(repository.undoMerge(*merge, m_author));
  ASSERT_TRUE(repository.setPersonThreshold({2}, "net-a", {}, m_author));
  holds("undoing");
  OwnEvidence own{{{0.5F}, {0}, {1}}, 1, {}};
  ASSERT_TRUE(repository.setOwnEvidence("net-a", own, m_author));
  ASSERT_TRUE(repository.setOwnEvidence("net-a", own, m_author));
  ASSERT_TRUE(repository.setOwnEvidence("net-a", {}, m_author));
  ASSERT_TRUE(repository.setRule("net-a", {{0.5}, 0.01}, m_author));
  ASSERT_TRUE(repository.setPolicy("net-a", {{}, true, 0.1}, m_author));
  holds("rules");
  std::vector<std::pair<ReferenceKey, Template>> made;
  for (const std::int64_t key : {1, 2})
    made.push_back({{key}, {"net-b", std::string(kEmbeddingKind), {1, 2, 3, 4}}});
  ASSERT_TRUE(repository.addTemplates(made, m_author));
  ASSERT_TRUE(repository.addTemplates(made, m_author));
  ASSERT_TRUE(repository.putIntoService(Modality::Signature, "net-b", {{0.4}, 0.0}, m_author));
  EXPECT_EQ(*repository.networkBefore(Modality::Signature), "net-a");
  ASSERT_TRUE(repository.putIntoService(Modality::Signature, "net-a", {{0.4}, 0.0}, m_author));
  EXPECT_EQ(*repository.networkBefore(Modality::Signature), "net-b");
  EXPECT_EQ(repository.networkInService(Modality::Signature)->rule.threshold.value, 0.5)
      << "what was in force with it";
  holds("networks");
  ASSERT_TRUE(repository.retirePerson({2}, m_author));
  open();  // really deletes
  holds("deleting");
  ASSERT_TRUE(m_store->repository().erasePeople({m_person}, m_author));
  holds("erasing");
  open();
  holds("opening again");
  EXPECT_TRUE(AuditTrail::of(*m_store)->verify());
}

TEST_F(SealedStore, ErasesPeopleWithAllThatRestedOnThem) {
  auto& repository = m_store->repository();
  const auto backup = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(backup);
  const auto receipt = repository.erasePeople({m_person}, m_author);
  ASSERT_TRUE(receipt) << receipt.error().message;
  ASSERT_EQ(receipt->people.size(), 1U);
  EXPECT_EQ(receipt->people.front().identifier, kIdentifier);
  EXPECT_EQ(receipt->people.front().references, 1);
  EXPECT_EQ(receipt->people.front().decisions, 1);
  EXPECT_EQ(receipt->event.author, kAuthor);
  EXPECT_EQ(repository.people()->size(), 1U);
  EXPECT_FALSE(repository.findPerson(kIdentifier));
  EXPECT_FALSE(repository.images({1}));
  const auto templates = repository.templates("net-a", {});
  ASSERT_TRUE(templates) << templates.error().message;
  EXPECT_EQ(templates->size(), 1U) << "Bob's";
  // Who decided, and when, is kept; what they saw is not.
  const auto decisions = repository.decisions();
  ASSERT_TRUE(decisions) << decisions.error().message;
  ASSERT_EQ(decisions->size(), 1U);
  EXPECT_TRUE(decisions->front().isErased);
  EXPECT_EQ(decisions->front().event.author, kAuthor);
  EXPECT_FALSE(decisions->front().person);
  const auto decision = repository.decision(m_decision);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, ErrorCode::PersonErased);
  EXPECT_EQ(*repository.countReferencesWithout(Modality::Signature, "net-z"), 1)
      << "nobody embeds what is gone";
  // The chain holds, and what it told of the person went with them.
  const auto trail = AuditTrail::of(*m_store);
  EXPECT_TRUE(trail->verify());
  const auto rows = *trail->rows();
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const AuditRow& row) {
    return row.action == "enrol" && row.person == PersonKey{1} && row.isErased;
  }));
  EXPECT_EQ(auditCsv(rows).find(kIdentifier), std::string::npos);
  // Neither does a backup bring them back.
  m_store.reset();
  const auto restored = restoreStore(backup->folder, folder(), m_clock);
  ASSERT_TRUE(restored) << restored.error().message << restored.error().detail;
  open();
  EXPECT_EQ(m_store->repository().people()->size(), 1U);
  EXPECT_FALSE(m_store->repository().findPerson(kIdentifier));
  EXPECT_FALSE(m_store->repository().images({1}));
}

TEST_F(SealedStore, ErasesWhoeverWasMergedOrRemovedBefore) {
  auto& repository = m_store->repository();
  ASSERT_TRUE(
      repository.setPersonThreshold({2}, "net-a", PersonThreshold{{0.9}, "as hers", {}}, m_author));
  ASSERT_TRUE(repository.mergePeople(m_person, {2}, m_author));
  open();
  ASSERT_EQ(m_store->repository().removedPeople()->size(), 1U) << "a decision rests on her";
  EXPECT_EQ(m_store->repository().removedPeople()->front().identifier, kIdentifier);
  const auto receipt = m_store->repository().erasePeople({{2}}, m_author);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->people.size(), 2U) << "both are the same human being";
  EXPECT_FALSE(receipt->isKeyLeft);
  EXPECT_TRUE(m_store->repository().removedPeople()->empty());
  EXPECT_TRUE(m_store->repository().decisions()->front().isErased);
  EXPECT_TRUE(m_store->check());
}

TEST_F(SealedStore, ServesByAnotherNetworkAfterABackupBroughtBackWhoWasErased) {
  const auto backup = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(backup);
  ASSERT_TRUE(m_store->repository().erasePeople({m_person}, m_author));
  m_store.reset();
  ASSERT_TRUE(restoreStore(backup->folder, folder(), m_clock));
  {
    const auto reader = Store::open(folder(), Store::Access::Read, m_clock);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ((*reader)->repository().people()->size(), 1U) << "looking works at once";
    EXPECT_EQ((*reader)->repository().templates("net-a", {})->size(), 1U);
  }
  open();
  auto& repository = m_store->repository();
  const auto left = repository.referencesWithout(Modality::Signature, "net-b", 9);
  ASSERT_TRUE(left);
  EXPECT_EQ(*left, std::vector<ReferenceKey>{{2}});
  ASSERT_TRUE(repository.addTemplates({{{2}, {"net-b", std::string(kEmbeddingKind), {1, 2, 3, 4}}}},
                                      m_author));
  EXPECT_TRUE(repository.putIntoService(Modality::Signature, "net-b", {{0.4}, 0.0}, m_author));
  open();  // nothing is left to be done at every opening
  EXPECT_TRUE(m_store->check());
}

TEST_F(SealedStore, TellsOtherReadersThatSomebodyWasErased) {
  const auto reader = Store::open(folder(), Store::Access::Read, m_clock);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->repository().decision(m_decision));
  ASSERT_TRUE(m_store->repository().erasePeople({m_person}, m_author));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const auto decision = (*reader)->repository().decision(m_decision);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, ErrorCode::PersonErased);
}

TEST_F(SealedStore, KeepsGroundsAndKnowsWhoIsDue) {
  auto& repository = m_store->repository();
  ASSERT_TRUE(repository.setUsualGrounds({"contract", "signatures at the counter", 13}, m_author));
  const auto enrolled =
      repository.enrol({"3", "Cyd", {test::plainReference("three", "net-a")}}, m_author);
  ASSERT_TRUE(enrolled);
  const ProcessingGrounds usual{"contract", "signatures at the counter", "2027-02-02"};
  EXPECT_EQ(enrolled->person.grounds, usual);
  open();
  EXPECT_EQ(m_store->repository().person(enrolled->person.key)->grounds, usual);
  EXPECT_EQ(*m_store->repository().usualGrounds(),
            (UsualGrounds{"contract", "signatures at the counter", 13}));
  EXPECT_TRUE(m_store->repository().person(m_person)->grounds.isEmpty()) << "enrolled before";
  for (const char* wrong : {"2027-02-30", "2027-2-1", "tomorrow", "2027-13-01", "20270201"})
    EXPECT_FALSE(m_store->repository().setGrounds(m_person, {"", "", wrong}, m_author)) << wrong;
  EXPECT_FALSE(usual.isDue("2027-02-02"));
  EXPECT_TRUE(usual.isDue("2027-02-03"));
  EXPECT_FALSE(ProcessingGrounds{}.isDue("2999-01-01"));
}

TEST_F(SealedStore, KeepsItsHistoryAsItWas) {
  SKIP_ON_SERVER();
  m_store.reset();
  for (const char* sql : {"DELETE FROM event WHERE sequence = 1", "UPDATE event SET time_us = 0"}) {
    sqlite3* handle = nullptr;
    sqlite3_open(database().c_str(), &handle);
    EXPECT_NE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql;
    sqlite3_close(handle);
  }
}

TEST_F(SealedStore, NeverShowsAChangedValueUnnoticed) {
  SKIP_ON_SERVER();
  const auto right = shown(*m_store);
  ASSERT_TRUE(right);
  m_store.reset();
  const auto whole = contentOf(database());
  unsigned state = 7;
  int refused = 0;
  int differing = 0;
  constexpr int kFlips = 1000;
  int unopened = 0;
  for (int i = 0; i < kFlips; ++i) {
    auto changed = whole;
    state = state * 1103515245U + 12345U;
    const auto at = (state >> 2U) % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ (1U << (i % 8)));
    std::ofstream(database(), std::ios::binary) << changed;
    const auto store = Store::open(folder(), Store::Access::Read, m_clock);
    unopened += store ? 0 : 1;
    const auto now = store ? shown(**store) : std::nullopt;
    if (!now) {
      ++refused;
    } else if (*now != *right) {
      ++differing;
      const auto trail = AuditTrail::open(folder(), {}, m_clock);
      const bool isNoticed = !(*store)->check() || !trail || !trail->verify();
      EXPECT_TRUE(isNoticed) << "byte " << at;
    }
  }
  std::printf("%d flipped bytes: %d refused (%d when opening), %d not shown, %d told by a check\n",
              kFlips, refused, unopened, kFlips - refused - differing, differing);
  EXPECT_GT(refused, kFlips / 10);
}

// A damaged key must not look like one that was erased: the rows would be deleted.
TEST_F(SealedStore, NeverTakesADamagedFileOfKeysForAnErasure) {
  SKIP_ON_SERVER();
  const auto right = shown(*m_store);
  m_store.reset();
  const auto keys = folder() / "keys.db";
  const auto whole = contentOf(keys);
  const auto rows = contentOf(database());
  unsigned state = 11;
  int refused = 0;
  constexpr int kFlips = 400;
  for (int i = 0; i < kFlips; ++i) {
    auto changed = whole;
    state = state * 1103515245U + 12345U;
    const auto at = (state >> 2U) % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ (1U << (i % 8)));
    std::ofstream(keys, std::ios::binary) << changed;
    const auto store = Store::open(folder(), Store::Access::Write, m_clock);
    const auto now = store ? shown(**store) : std::nullopt;
    if (now)
      EXPECT_EQ(*now, *right) << "byte " << at;
    else
      ++refused;
  }
  std::ofstream(keys, std::ios::binary) << whole;
  std::ofstream(database(), std::ios::binary) << rows;
  EXPECT_GT(refused, 0);
  // A key that is too short, as a damaged page may give it.
  sqlite3* handle = nullptr;
  sqlite3_open(keys.c_str(), &handle);
  EXPECT_EQ(sqlite3_exec(handle, "UPDATE person_key SET wrapped = x'0011' WHERE person_key = 1",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(handle);
  const auto damaged = Store::open(folder(), Store::Access::Write, m_clock);
  ASSERT_FALSE(damaged);
  EXPECT_THAT(damaged.error().message, HasSubstr("file of keys is damaged"));
  std::ofstream(keys, std::ios::binary) << whole;
  open();
  EXPECT_EQ(shown(*m_store), right) << "nothing was deleted meanwhile";
}

// By an index of the network, a verification read the templates of everybody on file.
TEST_F(SealedStore, LooksForOnePersonsTemplatesByThePerson) {
  SKIP_ON_SERVER();
  m_store.reset();
  sqlite3* handle = nullptr;
  sqlite3_open(database().c_str(), &handle);
  std::string plan;
  const auto add = [](void* text, int, char** values, char**) {
    static_cast<std::string*>(text)->append(values[3]).append("\n");
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(handle,
                         "EXPLAIN QUERY PLAN SELECT t.content FROM template t"
                         " JOIN biometric_reference r ON r.reference_key = t.reference_key"
                         " JOIN person p ON p.person_key = r.person_key"
                         " WHERE t.network = 'net-a' AND t.kind = 'embedding'"
                         " AND r.retired IS NULL AND p.retired IS NULL AND r.person_key = 1",
                         add, &plan, nullptr),
            SQLITE_OK);
  sqlite3_close(handle);
  EXPECT_THAT(plan, HasSubstr("SEARCH r USING INDEX reference_of_person"));
  EXPECT_THAT(plan, testing::Not(HasSubstr("SCAN")));
}

TEST_F(SealedStore, MakesAnErasedPersonUnreadableInOlderBackups) {
  ASSERT_TRUE(m_store->repository().retirePerson({2}, m_author));
  const auto backup = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(backup) << backup.error().message;
  open();  // really deletes
  m_store.reset();
  const auto restored = restoreStore(backup->folder, folder(), m_clock);
  ASSERT_TRUE(restored) << restored.error().message;
  open();
  EXPECT_EQ(m_store->repository().people()->size(), 1U);
  const auto gone = m_store->repository().person({2});
  ASSERT_FALSE(gone);
  // Restored rows of somebody without a key are deleted again.
  EXPECT_EQ(gone.error().code, ErrorCode::NotFound) << gone.error().message;
}

TEST_F(SealedStore, GivesNoNumberOfAPersonTwice) {
  const auto backup = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(backup);
  const auto later =
      m_store->repository().enrol({"3", "", {test::plainReference("three", "net-a")}}, m_author);
  ASSERT_TRUE(later);
  m_store.reset();
  ASSERT_TRUE(restoreStore(backup->folder, folder(), m_clock));
  open();
  const auto other =
      m_store->repository().enrol({"4", "", {test::plainReference("four", "net-a")}}, m_author);
  ASSERT_TRUE(other) << other.error().message << other.error().detail;
  EXPECT_GT(other->person.key, later->person.key);
}

TEST_F(SealedStore, OpensForNobodyWithoutItsKeys) {
  SKIP_ON_SERVER();
  m_store.reset();
  fs::remove(folder() / kOpenKeyFile);
  const auto locked = Store::open(folder(), Store::Access::Write);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, ErrorCode::CredentialNeeded);
  fs::remove(folder() / "keys.db");
  const auto lost = Store::open(folder(), Store::Access::Write);
  ASSERT_FALSE(lost);
  EXPECT_THAT(lost.error().message, HasSubstr("keys"));
  ASSERT_TRUE(protectOpenly(folder(), "eve"));
  const auto foreign = Store::open(folder(), Store::Access::Write);
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().message, HasSubstr("another store"));
}

TEST_F(SealedStore, GoesOverWholeWhenPeopleAreMerged) {
  auto& repository = m_store->repository();
  ASSERT_TRUE(
      repository.setPersonThreshold({2}, "net-a", PersonThreshold{{0.9}, "as hers", {}}, m_author));
  const auto merge = repository.mergePeople(m_person, {2}, m_author);
  ASSERT_TRUE(merge) << merge.error().message;
  const auto images = repository.images({1});
  ASSERT_TRUE(images) << images.error().message;
  EXPECT_EQ(images->original, m_reference.image.original);
  const auto templates = repository.templates("net-a", PersonKey{2});
  ASSERT_TRUE(templates) << templates.error().message;
  ASSERT_EQ(templates->size(), 2U);
  EXPECT_EQ(templates->front().content, m_reference.templates.front().content);
  ASSERT_TRUE(repository.undoMerge(*merge, m_author));
  EXPECT_EQ(repository.references(m_person)->size(), 1U);
  EXPECT_EQ(repository.sample({1})->original, m_reference.image.original);
}

}  // namespace
}  // namespace countersign
