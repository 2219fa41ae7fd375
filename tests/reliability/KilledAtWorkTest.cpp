// SPDX-License-Identifier: GPL-3.0-or-later
//
// Ends a program at random moments, as a power failure or a full memory would, and looks whether
// all is there that it had confirmed, and nothing is there by half.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "core/base/Random.h"
#include "core/training/Checkpoint.h"
#include "tests/reliability/Places.h"
#include "tests/support/Process.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestOffice.h"

namespace countersign::test {
namespace {

class KilledAtWork : public testing::Test {
 protected:
  static int kills() { return isFullRun() ? 40 : 16; }

  /// Kills a victim at this job again and again; `look` is called after each.
  ///
  /// @param longest  how long one is at work, in seconds.
  void kill(const std::string& job, const std::function<void()>& look, double longest = 0.25) {
    int atWork = 0;
    for (int round = 0; round < kills(); ++round) {
      std::filesystem::remove(folder() / kReady);
      const auto victim = startProgram({COUNTERSIGN_RELIABILITY_VICTIM, job, folder().string()});
      // Some while the program still starts, the others at work.
      const bool isStarting = round % 8 == 7;
      for (int i = 0; !isStarting && i < 3000 && !std::filesystem::exists(folder() / kReady); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ASSERT_EQ(::waitpid(victim, nullptr, WNOHANG), 0) << job << " ended by itself";
      }
      std::this_thread::sleep_for(std::chrono::microseconds(
          static_cast<std::int64_t>(1e6 * m_random.uniform(0, isStarting ? 0.4 : longest))));
      siginfo_t ended{};
      ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(victim), &ended, WEXITED | WNOHANG | WNOWAIT), 0);
      ASSERT_EQ(ended.si_pid, 0) << job << " ended by itself";
      ASSERT_EQ(endProcess(victim, SIGKILL), -1) << job << " ended by itself";
      const auto now = confirmed().size();
      if (now > m_confirmed) ++atWork;
      m_confirmed = now;
      look();
      if (HasFatalFailure()) return;
    }
    std::printf("%s: killed %d times, %d of them after something was confirmed, %zu confirmed\n",
                job.c_str(), kills(), atWork, confirmed().size());
    EXPECT_GE(atWork, kills() / 3) << "it was hardly ever at work";
  }

  std::vector<std::string> confirmed() const {
    std::vector<std::string> lines;
    std::ifstream file(folder() / kConfirmed);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  /// Opened after a kill: whole, and saying what happened.
  std::unique_ptr<Office> reopened() {
    auto office = expectWholeOffice(folder());
    if (office && !office->store().recoveries().empty()) ++m_told;
    return office;
  }

  /// Files and folders that were never finished.
  static int unfinishedBelow(const std::filesystem::path& folder) {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      count += entry.path().extension() == ".part" ? 1 : 0;
    return count;
  }

  const std::filesystem::path& folder() const { return m_folder.path(); }

  TemporaryFolder m_folder;
  Random m_random{2026};
  std::size_t m_confirmed = 0;  ///< Lines until the last kill.
  int m_told = 0;  ///< How often the opening after a kill said that there had been one.
};

TEST_F(KilledAtWork, BeforeAndWhileAStoreIsMade) {
  int rounds = 0;
  kill(
      "begin",
      [&] {
        {
          const auto store = Store::open(folder() / kStore, Store::Access::Write);
          if (!store && store.error().code == ErrorCode::StoreMissing && confirmed().empty())
            return;
          ASSERT_TRUE(store) << store.error().message << store.error().detail;
          expectWholeStore(**store);
          for (const auto& identifier : confirmed())
            EXPECT_TRUE((*store)->repository().findPerson(identifier)) << identifier;
          const auto people = (*store)->repository().people();
          ASSERT_TRUE(people);
          for (const auto& summary : *people) EXPECT_EQ(summary.signatureReferences, kReferences);
        }
        // From the beginning again, every other time.
        if (++rounds % 2 == 0) return;
        std::filesystem::remove_all(folder() / kStore);
        std::filesystem::remove(folder() / kConfirmed);
        m_confirmed = 0;
      },
      0.1);
}

TEST_F(KilledAtWork, WhileEnrolling) {
  makeOfficeIn(folder(), 2);
  kill("enrol", [&] {
    const auto office = reopened();
    ASSERT_TRUE(office);
    for (const auto& identifier : confirmed())
      ASSERT_TRUE(office->repository().findPerson(identifier)) << identifier << " was confirmed";
  });
  EXPECT_GE(m_told, kills() / 2);
}

TEST_F(KilledAtWork, WhileDeciding) {
  makeOfficeIn(folder(), 2);
  kill("decide", [&] {
    const auto office = reopened();
    ASSERT_TRUE(office);
    const auto decisions = office->repository().decisions();
    ASSERT_TRUE(decisions);
    std::set<std::int64_t> there;
    for (const auto& decision : *decisions) there.insert(decision.key.value);
    const auto lines = confirmed();
    for (const auto& line : lines) {
      std::istringstream words(line);
      std::int64_t key = 0;
      std::string note;
      words >> key >> note;
      ASSERT_TRUE(there.contains(key)) << "decision " << key << " was confirmed";
      // The newest ones to their last word: reading all of them every time takes too long.
      if (&line + 5 < lines.data() + lines.size()) continue;
      const auto decision = office->repository().decision({key});
      ASSERT_TRUE(decision) << decision.error().message;
      EXPECT_EQ(decision->content.note, note);
    }
    // Nothing is there that was not confirmed, but what the kill came before.
    EXPECT_LE(there.size(), lines.size() + static_cast<std::size_t>(kills()));
  });
  EXPECT_GE(m_told, kills() / 2);
}

TEST_F(KilledAtWork, WhileEmbeddingAnew) {
  makeOfficeIn(folder(), 4);
  kill(
      "reembed",
      [&] {
        const auto office = reopened();
        ASSERT_TRUE(office);
        const auto desk = office->signatureDesk();
        ASSERT_TRUE(desk);
        const auto serving = desk->network().identity();
        const auto lines = confirmed();
        if (!lines.empty() && serving != lines.back()) {
          // The one after it, which was not confirmed any more: another one than all before.
          EXPECT_EQ(std::count(lines.begin(), lines.end(), serving), 0);
        }
        EXPECT_EQ(office->repository().countReferencesWithout(Modality::Signature, serving).value(),
                  0);
        const auto person = office->repository().people()->front().person.key;
        EXPECT_TRUE(desk->verify(person, examinedDrawing(*desk, 10, 9)));
      },
      1.5);
  EXPECT_EQ(unfinishedBelow(folder() / kStore), 0);
}

TEST_F(KilledAtWork, WhileWritingCheckpoints) {
  kill("checkpoint", [&] {
    const auto lines = confirmed();
    if (lines.empty()) return;
    const auto newest = CheckpointFolder(folder() / kRun).newest();
    ASSERT_TRUE(newest);
    EXPECT_GE(stepOf(*newest), std::stoll(lines.back()));
    EXPECT_TRUE(isWholeCheckpoint(*newest));
  });
}

TEST_F(KilledAtWork, WhileBackingUp) {
  makeOfficeIn(folder(), 3);
  kill("backup", [&] {
    ASSERT_TRUE(reopened());
    const auto backups = backupsIn(folder() / kBackups);
    const auto lines = confirmed();
    if (!lines.empty()) {
      const auto isThere = [&](const BackupSummary& backup) {
        return backup.folder.filename() == lines.back();
      };
      EXPECT_TRUE(std::any_of(backups.begin(), backups.end(), isThere)) << lines.back();
    }
    for (const auto& backup : backups) {
      const auto verified = verifyBackup(backup.folder);
      EXPECT_TRUE(verified) << verified.error().message << verified.error().detail;
    }
  });
  const auto office = openOfficeOf(folder());
  ASSERT_TRUE(office && backUp((*office)->store(), folder() / kBackups, {}, {}));
  EXPECT_EQ(unfinishedBelow(folder()), 0);
}

}  // namespace
}  // namespace countersign::test
