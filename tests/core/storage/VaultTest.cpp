// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/internal/Vault.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>

#include "core/storage/internal/KeyFile.h"
#include "core/storage/internal/Sql.h"
#include "tests/support/TemporaryFolder.h"
#include "tests/support/TestStore.h"

namespace countersign {
namespace {

using testing::HasSubstr;

const std::string kPassphrase = "tomato lantern glacier";
const Place kPlace{"person", "content", "1", 7};

std::shared_ptr<const Secret> secret(const std::string& text) {
  return std::make_shared<const Secret>(Secret::of(text));
}

class VaultInAFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = protectStore(test::placeFor(folder()),
                                   {"ada", Role::Administrator, secret(kPassphrase), KeyCost{}});
    ASSERT_TRUE(made) << made.error().message << made.error().detail;
    m_recovery = made->recovery;
  }
  std::filesystem::path folder() const { return m_folder.path() / "store"; }
  Result<std::shared_ptr<Vault>> unlock(const Credential& credential) const {
    return Vault::unlock(folder(), credential, [this] { return m_now; });
  }
  Result<std::shared_ptr<Vault>> byPassphrase(const std::string& text,
                                              const std::string& account = "") const {
    return unlock(withPassphrase(account, Secret::of(text)));
  }
  std::shared_ptr<Vault> byRecovery() const {
    const auto vault = unlock(withKey(Secret::of(m_recovery)));
    EXPECT_TRUE(vault) << vault.error().message;
    return vault ? *vault : nullptr;
  }
  /// What a hostile hand with another program does to the file.
  void change(const char* sql) const { test::changeKeys(folder(), sql); }
  std::string content() const {
    std::ifstream file(keyFileOf(folder()), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TemporaryFolder m_folder;
  Timestamp m_now{1'000'000'000};
  std::string m_recovery;
};

TEST_F(VaultInAFolder, OpensByPassphraseAndByRecoveryKey) {
  const auto first = byPassphrase(kPassphrase);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ((*first)->account().name, "ada");
  EXPECT_EQ((*first)->account().role, Role::Administrator);
  (*first)->addPerson(1);
  const auto sealed = (*first)->seal(DataKind::Identity, 1, kPlace, Bytes{1, 2, 3});
  const auto second = byRecovery();
  EXPECT_EQ(second->unseal(DataKind::Identity, 1, kPlace, sealed), (Bytes{1, 2, 3}));
  EXPECT_EQ(second->storeIdentity(), (*first)->storeIdentity());
  EXPECT_EQ(second->account().opening, Account::Opening::Recovery);
  EXPECT_EQ(second->digest("x"), (*first)->digest("x"));
}

TEST_F(VaultInAFolder, TellsNothingWithoutACredential) {
  EXPECT_EQ(byPassphrase("another passphrase").error().code, ErrorCode::CredentialWrong);
  EXPECT_EQ(byPassphrase(kPassphrase, "bob").error().code, ErrorCode::CredentialWrong);
  EXPECT_EQ(unlock({}).error().code, ErrorCode::CredentialNeeded);
  EXPECT_THAT(unlock(withKey(Secret::of("ABCD"))).error().message, HasSubstr("eight groups"));
  const auto other = m_folder.path() / "other";
  const auto foreign = protectStore(other, {"eve", Role::Administrator, nullptr, {}});
  EXPECT_EQ(unlock(withKey(Secret::of(foreign->account))).error().code, ErrorCode::CredentialWrong);
}

TEST_F(VaultInAFolder, TakesTheSamePassphraseHoweverItIsComposed) {
  const auto vault = byRecovery();
  ASSERT_TRUE(vault->setPassphrase("ada", Secret::of("caf\u00e9 lantern glacier"), KeyCost{}));
  EXPECT_TRUE(byPassphrase("cafe\u0301 lantern glacier"));
}

TEST_F(VaultInAFolder, WaitsAfterFiveWrongPassphrases) {
  for (int i = 0; i < kMostFailures; ++i)
    EXPECT_EQ(byPassphrase("not this one, surely").error().message, "The passphrase is not right.");
  EXPECT_THAT(byPassphrase(kPassphrase).error().message, HasSubstr("in 30 seconds"));
  m_now.microseconds -= 3'600'000'000;  // somebody set the clock back
  EXPECT_THAT(byPassphrase(kPassphrase).error().message, HasSubstr("in 30 seconds"));
  m_now.microseconds += 3'600'000'000 + 31'000'000;
  EXPECT_FALSE(byPassphrase("not this one, surely"));
  EXPECT_THAT(byPassphrase(kPassphrase).error().message, HasSubstr("seconds")) << "each";
  m_now.microseconds += 31'000'000;
  EXPECT_TRUE(byPassphrase(kPassphrase));
  EXPECT_FALSE(byPassphrase("not this one, surely"));
  EXPECT_TRUE(byPassphrase(kPassphrase)) << "counted anew";
}

TEST_F(VaultInAFolder, RefusesWhatIsCheaperToGuess) {
  change("UPDATE account SET memory = 8192 WHERE name = 'ada'");
  EXPECT_THAT(byPassphrase(kPassphrase).error().message, HasSubstr("guessed too cheaply"));
  change("UPDATE account SET memory = 67108864, passes = 1 WHERE name = 'ada'");
  EXPECT_THAT(byPassphrase(kPassphrase).error().message, HasSubstr("guessed too cheaply"));
  EXPECT_FALSE(
      byRecovery()->addAccount({"bob", Role::Clerk, secret(kPassphrase), KeyCost{1, 1U << 20U}}));
}

TEST_F(VaultInAFolder, NoticesARoleThatAnotherProgramGave) {
  const auto vault = byRecovery();
  ASSERT_TRUE(vault->addAccount({"bob", Role::Clerk, secret(kPassphrase), KeyCost{}}));
  EXPECT_EQ((*byPassphrase(kPassphrase, "bob"))->account().role, Role::Clerk);
  change("UPDATE account SET role = 'administrator' WHERE name = 'bob'");
  EXPECT_FALSE(byPassphrase(kPassphrase, "bob"));
}

TEST_F(VaultInAFolder, KeepsAccounts) {
  const auto vault = byRecovery();
  ASSERT_TRUE(vault->addAccount({"bob", Role::Clerk, secret(kPassphrase), KeyCost{}}));
  EXPECT_EQ(byPassphrase(kPassphrase).error().code, ErrorCode::CredentialNeeded) << "whose?";
  EXPECT_TRUE(byPassphrase(kPassphrase, "ada"));
  EXPECT_EQ(vault->addAccount({"bob", Role::Clerk, nullptr, {}}).error().code,
            ErrorCode::AlreadyEnrolled);
  const auto key = vault->addAccount({"robot", Role::Auditor, nullptr, {}});
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ((*unlock(withKey(Secret::of(*key))))->account().role, Role::Auditor);
  EXPECT_EQ(accountsOf(folder())->size(), 4U) << "with the recovery key's";
  ASSERT_TRUE(vault->setPassphrase("bob", Secret::of("gravel violin orbit"), KeyCost{}));
  EXPECT_FALSE(byPassphrase(kPassphrase, "bob"));
  EXPECT_TRUE(byPassphrase("gravel violin orbit", "bob"));
  EXPECT_FALSE(vault->removeAccount("ada")) << "the last administrator";
  ASSERT_TRUE(vault->removeAccount("bob"));
  EXPECT_FALSE(byPassphrase("gravel violin orbit", "bob"));
  EXPECT_FALSE(vault->removeAccount("bob"));
  const auto renewed = vault->renewRecoveryKey();
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_TRUE(unlock(withKey(Secret::of(*renewed))));
  EXPECT_FALSE(unlock(withKey(Secret::of(m_recovery))));
}

TEST_F(VaultInAFolder, BindsWhatIsSealedToItsPlace) {
  const auto vault = byRecovery();
  vault->addPerson(1);
  vault->addPerson(2);
  const auto sealed = vault->seal(DataKind::Image, 1, kPlace, Bytes{1});
  EXPECT_THROW(vault->unseal(DataKind::Image, 2, kPlace, sealed), SqlFailure);
  EXPECT_THROW(vault->unseal(DataKind::Embedding, 1, kPlace, sealed), SqlFailure);
  EXPECT_THROW(vault->unseal(DataKind::Image, {}, kPlace, sealed), SqlFailure);
  for (const auto& place : {Place{"template", "content", "1", 7}, Place{"person", "x", "1", 7},
                            Place{"person", "content", "2", 7}, Place{"person", "content", "1", 8}})
    EXPECT_THROW(vault->unseal(DataKind::Image, 1, place, sealed), SqlFailure);
  EXPECT_EQ(vault->unseal(DataKind::Image, 1, kPlace, sealed), Bytes{1});
}

TEST_F(VaultInAFolder, ForgetsAPersonForGood) {
  SKIP_ON_SERVER();
  const auto vault = byRecovery();
  vault->addPerson(1);
  vault->addPerson(2);
  const auto hers = vault->seal(DataKind::Image, 1, kPlace, Bytes{1});
  const auto his = vault->seal(DataKind::Image, 2, kPlace, Bytes{2});
  const auto before = content();
  vault->erasePeople({1});
  EXPECT_EQ(vault->personState(1), Vault::PersonState::Erased);
  EXPECT_EQ(vault->personState(2), Vault::PersonState::Known);
  EXPECT_EQ(vault->personState(3), Vault::PersonState::Unknown);
  const auto again = byRecovery();
  for (const auto& one : {vault, again}) {
    try {
      one->unseal(DataKind::Image, 1, kPlace, hers);
      ADD_FAILURE() << "readable";
    } catch (const SqlFailure& failure) {
      EXPECT_EQ(failure.error().code, ErrorCode::PersonErased);
    }
    EXPECT_EQ(one->unseal(DataKind::Image, 2, kPlace, his), Bytes{2});
  }
  EXPECT_THROW(vault->addPerson(1), SqlFailure) << "a number is never given again";
  // Not even a piece of the key lies in the file any more, or in another one beside it.
  sqlite3* database = nullptr;
  std::ofstream(m_folder.path() / "before.db", std::ios::binary) << before;
  sqlite3_open((m_folder.path() / "before.db").c_str(), &database);
  sqlite3_stmt* row = nullptr;
  sqlite3_prepare_v2(database, "SELECT wrapped FROM person_key WHERE person_key = 1", -1, &row,
                     nullptr);
  ASSERT_EQ(sqlite3_step(row), SQLITE_ROW);
  const std::string wrapped(static_cast<const char*>(sqlite3_column_blob(row, 0)),
                            static_cast<std::size_t>(sqlite3_column_bytes(row, 0)));
  sqlite3_finalize(row);
  sqlite3_close(database);
  ASSERT_EQ(wrapped.size(), kKeyBytes + kSealBytes);
  constexpr std::size_t kPiece = 16;
  EXPECT_NE(before.find(wrapped.substr(0, kPiece)), std::string::npos);
  const auto now = content();
  for (std::size_t i = 0; i + kPiece <= wrapped.size(); ++i)
    EXPECT_EQ(now.find(wrapped.substr(i, kPiece)), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(keyFileOf(folder()).string() + "-journal"));
  EXPECT_FALSE(std::filesystem::exists(keyFileOf(folder()).string() + "-wal"));
}

TEST_F(VaultInAFolder, SeesWhoWasEnrolledByAnotherProgram) {
  const auto one = byRecovery();
  const auto other = byRecovery();
  one->addPerson(5);
  EXPECT_EQ(other->personState(5), Vault::PersonState::Known);
}

TEST_F(VaultInAFolder, LosesNothingByDamageUnnoticed) {
  SKIP_ON_SERVER();
  byRecovery()->addPerson(1);
  const auto whole = content();
  const auto sealed = byRecovery()->seal(DataKind::Image, 1, kPlace, Bytes{1, 2, 3});
  unsigned state = 1;
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    auto changed = whole;
    state = state * 1103515245U + 12345U;
    const auto at = (state >> 4U) % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ (1U << (i % 8)));
    std::ofstream(keyFileOf(folder()), std::ios::binary) << changed;
    const auto vault = unlock(withKey(Secret::of(m_recovery)));
    if (!vault) {
      EXPECT_FALSE(vault.error().message.empty());
      ++refused;
      continue;
    }
    try {
      EXPECT_EQ((*vault)->unseal(DataKind::Image, 1, kPlace, sealed), (Bytes{1, 2, 3}));
    } catch (const SqlFailure& failure) {
      EXPECT_FALSE(std::string(failure.what()).empty());
      ++refused;
    }
  }
  EXPECT_GT(refused, 5);
}

TEST_F(VaultInAFolder, IsNotMadeTwice) {
  EXPECT_EQ(protectStore(folder(), {"eve", Role::Administrator, secret(kPassphrase), KeyCost{}})
                .error()
                .code,
            ErrorCode::AlreadyEnrolled);
  EXPECT_FALSE(protectStore(m_folder.path() / "x", {"eve", Role::Clerk, {}, {}}));
  EXPECT_FALSE(protectStore(m_folder.path() / "x", {"", Role::Administrator, {}, {}}));
  EXPECT_FALSE(protectStore(m_folder.path() / "x",
                            {"eve", Role::Administrator, secret("short"), KeyCost{}}));
  EXPECT_FALSE(hasKeys(m_folder.path() / "x"));
}

TEST_F(VaultInAFolder, OpensForEverybodyWhereTheKeyLiesInTheFolder) {
  const auto open = m_folder.path() / "sample";
  ASSERT_TRUE(protectOpenly(open, "trainee"));
  const auto vault = Vault::unlock(open, {}, systemTime);
  ASSERT_TRUE(vault) << vault.error().message;
  EXPECT_EQ((*vault)->account().name, "trainee");
}

}  // namespace
}  // namespace countersign
