// SPDX-License-Identifier: GPL-3.0-or-later
//
// Everything that writes, on a disk that fails at its first, second, third … request: it is done as
// a whole or not at all, says so in one sentence, and works once the disk does again.
#include "tests/reliability/FailingDisk.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/storage/Audit.h"
#include "core/storage/Backup.h"
#include "core/storage/internal/Vault.h"
#include "core/training/Checkpoint.h"
#include "tests/reliability/Places.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOffice.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign::test {
namespace {

namespace fs = std::filesystem;
using Fault = FailingDisk::Fault;

Enrolment enrolmentOf(const std::string& identifier) {
  Enrolment enrolment{identifier, "Somebody", {}};
  for (int i = 0; i < 2; ++i)
    enrolment.references.push_back(plainReference(identifier + "-" + std::to_string(i), "net"));
  return enrolment;
}

/// A folder with a store of three people, two decisions and a backup, that is copied for each try.
class OnAFailingDisk : public testing::Test {
 protected:
  /// What is done, and what the store is like: the same text means that nothing was done.
  struct Work {
    std::function<Status(Store&)> run;
    bool isRepeatable = true;               ///< On the same open store, once the disk is well.
    std::function<void()> afterwards = {};  ///< Looks at the folder of a store where it was done.
  };

  void SetUp() override {
    const auto store = openStore(storeIn(base() / kStore));
    auto& repository = store->repository();
    for (const std::string identifier : {"1", "2", "3"}) {
      const auto enrolled = repository.enrol(enrolmentOf(identifier), m_author);
      ASSERT_TRUE(enrolled) << enrolled.error().message;
      m_people.push_back(*enrolled);
    }
    ASSERT_TRUE(repository.record(decisionAbout(m_people[0]), m_author));
    ASSERT_TRUE(repository.record(decisionAbout(m_people[1]), m_author));
    ASSERT_TRUE(backUp(*store, base() / kBackups, {}, {}));
  }

  static std::unique_ptr<Store> openStore(const fs::path& folder) {
    auto store = Store::open(folder, Store::Access::Write);
    EXPECT_TRUE(store) << store.error().message << store.error().detail;
    return store ? *std::move(store) : nullptr;
  }

  static NewDecision decisionAbout(const Enrolled& enrolled) {
    NewDecision decision;
    decision.person = enrolled.person.key;
    decision.network = "net";
    decision.probe = plainReference("probe", "net").image;
    decision.embedding = {0, 0, 128, 63};
    decision.references = {{enrolled.references.front(), {0, 0, 0, 64}, 0.75}};
    decision.score = 0.75;
    decision.finding = decision.recorded = Finding::Match;
    return decision;
  }

  static std::string stateOf(const Store& store) {
    const auto& repository = store.repository();
    std::string state;
    const auto people = repository.people();
    const auto decisions = repository.decisions();
    EXPECT_TRUE(people && decisions);
    if (!people || !decisions) return "unreadable";
    for (const auto& summary : *people) {
      state += summary.person.identifier + ":" + summary.person.name;
      const auto references = repository.references(summary.person.key);
      EXPECT_TRUE(references) << references.error().message;
      for (const auto& reference : *references)
        state += " " + std::to_string(repository.images(reference.key)->original.size());
      state += "; ";
    }
    for (const auto& decision : *decisions)
      state += std::to_string(decision.key.value) + (decision.isErased ? " erased; " : "; ");
    const auto accounts = accountsOf(store.folder());
    EXPECT_TRUE(accounts) << accounts.error().message;
    if (accounts)
      for (const auto& account : *accounts) state += account.name + " ";
    return state;
  }

  fs::path base() const { return m_folder.path() / "base"; }
  fs::path place() const { return m_folder.path() / "place"; }
  fs::path store() const { return place() / kStore; }

  void copyBase() const {
    fs::remove_all(place());
    fs::copy(base(), place(), fs::copy_options::recursive);
  }

  static void expectASentence(const Error& error) {
    EXPECT_TRUE(error.message.ends_with('.') || error.message.ends_with('?')) << error.message;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
    EXPECT_NE(error.code, ErrorCode::BackendFailure) << error.message;
  }

  /// Calls `one` with a disk that fails at each of its requests in turn, in each way; it says
  /// whether a request failed at all. Where there are many, some are left out of the short run.
  void atEveryRequest(const std::string& name,
                      const std::function<bool(Fault fault, int after, bool isOnce)>& one) {
    int tries = 0;
    for (const auto fault : {Fault::Full, Fault::Broken, Fault::ReadOnly}) {
      for (const bool isOnce : {true, false}) {
        for (int after = 0;; after += isFullRun() || after < 12 ? 1 : 1 + after / 8) {
          SCOPED_TRACE(name + ", fault " + std::to_string(static_cast<int>(fault)) + ", after " +
                       std::to_string(after) + (isOnce ? ", once" : ", for ever"));
          ++tries;
          if (!one(fault, after, isOnce) || HasFailure()) break;
        }
        ASSERT_FALSE(HasFailure());
      }
    }
    std::printf("%s: %d failing disks\n", name.c_str(), tries);
    EXPECT_GT(tries, 12) << "hardly a request was seen";
  }

  /// For work on an open store.
  void tryEverywhere(const std::string& name, const Work& work) {
    copyBase();
    std::string before;
    std::string after;
    {
      const auto opened = openStore(store());
      before = stateOf(*opened);
      const auto done = work.run(*opened);
      ASSERT_TRUE(done) << done.error().message << done.error().detail;
      after = stateOf(*opened);
    }
    atEveryRequest(name, [&](Fault fault, int good, bool isOnce) {
      copyBase();
      int failures = 0;
      bool isDone = false;
      {
        const auto opened = openStore(store());
        if (!opened) return false;
        Status status = ok();
        {
          const FailingDisk disk(place(), fault, good, isOnce);
          status = work.run(*opened);
          failures = FailingDisk::failures();
        }
        isDone = status.has_value();
        if (!isDone) {
          expectASentence(status.error());
          const auto now = stateOf(*opened);
          EXPECT_TRUE(now == before || now == after) << now;
          if (now == before && work.isRepeatable) {
            const auto again = work.run(*opened);
            EXPECT_TRUE(again) << "once the disk is well: " << again.error().message
                               << again.error().detail;
            isDone = true;
          }
        }
      }
      const auto reopened = openStore(store());
      if (!reopened) return false;
      expectWholeStore(*reopened);
      const auto now = stateOf(*reopened);
      EXPECT_TRUE(now == after || (!isDone && now == before)) << now;
      if (now == after && work.afterwards) work.afterwards();
      return failures > 0;
    });
  }

  TemporaryFolder m_folder;
  Author m_author{"ada"};
  std::vector<Enrolled> m_people;
};

TEST_F(OnAFailingDisk, EnrolsAsAWholeOrNotAtAll) {
  tryEverywhere("enrol", {[&](Store& store) -> Status {
                  const auto enrolled = store.repository().enrol(enrolmentOf("4"), m_author);
                  if (!enrolled) return enrolled.error();
                  return ok();
                }});
}

TEST_F(OnAFailingDisk, RecordsADecisionOrSaysThatItDidNot) {
  tryEverywhere("decide", {[&](Store& store) -> Status {
                  const auto key = store.repository().record(decisionAbout(m_people[2]), m_author);
                  if (!key) return key.error();
                  return ok();
                }});
}

TEST_F(OnAFailingDisk, RemovesAsAWholeOrNotAtAll) {
  tryEverywhere("remove", {[&](Store& store) {
                  return store.repository().retirePerson(m_people[0].person.key, m_author);
                }});
}

TEST_F(OnAFailingDisk, ErasesAsAWholeOrNotAtAll) {
  // Rows go first; the key follows, at the latest when the store is next opened.
  const auto expectNoKey = [&] {
    const auto vault = Vault::unlock(store(), {}, systemTime);
    ASSERT_TRUE(vault);
    EXPECT_EQ((*vault)->personState(m_people[1].person.key.value), Vault::PersonState::Erased);
  };
  tryEverywhere("erase", {.run = [&](Store& store) -> Status {
                            const auto receipt =
                                store.repository().erasePeople({m_people[1].person.key}, m_author);
                            if (!receipt) return receipt.error();
                            return ok();
                          },
                          .isRepeatable = true,
                          .afterwards = expectNoKey});
}

TEST_F(OnAFailingDisk, ChangesAccountsAsAWholeOrNotAtAll) {
  tryEverywhere("accounts", {[&](Store& store) -> Status {
                  const auto key = store.addAccount({.name = "script", .role = Role::Clerk});
                  if (!key) return key.error();
                  return ok();
                }});
}

TEST_F(OnAFailingDisk, OpensOrSaysWhyNot) {
  copyBase();
  const auto before = stateOf(*openStore(store()));
  atEveryRequest("open", [&](Fault fault, int good, bool isOnce) {
    copyBase();
    int failures = 0;
    {
      const FailingDisk disk(place(), fault, good, isOnce);
      const auto opened = Store::open(store(), Store::Access::WriteIfFree);
      failures = FailingDisk::failures();
      if (!opened) expectASentence(opened.error());
    }
    const auto reopened = openStore(store());
    if (!reopened) return false;
    expectWholeStore(*reopened);
    EXPECT_EQ(stateOf(*reopened), before);
    return failures > 0;
  });
}

TEST_F(OnAFailingDisk, BacksUpCompletelyOrNotAtAll) {
  const auto before = backupsIn(base() / kBackups).size();
  atEveryRequest("back up", [&](Fault fault, int good, bool isOnce) {
    copyBase();
    const auto opened = openStore(store());
    if (!opened) return false;
    int failures = 0;
    bool isDone = false;
    {
      const FailingDisk disk(place(), fault, good, isOnce);
      const auto made = backUp(*opened, place() / kBackups, {}, {});
      failures = FailingDisk::failures();
      isDone = made.has_value();
      if (!made) expectASentence(made.error());
    }
    const auto backups = backupsIn(place() / kBackups);
    EXPECT_EQ(backups.size(), before + (isDone ? 1 : 0));
    for (const auto& backup : backups) EXPECT_TRUE(verifyBackup(backup.folder));
    const auto again = backUp(*opened, place() / kBackups, {}, {});
    EXPECT_TRUE(again) << again.error().message << again.error().detail;
    expectWholeStore(*opened);
    return failures > 0;
  });
}

TEST_F(OnAFailingDisk, RestoresCompletelyOrLeavesWhatWasThere) {
  {
    // What is there now is another state than the backup's.
    const auto opened = openStore(base() / kStore);
    ASSERT_TRUE(opened->repository().enrol(enrolmentOf("later"), m_author));
  }
  copyBase();
  const auto now = stateOf(*openStore(store()));
  const auto backup = backupsIn(place() / kBackups).front().folder.filename();
  ASSERT_TRUE(restoreStore(place() / kBackups / backup, store()));
  const auto restored = stateOf(*openStore(store()));
  ASSERT_NE(now, restored);
  atEveryRequest("restore", [&](Fault fault, int good, bool isOnce) {
    copyBase();
    int failures = 0;
    bool isDone = false;
    {
      const FailingDisk disk(place(), fault, good, isOnce);
      const auto result = restoreStore(place() / kBackups / backup, store());
      failures = FailingDisk::failures();
      isDone = result.has_value();
      if (!result) expectASentence(result.error());
    }
    const auto reopened = openStore(store());
    if (!reopened) return false;
    expectWholeStore(*reopened);
    const auto state = stateOf(*reopened);
    EXPECT_TRUE(state == restored || (!isDone && state == now)) << state;
    return failures > 0;
  });
}

TEST_F(OnAFailingDisk, SetsAStoreUpOrLeavesNone) {
  atEveryRequest("set up", [&](Fault fault, int good, bool isOnce) {
    fs::remove_all(place());
    fs::create_directories(place());
    int failures = 0;
    bool isDone = false;
    {
      const FailingDisk disk(place(), fault, good, isOnce);
      const auto made = protectOpenly(store(), "ada");
      failures = FailingDisk::failures();
      isDone = made.has_value();
      if (!made) expectASentence(made.error());
    }
    if (!isDone) {
      // Whoever tries again gets a store, whatever the first try left.
      const auto again = protectOpenly(store(), "ada");
      EXPECT_TRUE(again || again.error().code == ErrorCode::AlreadyEnrolled)
          << again.error().message << again.error().detail;
    }
    const auto opened = openStore(store());
    if (!opened) return false;
    expectWholeStore(*opened);
    return failures > 0;
  });
}

TEST_F(OnAFailingDisk, KeepsTheCheckpointBefore) {
  atEveryRequest("checkpoint", [&](Fault fault, int good, bool isOnce) {
    fs::remove_all(place());
    fs::create_directories(place());
    const CheckpointFolder folder(place());
    for (int step = 1; step <= 3; ++step) EXPECT_TRUE(folder.write(checkpointOf(step)));
    int failures = 0;
    bool isDone = false;
    {
      const FailingDisk disk(place(), fault, good, isOnce);
      const auto written = folder.write(checkpointOf(4));
      failures = FailingDisk::failures();
      isDone = written.has_value();
      if (!written) expectASentence(written.error());
    }
    const auto newest = folder.newest();
    EXPECT_TRUE(newest && isWholeCheckpoint(*newest));
    if (newest) { EXPECT_GE(stepOf(*newest), isDone ? 4 : 3); }
    EXPECT_TRUE(folder.write(checkpointOf(5)));
    return failures > 0;
  });
}

TEST_F(OnAFailingDisk, ChangesNetworksAsAWholeOrNotAtAll) {
  fs::remove_all(base());
  fs::create_directories(base());
  makeOfficeIn(base(), 2);
  writeRandomNetwork(base(), "second", 2);
  std::string first;
  std::string second;
  {
    copyBase();
    const auto office = openOfficeOf(place());
    ASSERT_TRUE(office);
    first = (*office)->signatureDesk()->network().identity();
    ASSERT_TRUE((*office)->changeNetwork(place() / "second.safetensors", {}));
    second = (*office)->signatureDesk()->network().identity();
  }
  atEveryRequest("change networks", [&](Fault fault, int good, bool isOnce) {
    copyBase();
    int failures = 0;
    bool isDone = false;
    {
      const auto office = openOfficeOf(place());
      EXPECT_TRUE(office) << office.error().message;
      if (!office) return false;
      Status status = ok();
      {
        const FailingDisk disk(place(), fault, good, isOnce);
        status = (*office)->changeNetwork(place() / "second.safetensors", {});
        failures = FailingDisk::failures();
      }
      isDone = status.has_value();
      if (!status) expectASentence(status.error());
      EXPECT_EQ((*office)->signatureDesk()->network().identity(), isDone ? second : first);
    }
    const auto office = expectWholeOffice(place());
    if (!office) return false;
    const auto serving = office->signatureDesk()->network().identity();
    EXPECT_TRUE(serving == second || (!isDone && serving == first));
    return failures > 0;
  });
}

}  // namespace
}  // namespace countersign::test
