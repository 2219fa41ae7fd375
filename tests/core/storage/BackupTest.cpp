// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Backup.h"

#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "core/base/File.h"
#include "core/storage/Store.h"
#include "core/storage/internal/PendingRestore.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class BackupOfAStore : public testing::Test {
 protected:
  void SetUp() override {
    test::storeIn(folder());
    open();
    std::ofstream(folder() / "networks" / "net-a.safetensors") << "a network";
    enrol("1");
  }
  void open() {
    auto opened = Store::open(folder(), Store::Access::Write, m_clock);
    ASSERT_TRUE(opened) << opened.error().message << opened.error().detail;
    m_store = *std::move(opened);
  }
  fs::path folder() const { return m_folder.path() / "store"; }
  fs::path backups() const { return m_folder.path() / "backups"; }
  void enrol(const std::string& identifier, std::size_t size = 0) {
    Enrolment enrolment{identifier, "", {test::plainReference("image of " + identifier, "net-a")}};
    auto& original = enrolment.references.front().image.original;
    for (std::size_t i = 0; i < size; ++i) original.push_back(static_cast<std::uint8_t>(i * i));
    const auto enrolled = m_store->repository().enrol(enrolment, {"ada"});
    ASSERT_TRUE(enrolled) << enrolled.error().message;
  }
  Result<BackupSummary> backUp(int keep = 7) {
    return countersign::backUp(*m_store, backups(), {keep, m_clock}, {});
  }
  std::vector<std::string> people() {
    std::vector<std::string> all;
    const auto summaries = m_store->repository().people();
    EXPECT_TRUE(summaries) << summaries.error().message;
    for (const auto& summary : *summaries) all.push_back(summary.person.identifier);
    return all;
  }
  std::vector<fs::path> entries(const fs::path& of) const {
    std::vector<fs::path> all;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(of, none))
      if (entry.path().filename() != "backup.lock") all.push_back(entry.path());
    return all;
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  std::unique_ptr<Store> m_store;
};

TEST_F(BackupOfAStore, IsMadeWhileItIsInUseAndRestoresAllOfIt) {
  enrol("2");
  const auto made = backUp();
  ASSERT_TRUE(made) << made.error().message << made.error().detail;
  EXPECT_EQ(made->people, 2);
  EXPECT_EQ(made->references, 2);
  EXPECT_EQ(made->decisions, 0);
  EXPECT_GT(made->bytes, 0U);
  EXPECT_THAT(entries(made->folder), SizeIs(3)) << "the database, networks, the list; no log";
  EXPECT_TRUE(verifyBackup(made->folder));
  const auto images = m_store->repository().images({1});
  enrol("3");
  m_store.reset();
  fs::remove_all(folder() / "networks");
  const auto restored = restoreStore(made->folder, folder(), m_clock);
  ASSERT_TRUE(restored) << restored.error().message << restored.error().detail;
  EXPECT_EQ(restored->backup.people, 2);
  open();
  EXPECT_EQ(people(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(m_store->repository().images({1})->original, images->original);
  EXPECT_TRUE(m_store->check());
  EXPECT_TRUE(m_store->networkFile("net-a"));
  // And back: what was there was kept.
  m_store.reset();
  const auto back = restoreStore(restored->kept, folder(), m_clock);
  ASSERT_TRUE(back) << back.error().message << back.error().detail;
  EXPECT_NE(back->kept, restored->kept);
  open();
  EXPECT_EQ(people(), (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(BackupOfAStore, IsOfOneMoment) {
  enrol("2", std::size_t{4} << 20U);
  bool isEnrolled = false;
  int seen = 0;
  const auto made = countersign::backUp(*m_store, backups(), {7, m_clock},
                                        {{}, [&](const BackupProgress& progress) {
                                           ++seen;
                                           EXPECT_LE(progress.done, progress.total);
                                           if (isEnrolled) return;
                                           isEnrolled = true;
                                           std::thread([&] { enrol("3"); }).join();
                                         }});
  ASSERT_TRUE(made) << made.error().message << made.error().detail;
  EXPECT_GT(seen, 3) << "in steps";
  EXPECT_EQ(made->people, 2) << "without whoever came meanwhile";
  EXPECT_THAT(people(), SizeIs(3)) << "who did not have to wait";
}

TEST_F(BackupOfAStore, LeavesNothingWhenItIsStoppedOrFails) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(
      countersign::backUp(*m_store, backups(), {7, m_clock}, {stop.get_token(), {}}).error().code,
      ErrorCode::Cancelled);
  EXPECT_THAT(entries(backups()), IsEmpty());
  EXPECT_TRUE(backUp()) << "the store is as usable as before";
  const auto file = m_folder.path() / "a file";
  std::ofstream(file) << "x";
  EXPECT_EQ(countersign::backUp(*m_store, file, {7, m_clock}, {}).error().code,
            ErrorCode::FileNotWritable);
}

TEST_F(BackupOfAStore, IsNotTakenForWholeWhenItIsNot) {
  const auto made = backUp();
  ASSERT_TRUE(made);
  const auto& place = made->folder;
  const auto expectDamaged = [&](const char* what) {
    const auto verified = verifyBackup(place);
    ASSERT_FALSE(verified) << what;
    EXPECT_EQ(verified.error().code, ErrorCode::StoreFailure) << what;
    EXPECT_THAT(verified.error().message, HasSubstr("is damaged"));
    EXPECT_FALSE(restoreStore(place, m_folder.path() / "elsewhere", m_clock)) << what;
  };
  const auto database = *readFile(place / "store.db", 1U << 30U);
  const auto write = [](const fs::path& path, const Bytes& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  };
  auto flipped = database;
  flipped[flipped.size() / 2] ^= 1U;
  write(place / "store.db", flipped);
  expectDamaged("a bit of the database");
  write(place / "store.db", {database.begin(), database.begin() + 5000});
  expectDamaged("half a database");
  fs::remove(place / "store.db");
  expectDamaged("no database");
  write(place / "store.db", database);
  EXPECT_TRUE(verifyBackup(place));
  std::ofstream(place / "networks" / "net-a.safetensors") << "another net";
  expectDamaged("another network");
  std::ofstream(place / "networks" / "net-a.safetensors") << "a network";
  EXPECT_TRUE(verifyBackup(place));
  const auto list = *readTextFile(place / "backup.json", 1U << 20U);
  std::ofstream(place / "backup.json") << list.substr(0, list.size() / 2);
  expectDamaged("half a list");
  auto elsewhere = list;
  elsewhere.replace(elsewhere.find("store.db"), 8, "../x.db");
  std::ofstream(place / "backup.json") << elsewhere;
  expectDamaged("files elsewhere");
  fs::remove(place / "backup.json");
  EXPECT_EQ(verifyBackup(place).error().code, ErrorCode::NotFound);
  EXPECT_EQ(restoreStore(place, m_folder.path() / "elsewhere", m_clock).error().code,
            ErrorCode::NotFound);
  EXPECT_THAT(backupsIn(backups()), IsEmpty());
}

TEST_F(BackupOfAStore, RotatesThoseOfThisStoreAlone) {
  const auto other =
      Store::open(test::storeIn(m_folder.path() / "other"), Store::Access::Write, m_clock);
  ASSERT_TRUE(other);
  const auto foreign = countersign::backUp(**other, backups(), {1, m_clock}, {});
  ASSERT_TRUE(foreign);
  fs::create_directories(backups() / "countersign-2020-01-01T00-00-00Z.part");
  fs::create_directories(backups() / "countersign-of somebody's");
  std::vector<fs::path> made;
  made.reserve(4);
  for (int i = 0; i < 4; ++i) made.push_back(backUp(2)->folder);
  const auto left = backupsIn(backups());
  ASSERT_THAT(left, SizeIs(3));
  EXPECT_EQ(left[0].folder, made[3]) << "the newest first";
  EXPECT_EQ(left[1].folder, made[2]);
  EXPECT_EQ(left[2].folder, foreign->folder) << "of another store";
  EXPECT_TRUE(fs::exists(backups() / "countersign-of somebody's"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(backUp(0));
  EXPECT_THAT(backupsIn(backups()), SizeIs(6)) << "all are kept";
}

TEST_F(BackupOfAStore, IsNotRestoredUnderAnOpenStore) {
  const auto made = backUp();
  ASSERT_TRUE(made);
  EXPECT_EQ(restoreStore(made->folder, folder(), m_clock).error().code, ErrorCode::StoreBusy);
  EXPECT_THAT(people(), SizeIs(1));
  m_store.reset();
  // Where no store was, nothing has to be kept.
  const auto fresh = restoreStore(made->folder, m_folder.path() / "new", m_clock);
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_TRUE(fresh->kept.empty());
  fs::copy(folder() / kOpenKeyFile, m_folder.path() / "new" / kOpenKeyFile);
  EXPECT_TRUE(Store::open(m_folder.path() / "new", Store::Access::Write));
}

TEST_F(BackupOfAStore, RestoresADamagedStore) {
  SKIP_ON_SERVER();
  const auto made = backUp();
  ASSERT_TRUE(made);
  m_store.reset();
  std::ofstream(folder() / "store.db") << "not a database at all, but a letter to somebody";
  const auto failed = Store::open(folder(), Store::Access::Write);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("Restore it from a backup"));
  const auto restored = restoreStore(made->folder, folder(), m_clock);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_TRUE(fs::exists(restored->kept / "store.db")) << "for whoever can mend it";
  open();
  EXPECT_THAT(people(), SizeIs(1));
}

// Broken off between any two steps, opening the store finishes what was begun.
TEST_F(BackupOfAStore, IsRestoredInTheEndWhenTheLastStepWasBrokenOff) {
  SKIP_ON_SERVER();
  const auto made = backUp();
  ASSERT_TRUE(made);
  enrol("2");
  m_store.reset();
  const auto old = m_folder.path() / "old";
  fs::copy(folder(), old, fs::copy_options::recursive);
  ASSERT_TRUE(writeFileAtomically(old / "store.db-wal", ""));  // as a crash leaves it
  for (const int done : {0, 1, 2, 3}) {
    fs::remove_all(folder());
    fs::copy(old, folder(), fs::copy_options::recursive);
    const auto waiting = pendingRestore(folder());
    const auto kept = folder() / "kept-then";
    fs::create_directories(waiting);
    std::ofstream(waiting / "kept") << "kept-then";
    fs::copy_file(made->folder / "store.db", waiting / "store.db");
    if (done > 0) {
      fs::create_directories(kept);
      fs::rename(folder() / "store.db", kept / "store.db");
    }
    if (done > 1) fs::rename(folder() / "store.db-wal", kept / "store.db-wal");
    if (done > 2) fs::rename(waiting / "store.db", folder() / "store.db");
    const auto reader = Store::open(folder(), Store::Access::Read);
    ASSERT_FALSE(reader) << "a reader finishes nothing";
    open();
    ASSERT_EQ(m_store->recoveries().size(), 1U) << "after " << done << " steps";
    EXPECT_EQ(m_store->recoveries().front(), "A restore that had been broken off was finished.");
    EXPECT_EQ(people(), std::vector<std::string>{"1"}) << "after " << done << " steps";
    EXPECT_FALSE(hasPendingRestore(folder()));
    m_store.reset();
    const auto back = restoreStore(kept, folder(), m_clock);
    ASSERT_TRUE(back) << back.error().message << back.error().detail;
    open();
    EXPECT_EQ(people(), (std::vector<std::string>{"1", "2"})) << "after " << done << " steps";
    m_store.reset();
  }
}

}  // namespace
}  // namespace countersign
