// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/File.h"
#include "core/storage/Accounts.h"
#include "core/storage/internal/Sealing.h"
#include "core/storage/internal/Sql.h"

namespace countersign {

/// Wrong passphrases for one account, or wrong keys (an empty account). Whoever can write to the
/// file of keys can take this away, since it is written without a key.
struct FailedTries {
  std::string account;
  std::int64_t tries = 0;
  Timestamp first;
  Timestamp last;
};

/// What a piece of data is about; each kind has a key of its own.
enum class DataKind { Identity, Image, Embedding, Audit };

/// Where a sealed value stands. Moved to another place, or put back after a change, it cannot be
/// unsealed.
struct Place {
  const char* table;
  const char* column;
  std::string row;           ///< Its primary key, as text.
  std::int64_t version = 0;  ///< Event that wrote it; 0 where rows never change.
};

/// The keys of an open store ("keys.db", or a schema of a server), and what is done with them. Keys
/// of the data are random, and sealed by a random root key, which is sealed for each account by a
/// key that comes from its passphrase. Every person has a random key, too, that takes part in all
/// keys of their data: once it is gone (erasePeople()), nothing can read them any more, neither
/// here nor in a backup.
///
/// Thread-safe. What the database does not do is thrown as SqlFailure.
class Vault {
 public:
  static Result<std::shared_ptr<Vault>> unlock(const std::filesystem::path& store,
                                               const Credential& credential, const Clock& clock);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  /// Connections to the store's rows, where its keys are beside them on a server; else null.
  const std::shared_ptr<SqlConnections>& connections() const;

  /// Random, another one for every opening: by which an open store knows its own changes.
  const std::string& deskMark() const;

  const Account& account() const;
  /// Other accounts that may confirm what this one does: supervisors and administrators who open
  /// the store by a passphrase or a key of their own.
  std::vector<Account> confirmers() const;
  /// Whoever shows that they are one of them; without opening anything.
  Result<Account> confirm(const Credential& second, const Clock& clock) const;
  /// Whether whoever sits here knows the passphrase of the account; wrong ones count.
  Status checkOwnPassphrase(const Secret& passphrase, const Clock& clock) const;
  /// Wrong passphrases and keys that are not yet in the history, for whoever takes them there.
  std::vector<FailedTries> takeFailedTries() const;
  void putBackFailedTries(const std::vector<FailedTries>& tries) const;
  /// Whether the database of this store keeps a book of its rows; one without is another one.
  bool hasBook() const;
  void rememberBook() const;
  /// Random, made with the keys: the store's database names it, and so do its backups.
  const std::string& storeIdentity() const;

  /// @param person  whose data it is, if anybody's; they have a key.
  Bytes seal(DataKind kind, std::optional<std::int64_t> person, const Place& place,
             std::span<const std::uint8_t> text) const;
  Bytes unseal(DataKind kind, std::optional<std::int64_t> person, const Place& place,
               std::span<const std::uint8_t> sealed) const;
  /// 16 bytes by which equal texts are found without being told.
  Bytes digest(std::string_view text) const;
  /// 32 bytes of a row's open columns, for the book of rows.
  std::array<std::uint8_t, 32> rowHash(std::string_view text) const;
  /// HMAC-SHA-256 with the key of the audit.
  Bytes auditCode(std::string_view text, const Bytes& previous) const;

  enum class PersonState { Unknown, Known, Erased };
  PersonState personState(std::int64_t person) const;
  /// Makes a key for somebody who never had one. It is on the disk when this returns. On a server
  /// it is part of the change that this thread is making, and nobody else's until that was made:
  /// forgetPerson() when that is over, well or not.
  void addPerson(std::int64_t person);
  void forgetPerson(std::int64_t person) const;
  /// Nothing can be read of them from now on. Their numbers are never given again.
  void erasePeople(const std::vector<std::int64_t>& people);

  /// @return  text of the key of an account that is opened by one, else empty.
  Result<std::string> addAccount(const NewAccount& account);
  Status removeAccount(const std::string& name);
  /// Another key for this account, for the keyring of a desktop.
  Result<std::string> addDesktop(const std::string& desktop);
  Status removeDesktop(const std::string& name, const std::string& desktop);
  Status setPassphrase(const std::string& name, const Secret& passphrase,
                       const std::optional<KeyCost>& cost);
  /// A new one; the one before opens nothing any more.
  Result<std::string> renewRecoveryKey();

 private:
  struct State;
  explicit Vault(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

/// "keys.db" in the store's folder.
std::filesystem::path keyFileOf(const std::filesystem::path& store);

/// Identity of the store whose keys are there, without opening it.
Result<std::string> storeIdentityOf(const SqlPlace& keys);

}  // namespace countersign
