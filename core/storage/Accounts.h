// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/Clock.h"
#include "core/base/Result.h"
#include "core/base/Secret.h"

namespace countersign {

/// What somebody may do. Roles are kept by the program: everybody who can open a store has its
/// keys.
enum class Role {
  Clerk,          ///< Enrols, verifies, records.
  Supervisor,     ///< Also answers for thresholds and for who is on file.
  Administrator,  ///< Also for accounts, networks and backups.
  Auditor,        ///< Looks at everything and changes nothing.
};
std::string_view roleName(Role role);
std::optional<Role> roleOf(std::string_view name);

/// Somebody, or a script, who can open a store.
struct Account {
  std::string name;
  Role role = Role::Clerk;
  enum class Opening {
    Passphrase,
    Key,       ///< A key in a file: for scripts.
    Recovery,  ///< The key that was printed when the store was made.
    Desktop,   ///< A key in the keyring of a desktop, beside the account's passphrase.
  };
  Opening opening = Opening::Passphrase;
  std::string desktop = {};  ///< Which, when it is opened there.
};

/// What a store is opened with.
struct Credential {
  enum class Kind {
    KeyInFolder,  ///< The key that lies open in the store's folder (kOpenKeyFile), if one does.
    Passphrase,
    Key,  ///< Text of a key file, or the recovery key as it was printed.
  };
  Kind kind = Kind::KeyInFolder;
  std::string account = {};  ///< Only for a passphrase; may be empty when there is one account.
  std::shared_ptr<const Secret> secret = {};
};
Credential withPassphrase(std::string account, Secret passphrase);
Credential withKey(Secret text);

/// A store with this file in its folder opens for everybody who can read it. The sample office has
/// one; its people are invented.
inline constexpr const char* kOpenKeyFile = "open.key";

/// What it costs to try one passphrase (Argon2id, RFC 9106, one lane).
struct KeyCost {
  static constexpr int kFewestPasses = 3;
  static constexpr std::size_t kLeastMemory = std::size_t{64} << 20U;
  int passes = kFewestPasses;
  std::size_t memory = kLeastMemory;  ///< Bytes.
};
/// What takes this computer about so long, at least KeyCost{} and at most 512 MiB.
KeyCost calibratedKeyCost(double seconds = 1.0);

struct NewAccount {
  std::string name;
  Role role = Role::Administrator;
  /// None: the account is opened by a key, which is made.
  std::shared_ptr<const Secret> passphrase = {};
  std::optional<KeyCost> cost = {};  ///< calibratedKeyCost() when it is not given.
};

/// OWASP ASVS 5.0, 6.2: long enough, no rules about kinds of characters, and nothing that is tried
/// first. A sentence says what is wrong.
///
/// @param account  name, which may not be the better part of it.
Status checkPassphrase(std::string_view passphrase, std::string_view account);
inline constexpr int kFewestCharacters = 12;
inline constexpr int kMostCharacters = 256;

/// Whether an account like this can be made, as far as it can be said beforehand.
Status checkAccount(const NewAccount& account);

/// Whether a store in this folder has keys. One of an earlier version, or none at all, has not.
bool hasKeys(const std::filesystem::path& store);

/// Who can open a store, without opening it. Their names and roles are no secret.
Result<std::vector<Account>> accountsOf(const std::filesystem::path& store);

/// Keys as they are given out, once: in eight groups of four characters, with a checksum.
struct NewKeys {
  std::string recovery;
  std::string account = {};  ///< Of an account that is opened by a key.
};

/// Makes the keys of a store that has none yet; the store itself is made, or converted from an
/// earlier, unencrypted version, when it is opened.
///
/// @return  OptionOutOfRange for a bad name or passphrase, AlreadyEnrolled when there are keys,
///          FileNotWritable.
Result<NewKeys> protectStore(const std::filesystem::path& store, const NewAccount& first);

/// protectStore() for a store that opens for everybody (kOpenKeyFile).
Status protectOpenly(const std::filesystem::path& store, const std::string& account);

}  // namespace countersign
