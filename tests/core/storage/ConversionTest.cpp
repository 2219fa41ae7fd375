// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Conversion.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/storage/Store.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A store of an earlier version, which was not encrypted.
class OldStore : public testing::Test {
 protected:
  void SetUp() override {
    fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v1", folder(), fs::copy_options::recursive);
  }
  fs::path folder() const { return m_folder.path() / "store"; }
  void convert() {
    ASSERT_TRUE(hasKeys(folder()) || protectOpenly(folder(), "ada"));
    auto store = Store::open(folder(), Store::Access::Write, m_clock);
    ASSERT_TRUE(store) << store.error().message << store.error().detail;
    m_store = *std::move(store);
  }
  std::vector<fs::path> filesWith(const std::string& text) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(m_folder.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(stream), {}};
      if (content.find(text) != std::string::npos) found.push_back(entry.path());
    }
    return found;
  }
  void expectAllOfIt() const {
    auto& repository = m_store->repository();
    const auto people = repository.people();
    ASSERT_TRUE(people) << people.error().message;
    ASSERT_EQ(people->size(), 2U);
    EXPECT_EQ(people->front().person.name, "Ana Lindqvist");
    EXPECT_EQ(people->front().signatureReferences, 3);
    const auto decisions = repository.decisions();
    ASSERT_TRUE(decisions) << decisions.error().message << decisions.error().detail;
    ASSERT_EQ(decisions->size(), 1U);
    const auto decision = repository.decision(decisions->front().key);
    ASSERT_TRUE(decision) << decision.error().message << decision.error().detail;
    EXPECT_EQ(decision->content.references.size(), 3U);
    EXPECT_FALSE(decision->content.probe.original.empty());
    const auto service = repository.networkInService(Modality::Signature);
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_EQ(repository.templates(service->identity, {})->size(), 5U);
    EXPECT_TRUE(m_store->check());
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  std::unique_ptr<Store> m_store;
};

TEST_F(OldStore, IsEncryptedAsAWholeAndLeavesNoPlainText) {
  EXPECT_FALSE(filesWith("Ana Lindqvist").empty());
  convert();
  expectAllOfIt();
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
  m_store.reset();
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
  EXPECT_TRUE(filesWith("reference-1.png").empty());
  for (const char* file : {"sealing.db", "unsealed.db", "store.db-wal"})
    EXPECT_FALSE(fs::exists(folder() / file)) << file;
  convert();  // opens as any other
  expectAllOfIt();
  const auto enrolled = m_store->repository().enrol(
      {"99", "Somebody new", {test::plainReference("new", "net-a")}}, {"ada"});
  ASSERT_TRUE(enrolled) << enrolled.error().message << enrolled.error().detail;
  EXPECT_GT(enrolled->person.key.value, 2);
}

TEST_F(OldStore, GoesOnWhereItWasBrokenOff) {
  // Before the new database is complete: it is made anew.
  std::ofstream(folder() / "sealing.db") << "half a database";
  convert();
  expectAllOfIt();
  m_store.reset();
  // Between the two steps in which they change places, and before the old one is deleted.
  fs::rename(folder() / "store.db", folder() / "sealing.db");
  fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v1/store.db", folder() / "unsealed.db");
  const auto reader = Store::open(folder(), Store::Access::Read, m_clock);
  EXPECT_FALSE(reader) << "it must be finished first";
  convert();
  expectAllOfIt();
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
  m_store.reset();
  fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v1/store.db", folder() / "unsealed.db");
  convert();
  expectAllOfIt();
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
}

TEST_F(OldStore, StaysAsItIsWhenItCannotBeEncrypted) {
  ASSERT_TRUE(protectOpenly(folder(), "ada"));
  fs::create_directories(folder() / "sealing.db" / "in the way");
  const auto store = Store::open(folder(), Store::Access::Write, m_clock);
  ASSERT_FALSE(store);
  EXPECT_FALSE(store.error().message.empty());
  EXPECT_FALSE(filesWith("Ana Lindqvist").empty()) << "the old one is there still";
  fs::remove_all(folder() / "sealing.db");
  convert();
  expectAllOfIt();
}

TEST_F(OldStore, KeepsBackupsOfBothTimesApart) {
  auto old = Store::open(folder(), Store::Access::Write, m_clock);
  ASSERT_TRUE(old);
  const auto before = backUp(**old, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(before) << before.error().message;
  old->reset();
  convert();
  const auto after = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(after) << after.error().message << after.error().detail;
  m_store.reset();
  const auto refused = restoreStore(before->folder, folder(), m_clock);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("before the store was encrypted"));
  ASSERT_TRUE(restoreStore(after->folder, folder(), m_clock));
  convert();
  expectAllOfIt();
  // On another computer, with the copy of the keys beside the backup.
  const auto elsewhere = m_folder.path() / "elsewhere";
  const auto restored = restoreStore(after->folder, elsewhere, m_clock);
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(Store::open(elsewhere, Store::Access::Write).error().code, ErrorCode::CredentialNeeded);
  fs::copy(folder() / kOpenKeyFile, elsewhere / kOpenKeyFile);
  const auto opened = Store::open(elsewhere, Store::Access::Write);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ((*opened)->repository().people()->size(), 2U);
}

}  // namespace
}  // namespace countersign
