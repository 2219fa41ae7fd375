// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Audit.h"

#include <gmock/gmock.h>

#include "core/storage/Store.h"
#include "core/storage/internal/SealedRows.h"
#include "core/storage/internal/Vault.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A store in which six things happened, and somebody who writes to its database by other means.
class AuditOfAStore : public testing::Test {
 protected:
  void SetUp() override {
    const auto store = Store::open(test::storeIn(folder()), Store::Access::Write, m_clock);
    ASSERT_TRUE(store) << store.error().message;
    auto& repository = (*store)->repository();
    const auto ada = repository.enrol({"1", "Ada", {test::plainReference("a", "net")}}, {"bob"});
    ASSERT_TRUE(ada);
    ASSERT_TRUE(repository.enrol({"2", "Eve", {test::plainReference("b", "net")}}, {"bob"}));
    for (const char* name : {"Ada L", "Ada Lo", "Ada Lov"})
      ASSERT_TRUE(repository.renamePerson(ada->person.key, name, {"ada"}));
  }
  fs::path folder() const { return m_folder.path() / "store"; }
  AuditTrail trail() const { return *AuditTrail::open(folder(), {}, m_clock); }
  void tamper(const std::string& statement) const { test::changeRows(folder(), statement); }
  std::string problem(const std::vector<AuditHead>& earlier = {}) const {
    const auto verified = trail().verify(earlier);
    return verified ? "" : verified.error().message;
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
};

TEST_F(AuditOfAStore, HoldsAndSaysWhatHappened) {
  const auto audit = trail();
  const auto head = audit.verify();
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->sequence, 7);
  EXPECT_EQ(*audit.head(), *head);
  EXPECT_EQ(auditHeadOf(auditHeadText(*head)), *head);
  const auto rows = audit.rows();
  ASSERT_EQ(rows->size(), 7U);
  EXPECT_EQ(rows->front().action, "open store");
  EXPECT_EQ(rows->front().event.author, "ada");
  EXPECT_EQ(detailsText(rows->front()), "for writing");
  EXPECT_EQ((*rows)[1].action, "enrol");
  EXPECT_EQ((*rows)[1].event.author, "bob");
  EXPECT_EQ((*rows)[1].subject, 1);
  EXPECT_EQ((*rows)[1].person, PersonKey{1});
  EXPECT_EQ(detailsText((*rows)[1]), "identifier 1, references 1");
  EXPECT_EQ(detailsText((*rows)[4]), "name Ada Lo, before Ada L");
  EXPECT_EQ(detailsText(rows->back()), "for reading");
}

TEST_F(AuditOfAStore, SaysWhereItBreaks) {
  struct Case {
    std::string statement;
    const char* problem;
  };
  const std::vector<Case> cases = {
      {"UPDATE event SET time_us = time_us + 1 WHERE sequence = 3", "row 3 ("},
      {"UPDATE event SET action = 'verify' WHERE sequence = 2", "row 2 ("},
      {"UPDATE event SET subject = 2 WHERE sequence = 1", "row 1 ("},
      {"UPDATE event SET subject = NULL WHERE sequence = 5", "row 5 ("},
      {"UPDATE event SET author = (SELECT author FROM event WHERE sequence = 1) WHERE sequence = 4",
       "row 4 ("},
      {"UPDATE event SET details = " + test::bytesLiteral("00") + " WHERE sequence = 4", "row 4 ("},
      {"DELETE FROM event WHERE sequence = 4", "row 4 is missing"},
      {"DELETE FROM event WHERE sequence IN (3, 4)", "rows 3 to 4 are missing"},
      {"DELETE FROM event WHERE sequence = 6", "row 6 is missing at the end"},
      {"UPDATE event SET sequence = 7 WHERE sequence = 6", "row 6 is missing"},
      {"INSERT INTO event SELECT 7, time_us, author, action, subject, details, code FROM event"
       " WHERE sequence = 6; UPDATE counter SET value = 7 WHERE name = 'event'",
       "row 7 ("},
      {"UPDATE person SET retired = 6 WHERE person_key = 1", "the people on file"},
      // Found by tests/fuzz: what is no number let an exception out.
      {"UPDATE store_info SET content = 'x' WHERE name = 'schema_version'",
       "which version it is of"},
  };
  const test::RowsAsTheyAre whole(folder());
  for (const auto& one : cases) {
    tamper(one.statement);
    EXPECT_THAT(problem(), HasSubstr(one.problem)) << one.statement;
    whole.putBack();
  }
  EXPECT_EQ(problem(), "");
}

TEST_F(AuditOfAStore, NoticesByAnEarlierHeadThatAnOlderStoreWasPutBack) {
  const test::RowsAsTheyAre old(folder());
  const auto rename = [&](const char* name) {
    const auto store = Store::open(folder(), Store::Access::Write, m_clock);
    ASSERT_TRUE((*store)->repository().renamePerson({2}, name, {"eve"}));
  };
  rename("A");
  const auto head = *trail().head();
  old.putBack();
  EXPECT_EQ(problem(), "") << "nothing in the store tells";
  EXPECT_THAT(problem({head}), HasSubstr("at the end: they were cut off"));
  // Whoever has the keys goes on from there, and the chain holds; the head is another one.
  for (const char* name : {"B", "C", "D"}) rename(name);
  EXPECT_EQ(problem(), "");
  EXPECT_THAT(problem({head}), HasSubstr("row " + std::to_string(head.sequence) + " ("));
}

TEST_F(AuditOfAStore, GoesOutAsATableThatNoSpreadsheetRuns) {
  {
    const auto store = Store::open(folder(), Store::Access::Write, m_clock);
    ASSERT_TRUE((*store)->repository().renamePerson({2}, "=1+1, \"Eve\"", {"@bob"}));
  }
  const auto rows = *trail().rows();
  const auto text = auditCsv(rows);
  EXPECT_THAT(text, HasSubstr("sequence,time,account,action,person,subject,details\r\n"));
  EXPECT_THAT(text,
              HasSubstr(",'@bob,rename person,2,2,\"name =1+1, \"\"Eve\"\", before Eve\"\r\n"));
  AuditFilter filter;
  filter.person = PersonKey{2};
  filter.action = "rename person";
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                          [&](const AuditRow& row) { return filter.admits(row); }),
            1);
  filter.to = "2026-01-01";  // the clock of the tests stands on the day after
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                          [&](const AuditRow& row) { return filter.admits(row); }),
            0);
}

TEST_F(AuditOfAStore, ReadsOnlyWellFormedHeads) {
  const auto text = auditHeadText(*trail().head());
  for (const auto& wrong : {std::string(), std::string("5"), text.substr(1), "0" + text.substr(1),
                            text + "0", text.substr(0, text.size() - 1), "-" + text, "x" + text})
    EXPECT_FALSE(auditHeadOf(wrong)) << wrong;
}

// A verifier that is written years later, by somebody else, must come to the same codes.
TEST(Audit, HasTheseBytesForEver) {
  EXPECT_EQ(
      canonicalEvent("0123456789abcdef", 17, 1'767'323'045'000'000, "enrol", 4, {0xAB, 0x01}, {}),
      "countersign audit 1|0123456789abcdef|17|1767323045000000|enrol|4|ab01|\n");
  EXPECT_EQ(canonicalEvent("s", 1, 0, "rename", std::nullopt, {}, {0xFF}),
            "countersign audit 1|s|1|0|rename|||ff\n");
}

}  // namespace
}  // namespace countersign
