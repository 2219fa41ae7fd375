// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/Clock.h"
#include "core/base/Result.h"
#include "core/biometrics/Repository.h"
#include "core/storage/Accounts.h"
#include "core/storage/Backup.h"
#include "core/storage/StoreFeed.h"

namespace countersign {

class Vault;

/// A folder with the store's database ("store.db", SQLite), whose rows are encrypted by the keys
/// beside it ("keys.db"), the networks that serve it ("networks/<identity>.safetensors"), and the
/// lock of the one program that writes ("writer.lock"). Or a folder that names a server
/// (ServerAddress.h), which holds rows, keys and networks for many desks that all write.
class Store {
 public:
  enum class Access {
    Write,        ///< StoreBusy when somebody else writes to the same folder.
    WriteIfFree,  ///< Like Write, but only reads when somebody else writes.
    Read,
  };

  /// Opens a store that was set up (setUpStore()), finishes a restore or a conversion that was
  /// broken off in its last step, adds up all rows and compares them with the store's book, and,
  /// when it may write, deletes what was retired earlier and no decision rests on. It is entered
  /// into the history, and so are wrong passphrases and keys since the last time.
  ///
  /// @return  StoreMissing, StoreNotEncrypted for one of an earlier version, CredentialNeeded or
  ///          CredentialWrong, StoreFailure when another program changed or removed something,
  ///          StoreUnreachable or StoreRefused by a server.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, Access access,
                                             Clock clock = systemTime,
                                             const Credential& credential = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  Repository& repository();
  const Repository& repository() const;
  const std::filesystem::path& folder() const;
  /// Random, made when it was set up; backups and exports name it.
  const std::string& identity() const;
  /// What its clock says.
  Timestamp now() const;
  /// Who opened it.
  const Account& account() const;
  /// Who holds the store instead, as a sentence; empty when this one may write.
  const std::string& writerElsewhere() const;

  /// Where the file of a network is kept; NotFound when the store has none of this identity.
  Result<std::filesystem::path> networkFile(const std::string& identity) const;
  /// Whether the file of a network is as it was when it first served here, card and all.
  ///
  /// @return  NotFound, or StoreFailure when it was changed.
  Status checkNetwork(const std::string& identity) const;
  /// Copies a network into the store, so that it serves as long as the store exists; in the place
  /// of one of the same identity whose card is another.
  Status keepNetwork(const std::filesystem::path& file, const std::string& identity);
  /// Puts the same file in the place of a copy that is missing or damaged; nothing where others
  /// write.
  ///
  /// @return  StoreFailure when it is another file.
  Status mendNetwork(const std::filesystem::path& file, const std::string& identity);

  /// Sees to it that the networks of a store on a server are in its folder on this desk.
  Status gatherNetworks() const;
  /// Copies the database as it is at one moment into a new file, while others work with it.
  Status copyDatabase(const std::filesystem::path& file,
                      const JobContext<BackupProgress>& context) const;

  /// Lets somebody else open the store.
  ///
  /// @return  OptionOutOfRange for a bad name or passphrase, and for whoever is no administrator;
  ///          text of the key, when the account is opened by one.
  Result<std::string> addAccount(const NewAccount& account);
  Status removeAccount(const std::string& name);
  /// Another key that opens this account, to be kept in the keyring of a desktop: whoever sits
  /// there then needs no passphrase. A new passphrase forgets all of them.
  ///
  /// @param desktop  names the desktop, and takes the place of an earlier key for it.
  /// @return         text of the key; NotFound for an account without a passphrase.
  Result<std::string> addDesktopKey(const std::string& desktop);
  /// One's own, or anybody's by an administrator.
  Status removeDesktopKey(const std::string& name, const std::string& desktop);
  /// Whether whoever sits here knows the passphrase of the account that opened the store: for what
  /// an unlocked desk alone should not allow.
  ///
  /// @return  CredentialWrong, which counts as a try to open the store.
  Status checkOwnPassphrase(const Secret& passphrase) const;
  /// One's own, or anybody's by an administrator.
  Status setPassphrase(const std::string& name, const Secret& passphrase,
                       const std::optional<KeyCost>& cost = {});
  /// A new one; the one before opens nothing any more.
  Result<std::string> renewRecoveryKey();

  /// Lets a second account stand in for a change: somebody else, a supervisor or an administrator,
  /// shows that it is them.
  ///
  /// @return  CredentialWrong, or OptionOutOfRange for whoever may not confirm.
  Result<std::shared_ptr<const Confirmation>> confirm(const Credential& second) const;
  /// Who may confirm what this account does; empty: nobody needs to.
  Result<std::vector<Account>> confirmers() const;

  /// What opening it found to be set right, or to be told, one sentence each: that the program had
  /// been ended in the middle, what was finished that had been broken off, a clock that was set
  /// back. Empty as a rule.
  const std::vector<std::string>& recoveries() const;

  /// Tells of what other desks do; null for a store that only one desk writes to. It ends before
  /// the store.
  std::unique_ptr<StoreFeed> listen(StoreFeed::Told told) const;

  /// Enters into the history what changes nothing in the store: exports, backups.
  Status note(const std::string& action, const AuditDetails& details) const;

  /// Looks at every page, index and link of the database, and adds up all rows anew. For tests and
  /// after a crash.
  Status check() const;

 private:
  friend class AuditTrail;
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::shared_ptr<const Vault> vault() const;
  Status putNetwork(const std::filesystem::path& file, const std::string& identity,
                    const std::string& hash);
  Status checkAdministrator() const;
  std::unique_ptr<State> m_state;
};

/// How many samples of an unencrypted store were copied or compared, of how many.
struct EncryptionProgress {
  int done = 0;
  int total = 0;
};

/// Makes the keys of a store, new or of an earlier version; what is in that one is encrypted,
/// compared with what was there before, and the unencrypted database is overwritten and deleted.
/// Cancelled or failed, the folder is as it was.
///
/// @param first  an administrator.
/// @return       OptionOutOfRange for a bad name or passphrase, AlreadyEnrolled when there are
///               keys, StoreBusy, FileNotWritable, StoreFailure.
Result<NewKeys> setUpStore(const std::filesystem::path& folder, const NewAccount& first,
                           const JobContext<EncryptionProgress>& context = {},
                           const Clock& clock = systemTime);

/// Takes the rows of a store as they are, after an opening said that another program changed them
/// and no backup is left to restore. Somebody answers for that in the history.
///
/// @return  what had been changed, in words; OptionOutOfRange for whoever is no administrator, or
///          the errors of Store::open().
Result<std::vector<std::string>> acceptStore(const std::filesystem::path& folder,
                                             const Credential& credential,
                                             const Clock& clock = systemTime);

/// Where the office's store is when none is named: below $XDG_DATA_HOME or ~/.local/share.
std::filesystem::path defaultStoreFolder();

}  // namespace countersign
