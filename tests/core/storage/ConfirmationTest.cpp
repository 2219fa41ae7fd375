// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include <algorithm>

#include "core/storage/Audit.h"
#include "core/storage/Store.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kAda = "tomato lantern glacier";
constexpr const char* kBob = "violet harbour tractor";
constexpr const char* kClerk = "pepper window galaxy";

std::shared_ptr<const Secret> secret(const char* text) {
  return std::make_shared<const Secret>(Secret::of(text));
}

/// A store of ada's with two people on file, and as many accounts as a test makes.
class StoreOfTwo : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(setUpStore(test::placeFor(folder()),
                           {"ada", Role::Administrator, secret(kAda), KeyCost{}}, {}, m_clock));
    openAs("ada", kAda);
    auto& repository = m_store->repository();
    for (const char* name : {"1", "2", "3"})
      ASSERT_TRUE(repository.enrol({name, name, {test::plainReference(name, "net-a")}}, author()));
    ASSERT_TRUE(repository.putIntoService(Modality::Signature, "net-a", {{0.7}, 0.02}, author()));
    std::vector<std::pair<ReferenceKey, Template>> made;
    for (const std::int64_t key : {1, 2, 3})
      made.push_back({{key}, {"net-b", std::string(kEmbeddingKind), {1, 2, 3, 4}}});
    ASSERT_TRUE(repository.addTemplates(made, author()));
  }
  std::filesystem::path folder() const { return m_folder.path() / "store"; }
  void openAs(const char* name, const char* passphrase) {
    m_store.reset();
    auto opened = Store::open(folder(), Store::Access::Write, m_clock,
                              withPassphrase(name, Secret::of(passphrase)));
    ASSERT_TRUE(opened) << opened.error().message;
    m_store = *std::move(opened);
  }
  void add(const char* name, const char* passphrase, Role role) {
    ASSERT_TRUE(m_store->addAccount({name, role, secret(passphrase), KeyCost{}}));
  }
  Author author() const { return {m_store->account().name}; }
  Author confirmed(const char* name, const char* passphrase) const {
    const auto confirmation = m_store->confirm(withPassphrase(name, Secret::of(passphrase)));
    EXPECT_TRUE(confirmation) << confirmation.error().message;
    return {m_store->account().name, confirmation ? *confirmation : nullptr};
  }
  std::vector<AuditRow> audit() const { return *AuditTrail::of(*m_store)->rows(); }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  std::unique_ptr<Store> m_store;
};

TEST_F(StoreOfTwo, TakesOneWhileThereIsOnlyOne) {
  EXPECT_THAT(*m_store->confirmers(), IsEmpty());
  auto& repository = m_store->repository();
  EXPECT_TRUE(repository.setRule("net-a", {{0.8}, 0.02}, author()));
  add("cyd", kClerk, Role::Clerk);
  add("eve", kBob, Role::Auditor);
  EXPECT_TRUE(repository.setRule("net-a", {{0.7}, 0.02}, author())) << "neither may confirm";
}

TEST_F(StoreOfTwo, TakesBothForWhatCannotBeOnePersonsWord) {
  add("bob", kBob, Role::Supervisor);
  openAs("ada", kAda);  // who is on file was enrolled earlier
  auto& repository = m_store->repository();
  const std::vector<std::pair<const char*, std::function<Status(const Author&)>>> changes = {
      {"set threshold",
       [&](const Author& who) {
         return repository.setRule("net-a", {{0.8}, 0.03}, who);
       }},
      {"set policy",
       [&](const Author& who) {
         return repository.setPolicy("net-a", {{}, true, 0.1}, who);
       }},
      {"set threshold of person",
       [&](const Author& who) {
         return repository.setPersonThreshold({2}, "net-a", PersonThreshold{{0.8}, "why", {}}, who);
       }},
      {"put network into service",
       [&](const Author& who) {
         return repository.putIntoService(Modality::Signature, "net-b", {{0.5}, 0.02}, who);
       }},
      {"merge person in",
       [&](const Author& who) -> Status {
         const auto merge = repository.mergePeople({1}, {2}, who);
         return merge ? ok() : Status(merge.error());
       }},
      {"retire person", [&](const Author& who) { return repository.retirePerson({2}, who); }},
      {"export people",
       [&](const Author& who) { return repository.noteExport("export people", {{3}}, who); }},
      {"erase person",
       [&](const Author& who) -> Status {
         const auto receipt = repository.erasePeople({{3}}, who);
         if (receipt) { EXPECT_EQ(receipt->confirmedBy, "bob"); }
         return receipt ? ok() : Status(receipt.error());
       }},
  };
  const auto second = confirmed("bob", kBob);
  for (const auto& [action, change] : changes) {
    const auto before = audit().size();
    const auto alone = change(author());
    ASSERT_FALSE(alone) << action;
    EXPECT_EQ(alone.error().code, ErrorCode::ConfirmationNeeded) << action;
    EXPECT_THAT(alone.error().message, HasSubstr("bob")) << action;
    EXPECT_EQ(audit().size(), before) << action << ": nothing was done";
    const auto together = change(second);
    ASSERT_TRUE(together) << action << ": " << together.error().message;
    const auto rows = audit();
    EXPECT_TRUE(std::any_of(rows.begin() + static_cast<std::ptrdiff_t>(before), rows.end(),
                            [&, name = std::string(action)](const AuditRow& row) {
                              return row.action == name && row.event.author == "ada" &&
                                     (row.isErased || detailsText(row).find("confirmed by bob") !=
                                                          std::string::npos);
                            }))
        << action;
  }
  EXPECT_TRUE(m_store->check());
}

TEST_F(StoreOfTwo, LetsWhatWasEnrolledJustNowBeTakenBackByOne) {
  add("bob", kBob, Role::Supervisor);
  const auto enrolled =
      m_store->repository().enrol({"4", "", {test::plainReference("four", "net-a")}}, author());
  ASSERT_TRUE(enrolled);
  EXPECT_TRUE(m_store->repository().retirePerson(enrolled->person.key, author()));
  EXPECT_TRUE(m_store->repository().restorePerson(enrolled->person.key, author()));
  openAs("ada", kAda);
  EXPECT_EQ(m_store->repository().retirePerson(enrolled->person.key, author()).error().code,
            ErrorCode::ConfirmationNeeded);
}

TEST_F(StoreOfTwo, IsConfirmedByNobodyElseThanAnotherSupervisor) {
  add("bob", kBob, Role::Supervisor);
  add("cyd", kClerk, Role::Clerk);
  const auto refused = [&](const Credential& second, const char* why) {
    const auto confirmation = m_store->confirm(second);
    ASSERT_FALSE(confirmation) << why;
    EXPECT_THAT(confirmation.error().message, HasSubstr(why));
  };
  refused(withPassphrase("ada", Secret::of(kAda)), "Somebody else");
  refused(withPassphrase("cyd", Secret::of(kClerk)), "of a clerk");
  refused(withPassphrase("bob", Secret::of(kAda)), "not right");
  refused(withPassphrase("eve", Secret::of(kAda)), "Nobody has an account");
  // Keys that do not tell who holds them.
  const auto recovery = m_store->renewRecoveryKey();
  ASSERT_TRUE(recovery);
  refused(withKey(Secret::of(*recovery)), "recovery key");
  openAs("bob", kBob);
  const auto desktop = m_store->addDesktopKey("bob@desk");
  ASSERT_TRUE(desktop);
  openAs("ada", kAda);
  refused(withKey(Secret::of(*desktop)), "key of a desktop");
  // A clerk who removes somebody has a supervisor beside them.
  openAs("cyd", kClerk);
  EXPECT_EQ(m_store->repository().retirePerson({1}, author()).error().code,
            ErrorCode::ConfirmationNeeded);
  EXPECT_TRUE(m_store->repository().retirePerson({1}, confirmed("ada", kAda)));
}

TEST_F(StoreOfTwo, TakesTwoForTheLastReferencesOfSomebody) {
  add("bob", kBob, Role::Supervisor);
  ASSERT_TRUE(
      m_store->repository().enrol({"1", "", {test::plainReference("more", "net-a")}}, author()));
  openAs("ada", kAda);
  auto& repository = m_store->repository();
  const auto its = *repository.references({1});
  ASSERT_EQ(its.size(), 2U);
  EXPECT_EQ(repository.retireReferences({its[0].key, its[1].key}, author()).error().code,
            ErrorCode::ConfirmationNeeded);
  EXPECT_EQ(repository.references({1})->size(), 2U);
  EXPECT_TRUE(repository.retireReferences({its[0].key}, author()));
  EXPECT_EQ(repository.retireReferences({its[1].key}, author()).error().code,
            ErrorCode::ConfirmationNeeded);
  EXPECT_TRUE(repository.retireReferences({its[1].key}, confirmed("bob", kBob)));
}

TEST_F(StoreOfTwo, SaysWhatIsToBeConfirmed) {
  add("bob", kBob, Role::Supervisor);
  auto& repository = m_store->repository();
  EXPECT_THAT(repository.setRule("net-a", {{0.8}, 0.03}, author()).error().message,
              HasSubstr("Threshold 0.8 and refer band 0.03 instead of 0.7 and refer band 0.02"));
  EXPECT_THAT(repository.erasePeople({{1}, {2}}, author()).error().message,
              HasSubstr("Erasing 1 1, 2 2: this takes two"));
  EXPECT_THAT(repository.mergePeople({1}, {3}, author()).error().message,
              HasSubstr("Merging 1 1 into 3 3"));
}

// Whoever writes to the file of keys cannot have a role made true by a new key or passphrase.
TEST_F(StoreOfTwo, MakesNoRoleTrueThatAnotherProgramGave) {
  add("cyd", kClerk, Role::Clerk);
  openAs("cyd", kClerk);
  test::changeKeys(folder(), "UPDATE account SET role = 'administrator' WHERE name = 'cyd'");
  EXPECT_FALSE(m_store->addDesktopKey("cyd@desk"));
  EXPECT_FALSE(m_store->setPassphrase("cyd", Secret::of("marble kettle sunrise"), KeyCost{}));
}

TEST_F(StoreOfTwo, TellsWhoTriedToGetIn) {
  add("bob", kBob, Role::Auditor);
  m_store.reset();
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(Store::open(folder(), Store::Access::Write, m_clock,
                             withPassphrase("bob", Secret::of("wrong wrong wrong"))));
  EXPECT_FALSE(Store::open(folder(), Store::Access::Read, m_clock,
                           withKey(Secret::of("0000-0000-0000-0000-0000-0000-0000-0000"))));
  openAs("ada", kAda);
  std::vector<std::string> told;
  for (const auto& row : audit())
    if (row.action == "failed to open store") told.push_back(detailsText(row));
  ASSERT_FALSE(told.empty());
  EXPECT_THAT(told.front(), HasSubstr("account bob, tries 3"));
  const auto count = told.size();
  openAs("ada", kAda);
  const auto again = audit();
  EXPECT_EQ(static_cast<std::size_t>(std::count_if(
                again.begin(), again.end(),
                [](const AuditRow& row) { return row.action == "failed to open store"; })),
            count)
      << "once";
}

TEST_F(StoreOfTwo, TellsWhoGotAnAccountAndWhoLooked) {
  add("bob", kBob, Role::Auditor);
  ASSERT_TRUE(m_store->setPassphrase("bob", Secret::of("marble kettle sunrise"), KeyCost{}));
  ASSERT_TRUE(m_store->renewRecoveryKey());
  ASSERT_TRUE(m_store->removeAccount("bob"));
  std::vector<std::string> actions;
  for (const auto& row : audit()) actions.push_back(row.action);
  EXPECT_THAT(actions, testing::IsSupersetOf({"open store", "add account", "change passphrase",
                                              "renew recovery key", "remove account"}));
  // A clerk looks at their own work elsewhere.
  add("cyd", kClerk, Role::Clerk);
  openAs("cyd", kClerk);
  const auto trail = AuditTrail::of(*m_store);
  ASSERT_FALSE(trail);
  EXPECT_THAT(trail.error().message, HasSubstr("not a clerk's business"));
  m_store.reset();
  EXPECT_FALSE(AuditTrail::open(folder(), withPassphrase("cyd", Secret::of(kClerk)), m_clock));
}

}  // namespace
}  // namespace countersign
