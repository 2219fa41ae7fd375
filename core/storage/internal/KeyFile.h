// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/storage/Accounts.h"
#include "core/storage/internal/Sql.h"
#include "core/storage/internal/Vault.h"

namespace countersign {

/// Keys of the data: one for each DataKind, and one that seals people's own keys.
inline constexpr std::size_t kDataKeys = 5;
inline constexpr std::size_t kPeopleKey = 4;
inline constexpr const char* kRecoveryAccount = "recovery key";
/// Wrong passphrases in a row after which each further try has to wait.
inline constexpr int kMostFailures = 5;
inline constexpr int kWaitSeconds = 30;

struct OpenedKeys {
  Account account;
  std::string identity;
  bool hasBook = false;  ///< The store's database keeps a book of its rows (RowLedger.h).
  Secret root;
  Secret dataKeys;
};

/// The key that comes from a passphrase (Argon2id); nothing when there is not so much memory.
///
/// @param salt  kSaltBytes bytes.
std::optional<Secret> stretched(const Secret& passphrase, const Bytes& salt, const KeyCost& cost);
inline constexpr std::size_t kSaltBytes = 16;
Bytes randomSalt();
Error noMemory(const KeyCost& cost);

/// Makes the tables of keys, without any row, as part of a transaction.
void createKeyTables(SqlConnection& connection);

/// Whether there are keys; throws SqlFailure when it cannot be said.
bool areKeysAt(const SqlPlace& place);
Result<bool> findKeys(const std::filesystem::path& store);
/// Throws SqlFailure.
std::vector<Account> accountsAt(const SqlPlace& place);

/// Opens the keys of a store.
///
/// @return  CredentialWrong, CredentialNeeded when the account is not clear, StoreFailure when the
///          file is damaged, of a newer version, or its keys are cheaper to guess than KeyCost.
Result<OpenedKeys> openKeyFile(const SqlPlace& place, const Credential& credential,
                               const Clock& clock);

/// From now on a database without a book of its rows is not this store's.
void rememberBook(const SqlPlace& place, const Secret& root);

/// Takes wrong passphrases and keys off the count, to be noted elsewhere by whoever took them.
std::vector<FailedTries> takeFailedTries(const SqlPlace& place);
/// Back on the count, where they could not be noted.
void putBackFailedTries(const SqlPlace& place, const std::vector<FailedTries>& tries);

/// @param isRecovery  an account of the recovery key, in the place of the one before.
/// @return            text of the key, when it is opened by one.
Result<std::string> addKeyFileAccount(const SqlPlace& place, const Secret& root,
                                      const NewAccount& account, bool isRecovery);
/// Another key for an account that is opened by a passphrase, in the place of an earlier one for
/// the same desktop.
///
/// @return  text of the key.
Result<std::string> addKeyFileDesktop(const SqlPlace& place, const Secret& root,
                                      const std::string& name, const std::string& desktop);
Status removeKeyFileDesktop(const SqlPlace& place, const std::string& name,
                            const std::string& desktop);
/// With all its desktops.
///
/// @return  NotFound, or OptionOutOfRange for the last administrator.
Status removeKeyFileAccount(const SqlPlace& place, const std::string& name);
/// Its desktops are forgotten, too.
Status setKeyFilePassphrase(const SqlPlace& place, const Secret& root, const std::string& name,
                            const Secret& passphrase, const std::optional<KeyCost>& cost);

}  // namespace countersign
