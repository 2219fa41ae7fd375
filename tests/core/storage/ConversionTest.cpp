// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Conversion.h"

#include <gmock/gmock.h>

#include <fstream>

#include "core/storage/Audit.h"
#include "core/storage/Store.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestRecords.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A store as an earlier version wrote it, not encrypted: two people with references, one of them
/// with decisions. Each version of the schema has one in tests/data.
class OldStore : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { fs::copy(written(), folder(), fs::copy_options::recursive); }
  static fs::path written() {
    return COUNTERSIGN_SOURCE_DIR "/tests/data/store-v" + std::to_string(GetParam());
  }
  fs::path folder() const { return m_folder.path() / "store"; }
  void convert() {
    auto store = Store::open(test::storeIn(folder()), Store::Access::Write, m_clock);
    ASSERT_TRUE(store) << store.error().message << store.error().detail;
    m_store = *std::move(store);
  }
  static NewAccount administrator() {
    return {"ada", Role::Administrator,
            std::make_shared<const Secret>(Secret::of("tomato lantern glacier")), KeyCost{}};
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
    ASSERT_EQ(decisions->size(), static_cast<std::size_t>(GetParam()));
    const auto decision = repository.decision(decisions->back().key);
    ASSERT_TRUE(decision) << decision.error().message << decision.error().detail;
    EXPECT_EQ(decision->content.references.size(), 3U);
    EXPECT_FALSE(decision->content.probe.original.empty());
    const auto service = repository.networkInService(Modality::Signature);
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_EQ(repository.templates(service->identity, {})->size(), 5U);
    if (GetParam() == 2) expectWhatVersionTwoAdded(*service, *people);
    EXPECT_TRUE(m_store->check());
  }

  void expectWhatVersionTwoAdded(const NetworkInService& service,
                                 const std::vector<PersonSummary>& people) const {
    const auto& repository = m_store->repository();
    EXPECT_EQ(people.front().faceReferences, 1);
    EXPECT_EQ(people.back().person.name, "Tomasz Berger-Lind");
    EXPECT_EQ(repository.networkInService(Modality::Face)->identity, "net-f");
    ASSERT_EQ(service.policy.amounts.size(), 2U);
    EXPECT_EQ(service.policy.amounts.front().threshold.value, 0.8);
    EXPECT_TRUE(service.policy.isIndividual);
    EXPECT_EQ(service.policy.blindShare, 0.25);
    const auto threshold = repository.personThreshold(people.back().person.key, "net-a");
    ASSERT_TRUE(threshold && *threshold);
    EXPECT_EQ((*threshold)->reason, "her hand trembles since spring");
    EXPECT_EQ((*threshold)->set.author, "ada");
    const auto own = repository.ownEvidence("net-a");
    ASSERT_TRUE(own && *own);
    EXPECT_EQ((*own)->evidence.scores, (std::vector<float>{0.5F, 0.25F, 0.75F}));
    const auto decisions = repository.decisions();
    const auto known = repository.decision(decisions->back().key)->content;
    EXPECT_EQ(known.note, "seen at the counter in Lindenallee");
    EXPECT_EQ(known.applied.amount, 1250.5);
    EXPECT_EQ(known.blind, Finding::NonMatch);
    EXPECT_TRUE(decisions->front().isIdentification) << "of somebody who was deleted since";
  }

  test::TemporaryFolder m_folder;
  Clock m_clock = test::steppingClock();
  std::unique_ptr<Store> m_store;
};

TEST_P(OldStore, IsEncryptedAsAWholeAndLeavesNoPlainText) {
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
  EXPECT_GT(enrolled->person.key.value, 2 * GetParam() - 1);
}

TEST_P(OldStore, GoesOnWhereItWasBrokenOff) {
  // Before the new database is complete: it is made anew.
  std::ofstream(folder() / "sealing.db") << "half a database";
  convert();
  expectAllOfIt();
  m_store.reset();
  // Between the two steps in which they change places, and before the old one is deleted.
  fs::rename(folder() / "store.db", folder() / "sealing.db");
  fs::copy(written() / "store.db", folder() / "unsealed.db");
  const auto reader = Store::open(folder(), Store::Access::Read, m_clock);
  EXPECT_FALSE(reader) << "it must be finished first";
  convert();
  EXPECT_THAT(m_store->recoveries(), testing::Contains(testing::HasSubstr("Encrypting")));
  expectAllOfIt();
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
  m_store.reset();
  fs::copy(written() / "store.db", folder() / "unsealed.db");
  convert();
  expectAllOfIt();
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
}

TEST_P(OldStore, StaysAsItIsWhenItCannotBeEncrypted) {
  test::storeIn(folder());
  fs::create_directories(folder() / "sealing.db" / "in the way");
  const auto store = Store::open(folder(), Store::Access::Write, m_clock);
  ASSERT_FALSE(store);
  EXPECT_FALSE(store.error().message.empty());
  EXPECT_FALSE(filesWith("Ana Lindqvist").empty()) << "the old one is there still";
  fs::remove_all(folder() / "sealing.db");
  convert();
  expectAllOfIt();
}

TEST_P(OldStore, KeepsBackupsOfBothTimesApart) {
  const auto before = m_folder.path() / "kept-before";
  fs::copy(folder(), before, fs::copy_options::recursive);
  convert();
  const auto after = backUp(*m_store, m_folder.path() / "backups", {7, m_clock}, {});
  ASSERT_TRUE(after) << after.error().message << after.error().detail;
  m_store.reset();
  const auto refused = restoreStore(before, folder(), m_clock);
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

TEST_P(OldStore, IsNotOpenedUntilItIsEncrypted) {
  for (const auto access : {Store::Access::Read, Store::Access::Write}) {
    const auto store = Store::open(folder(), access, m_clock);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::StoreNotEncrypted);
  }
  EXPECT_FALSE(filesWith("Ana Lindqvist").empty());
  std::vector<EncryptionProgress> told;
  const auto keys = setUpStore(
      folder(), administrator(),
      {{}, [&](const EncryptionProgress& progress) { told.push_back(progress); }}, m_clock);
  ASSERT_TRUE(keys) << keys.error().message << keys.error().detail;
  ASSERT_GT(told.size(), 5U);
  EXPECT_EQ(told.front().done, 0);
  EXPECT_GT(told.back().done, told.back().total / 2);
  EXPECT_LE(told.back().done, told.back().total);
  EXPECT_TRUE(filesWith("Ana Lindqvist").empty());
  auto store =
      Store::open(folder(), Store::Access::Write, m_clock, withKey(Secret::of(keys->recovery)));
  ASSERT_TRUE(store) << store.error().message;
  m_store = *std::move(store);
  expectAllOfIt();
}

TEST_P(OldStore, IsAsItWasWhenEncryptingIsStopped) {
  std::stop_source stop;
  const auto stopped = setUpStore(folder(), administrator(),
                                  {stop.get_token(),
                                   [&](const EncryptionProgress& progress) {
                                     if (progress.done > progress.total / 2) stop.request_stop();
                                   }},
                                  m_clock);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
  EXPECT_FALSE(hasKeys(folder()));
  EXPECT_FALSE(fs::exists(folder() / "sealing.db"));
  EXPECT_EQ(Store::open(folder(), Store::Access::Write).error().code, ErrorCode::StoreNotEncrypted);
  convert();
  expectAllOfIt();
}

// It was encrypted, but nothing told when a whole row went.
TEST(StoreOfVersionThree, GetsABookOfItsRows) {
  test::TemporaryFolder temporary;
  const auto folder = temporary.path() / "store";
  fs::copy(COUNTERSIGN_SOURCE_DIR "/tests/data/store-v3", folder, fs::copy_options::recursive);
  const auto clock = test::steppingClock();
  const auto reader = Store::open(folder, Store::Access::Read, clock);
  ASSERT_FALSE(reader);
  EXPECT_THAT(reader.error().message, HasSubstr("opened it for writing"));
  for (int pass = 0; pass < 2; ++pass) {
    const auto store = Store::open(folder, Store::Access::Write, clock);
    ASSERT_TRUE(store) << store.error().message << store.error().detail;
    EXPECT_TRUE((*store)->check());
    auto& repository = (*store)->repository();
    ASSERT_EQ(repository.people()->size(), 2U);
    EXPECT_EQ(repository.people()->front().person.name, "Ana Lindqvist");
    EXPECT_TRUE(repository.people()->front().person.grounds.isEmpty());
    EXPECT_EQ(repository.decisions()->size(), 2U);
    const auto trail = AuditTrail::of(**store);
    ASSERT_TRUE(trail->verify()) << trail->verify().error().message;
    EXPECT_EQ(trail->rows()->size(), 15U + static_cast<std::size_t>(pass));
    EXPECT_TRUE(trail->rows()->front().details.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(OfVersion, OldStore, testing::Values(1, 2),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace countersign
