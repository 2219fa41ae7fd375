// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/storage/Accounts.h"

#include <sodium.h>
#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace countersign {

std::string_view roleName(Role role) {
  switch (role) {
    case Role::Clerk:
      return "clerk";
    case Role::Supervisor:
      return "supervisor";
    case Role::Administrator:
      return "administrator";
    case Role::Auditor:
      return "auditor";
  }
  return "";
}

std::optional<Role> roleOf(std::string_view name) {
  for (const auto role : {Role::Clerk, Role::Supervisor, Role::Administrator, Role::Auditor})
    if (roleName(role) == name) return role;
  return std::nullopt;
}

Credential withPassphrase(std::string account, Secret passphrase) {
  return {Credential::Kind::Passphrase, std::move(account),
          std::make_shared<const Secret>(std::move(passphrase))};
}

Credential withKey(Secret text) {
  return {Credential::Kind::Key, {}, std::make_shared<const Secret>(std::move(text))};
}

KeyCost calibratedKeyCost(double seconds) {
  KeyCost cost;
  constexpr std::size_t kMostMemory = std::size_t{512} << 20U;
  if (sodium_init() < 0) return cost;
  Secret key(crypto_secretbox_KEYBYTES);
  const std::array<unsigned char, crypto_pwhash_SALTBYTES> salt{};
  const auto began = std::chrono::steady_clock::now();
  if (crypto_pwhash(key.bytes().data(), key.size(), "", 0, salt.data(),
                    static_cast<unsigned long long>(cost.passes), cost.memory,
                    crypto_pwhash_ALG_ARGON2ID13) != 0)
    return cost;
  const double least =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  // The time grows with the memory.
  while (cost.memory < kMostMemory &&
         least * static_cast<double>(2 * cost.memory) / static_cast<double>(KeyCost::kLeastMemory) <
             seconds * 1.25)
    cost.memory *= 2;
  return cost;
}

Status checkPassphrase(std::string_view passphrase, std::string_view account) {
  const auto characters = std::count_if(passphrase.begin(), passphrase.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  if (characters < kFewestCharacters)
    return Error{ErrorCode::OptionOutOfRange,
                 "Take at least " + std::to_string(kFewestCharacters) +
                     " characters; four words that have nothing to do with each other are easy to "
                     "remember and hard to guess.",
                 ""};
  if (characters > kMostCharacters)
    return Error{ErrorCode::OptionOutOfRange,
                 "Take at most " + std::to_string(kMostCharacters) + " characters.", ""};
  // What stands in a list of common passwords, on a keyboard's row, or in the account's name costs
  // a guesser next to nothing, however long it is.
  const std::string name(account);
  const std::array<const char*, 3> known = {name.c_str(), "countersign", nullptr};
  constexpr double kFewestBits = 40;
  // The estimate takes time with the square of the length, and is more than enough by then.
  constexpr std::size_t kEstimated = 100;
  std::string start(passphrase.substr(0, kEstimated));
  const double bits = ZxcvbnMatch(start.c_str(), const_cast<const char**>(known.data()), nullptr);
  wipe(start);
  if (bits >= kFewestBits) return ok();
  return Error{ErrorCode::OptionOutOfRange,
               "This is among the first that somebody would try. Add a word that has nothing to do "
               "with the others.",
               ""};
}

}  // namespace countersign
